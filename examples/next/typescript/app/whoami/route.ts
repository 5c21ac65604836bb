import { connection } from "next/server";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access";

export async function GET(request: Request) {
  await connection();
  const { access, response } = await getAccess(accessVerifier(), request);
  return response ?? Response.json(access.principal);
}
