import { headers } from "next/headers";
import { getAccess } from "postern/next";
import { accessVerifier } from "../access.js";

// With `cacheComponents`: there is nothing to show before it is known who asks.
export const instant = false;

// The page does not rely on the proxy: it verifies again. It asks for its headers first, which tells a
// build that it cannot be rendered before there is a request.
export default async function Home() {
  const asked = await headers();
  const { access } = await getAccess(accessVerifier(), asked);
  if (access === undefined) return <p>You have no access to this page.</p>;
  const { principal } = access;
  return <p>{`${principal.kind} ${principal.email ?? principal.name}`}</p>;
}
