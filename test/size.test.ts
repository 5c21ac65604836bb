import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import builds from "../tsup.config.ts";

/** The most bytes that a browser or a Worker may load for it, after gzip at its strongest. */
const BUDGETS: Readonly<Record<string, number>> = {
  createVerifier: 15_550,
  decodeUnverified: 1_750,
  index: 16_600,
  local: 32_300,
  stores: 7_150,
  testing: 33_200,
  fetch: 4_950,
  hono: 2_800,
  express: 2_950,
  fastify: 2_900,
  koa: 2_700,
  guard: 40_000,
  "forward-auth": 4_000,
  nest: 4_400,
  next: 2_850,
  sveltekit: 3_150,
  astro: 2_850,
  "react-router": 3_300,
  h3: 4_100,
  elysia: 3_000,
  pages: 2_750,
  upgrade: 3_650,
  mcp: 7_450,
  checks: 5_100,
  browser: 1_800,
};

const entries = builds[0]?.entry as Readonly<Record<string, string>>;

async function gzipBytes(name: string): Promise<number> {
  const file = entries[name];
  const { outputFiles } = await build({
    stdin: {
      contents: file ? `export * from "./${file}"` : `export { ${name} } from "./src/index.ts"`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    // The framework of an adapter is already loaded.
    packages: "external",
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error("esbuild made no bundle");
  return gzipSync(bundle.contents, { level: 9 }).length;
}

test("has a budget for every entry", () => {
  expect(Object.keys(BUDGETS)).toEqual(expect.arrayContaining(Object.keys(entries)));
});

test.each(Object.entries(BUDGETS))(
  "keeps the bundle of %s within %i bytes",
  async (name, budget) => {
    expect(await gzipBytes(name)).toBeLessThanOrEqual(budget);
  },
);
