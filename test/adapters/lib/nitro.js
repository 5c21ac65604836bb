// Applications of Nitro's kind: built once, and started once for each line that may guard them.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { copyExample, linkPackage, run, startApp } from "./app.js";

const APPS = fileURLToPath(new URL("../roads/apps/", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../../examples/h3/nitro/", import.meta.url));
const START = { command: "node .output/server/index.mjs", preload: false };

/**
 * Lays applications over a variant and builds it.
 * @returns the folder, a function that starts it with one guarding line, and one that ends
 * everything started
 */
export async function buildNitro({ name, variant, layers, link = {}, build, env }) {
  const folder = copyExample(undefined, name, { variant });
  for (const layer of layers) cpSync(`${APPS}${layer}`, folder, { recursive: true });
  // The WebSocket that the guide shows, with its verifier.
  const server = `${folder}${variant === "nuxt" ? "/server" : ""}`;
  for (const file of ["verifier.js", "routes/chat.js"])
    cpSync(`${EXAMPLE}${file}`, `${server}/${file}`);
  for (const [alias, other] of Object.entries(link)) linkPackage(folder, alias, other);
  await run(build, folder, { env });
  const started = [];
  const start = async (line) => {
    const app = await startApp({ ...START, folder, env: { ...env, GUARD: line } });
    started.push(app);
    return { ...app, at: (path) => `${app.url}${path}` };
  };
  const close = () => Promise.all(started.map((app) => app.stop()));
  return { folder, start, close };
}
