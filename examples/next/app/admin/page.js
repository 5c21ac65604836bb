import { headers } from "next/headers";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access.js";

export default async function Admin() {
  const asked = await headers();
  const { access } = await getAccess(accessVerifier(), asked);
  return <p>{access ? "the admin area" : "You have no access to this page."}</p>;
}
