import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** What may be loaded for each import, in bytes: bundled, minified, gzip at its strongest. */
const BUDGETS: Readonly<Record<string, number>> = {
  'export { createVerifier } from "./src/index.ts";': 11_600,
  'export { decodeUnverified } from "./src/index.ts";': 1_450,
  'export * from "./src/index.ts";': 12_500,
};

async function gzipBytes(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    packages: "external",
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error("esbuild made no bundle");
  return gzipSync(bundle.contents, { level: 9 }).length;
}

for (const [source, budget] of Object.entries(BUDGETS)) {
  test(`keeps to ${budget} bytes: ${source}`, async () => {
    expect(await gzipBytes(source)).toBeLessThanOrEqual(budget);
  });
}
