import { headers } from "next/headers";
import { connection } from "next/server";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access";

export const instant = false;

export default async function Admin() {
  await connection();
  const { access } = await getAccess(accessVerifier(), headers());
  return <p>{access ? "the admin area" : "You have no access to this page."}</p>;
}
