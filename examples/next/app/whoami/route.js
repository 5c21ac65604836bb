import { connection } from "next/server";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access.js";

export async function GET(request) {
  // Comes first, so that a build, which has no team, does not run the rest.
  await connection();
  const { access, response } = await getAccess(accessVerifier(), request);
  return response ?? Response.json({ id: access.principal.id });
}
