import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

/** A module without type checks, by its path from the root. */
const load = (path: string) => import(new URL(`../../${path}`, import.meta.url).href);
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

describe("a generated page", () => {
  test.each([
    ["performance", "bench/results.js", "bench/results.json"],
    ["fleet", "bench/fleet/results.js", "bench/fleet/results.json"],
    ["soak", "test/soak/page.js", "test/soak/results.json"],
    ["mutation", "test/mutation/page.js", "test/mutation/results.json"],
    ["model", "test/model/render.js", "test/model/results.json"],
  ])("docs/%s.md is what %s writes from %s", async (page, writer, results) => {
    const { pageOf } = await load(writer);
    expect(readFileSync(`docs/${page}.md`, "utf8")).toBe(pageOf(json(results)));
  });
});

interface Promised {
  readonly text: string;
  readonly files?: readonly string[];
  readonly functions?: Readonly<Record<string, readonly string[]>>;
}

describe("the bytes of each feature", async () => {
  const { PROMISES }: { PROMISES: readonly Promised[] } = await load("bench/promises.js");
  const { metafile } = await build({
    stdin: { contents: 'export { createVerifier } from "./src/index.ts"', resolveDir: "." },
    bundle: true,
    packages: "external",
    platform: "browser",
    format: "esm",
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(metafile.inputs);

  test.each(PROMISES)("$text: its code is in createVerifier", (promise) => {
    const { files = [], functions = {} } = promise;
    const named = [...files, ...Object.keys(functions)];
    expect(named).not.toEqual([]);
    expect(inputs).toEqual(expect.arrayContaining(named));
    for (const [file, names] of Object.entries(functions)) {
      const source = readFileSync(file, "utf8");
      for (const name of names) expect(source).toMatch(new RegExp(`function ${name}[(<]`));
    }
  });
});
