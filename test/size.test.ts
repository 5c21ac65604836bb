import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import builds from "../tsup.config.ts";

/** What a browser or a Worker may have to load for it, in bytes after gzip at its strongest. */
const BUDGETS: Readonly<Record<string, number>> = {
  createVerifier: 11_627,
  decodeUnverified: 1_393,
  index: 12_555,
  local: 26_404,
  stores: 5_672,
  testing: 15_203,
  fetch: 1_753,
  hono: 1_828,
  express: 1_843,
  fastify: 1_869,
  koa: 1_705,
  nest: 2_030,
  next: 1_803,
  sveltekit: 1_863,
  astro: 1_801,
  "react-router": 2_118,
  h3: 1_854,
  elysia: 1_715,
  pages: 1_749,
  upgrade: 1_831,
  checks: 3_609,
  browser: 897,
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
    // The framework that an adapter is for is there already.
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
