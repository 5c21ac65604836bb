import { createHash } from "node:crypto";
import { defineEventHandler } from "h3";

export default defineEventHandler(async (event) => {
  const hash = createHash("sha256");
  for await (const chunk of event.node.req) hash.update(chunk);
  return hash.digest("hex");
});
