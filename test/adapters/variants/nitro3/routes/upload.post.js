import { createHash } from "node:crypto";
import { defineHandler } from "nitro/h3";

export default defineHandler(async (event) => {
  const hash = createHash("sha256");
  for await (const chunk of event.req.body) hash.update(chunk);
  return hash.digest("hex");
});
