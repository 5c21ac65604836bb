// Starts the applications of roads/nest: Nest, the oldest and the newest, on Express and on Fastify.
import { cpSync } from "node:fs";
import { build } from "esbuild";
import { copyExample, startAndRead } from "./app.js";

const SOURCE = new URL("../roads/nest/", import.meta.url).pathname;

/**
 * A change to the example: without the line that guards all of HTTP, the guard itself is tested.
 */
export const BY_GUARD = ['app.use(requireAccess(verifier, { publicPaths: ["/public"] }));', ""];

/** Resolves to four processes, each with the ports of its applications. */
export async function startNest(issuer, name = "roads-nest") {
  const stacks = [false, true].map((isOldest) => startBoth(issuer, name, isOldest));
  return (await Promise.all(stacks)).flat();
}

async function startBoth(issuer, name, isOldest) {
  const folder = copyExample(undefined, name, { isOldest });
  await build({
    entryPoints: [`${SOURCE}main.ts`],
    outfile: `${folder}/main.mjs`,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  });
  cpSync(`${SOURCE}files`, `${folder}/files`, { recursive: true });
  const platforms = ["express", "fastify"];
  return Promise.all(platforms.map((platform) => startOne(issuer, folder, platform, isOldest)));
}

async function startOne(issuer, folder, PLATFORM, isOldest) {
  const hasExtras = !isOldest;
  const env = {
    TEAM_DOMAIN: issuer.url,
    POLICY_AUD: issuer.audience,
    PLATFORM,
    EXTRAS: hasExtras ? "yes" : "no",
  };
  const app = await startAndRead("node main.mjs", folder, env, /^ready (.*)\n/m);
  return {
    ...app,
    hasExtras,
    name: `${isOldest ? "the oldest" : "the newest"} Nest on ${PLATFORM}`,
    ports: JSON.parse(app.found[1]),
    at: (port) => (path) => `http://127.0.0.1:${port}${path}`,
  };
}
