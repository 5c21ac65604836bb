import { headers } from "next/headers";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access.js";

export default async function Guarded() {
  const { access } = await getAccess(accessVerifier(), await headers());
  return <p>{access ? "the guarded page" : "no access"}</p>;
}
