import { createHash } from "node:crypto";

// The guard has not read the body, so it can be streamed.
export async function onRequestPost({ request }) {
  const hash = createHash("sha256");
  for await (const chunk of request.body) hash.update(chunk);
  return new Response(hash.digest("hex"));
}
