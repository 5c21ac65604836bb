import { createHash } from "node:crypto";
import { getAccess } from "postern/next";
import { accessVerifier } from "../../access";

export async function POST(request) {
  const { response } = await getAccess(accessVerifier(), request);
  if (response !== undefined) return response;
  // The guard has not read the body, so it can be streamed.
  const hash = createHash("sha256");
  for await (const chunk of request.body) hash.update(chunk);
  return new Response(hash.digest("hex"));
}
