import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import builds from "../tsup.config.ts";

/** The most bytes that a browser or a Worker may load for it, after gzip at its strongest. */
const BUDGETS: Readonly<Record<string, number>> = {
  createVerifier: 15_650,
  decodeUnverified: 1_800,
  index: 16_750,
  local: 32_500,
  stores: 7_200,
  testing: 38_950,
  fetch: 5_050,
  hono: 2_950,
  express: 3_100,
  fastify: 3_000,
  koa: 2_800,
  guard: 40_000,
  "forward-auth": 4_050,
  nest: 4_500,
  next: 2_950,
  sveltekit: 3_250,
  astro: 2_950,
  "react-router": 3_400,
  h3: 4_250,
  elysia: 3_050,
  pages: 2_850,
  upgrade: 3_750,
  mcp: 7_600,
  checks: 5_300,
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
