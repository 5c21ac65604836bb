import { headers } from "next/headers";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access.js";

// With `cacheComponents`: there is nothing to show before it is known who asks.
export const instant = false;

export default async function Admin() {
  const asked = await headers();
  const { access } = await getAccess(accessVerifier(), asked);
  return <p>{access ? "the admin area" : "You have no access to this page."}</p>;
}
