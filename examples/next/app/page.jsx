import { headers } from "next/headers";
import { connection } from "next/server";
import { getAccess } from "postern/next";
import { accessVerifier } from "../access";

// The page has nothing to show before the request is verified.
export const instant = false;

export default async function Home() {
  await connection();
  const { access } = await getAccess(accessVerifier(), headers());
  if (access === undefined) return <p>You have no access to this page.</p>;
  const { principal } = access;
  return (
    <p>{`${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`}</p>
  );
}
