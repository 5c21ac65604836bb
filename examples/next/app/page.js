import { headers } from "next/headers";
import { getAccess } from "postern/next";
import { accessVerifier } from "../access.js";

// The page does not rely on the proxy: it verifies again.
export default async function Home() {
  const { access } = await getAccess(accessVerifier(), headers());
  if (access === undefined) return <p>You have no access to this page.</p>;
  const { principal } = access;
  return <p>{`${principal.kind} ${principal.email ?? principal.name}`}</p>;
}
