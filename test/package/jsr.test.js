import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { init, parse } from "es-module-lexer";
import { declarationsOf, fixture, program, project, tool, workbench } from "./workbench.js";

const [build] = workbench().builds;
const [jsr, manifest] = await Promise.all(
  ["jsr.json", "package.json"].map(async (file) =>
    JSON.parse(await readFile(join(build, file), "utf8")),
  ),
);
const source = pathToFileURL(join(build, "src", "index.ts")).href;

test("has the same version and licence on JSR as on npm", () => {
  assert.deepEqual([jsr.version, jsr.license], [manifest.version, manifest.license]);
});

test("has every entry on JSR that needs no framework, in types or at run time", async () => {
  await init;
  const expected = [];
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const [imports] = parse(await readFile(join(build, target.import.default), "utf8"));
    const needed = [
      // `import.meta` is listed without one.
      ...imports.flatMap(({ specifier }) => specifier ?? []),
      ...(await declarationsOf(posix.normalize(target.import.types))),
    ];
    if (needed.every((name) => name.startsWith("node:") || name.startsWith("dist/"))) {
      expected.push(entry);
    }
  }
  assert.deepEqual(Object.keys(jsr.exports).sort(), expected.sort());
  for (const path of Object.values(jsr.exports)) assert.ok(existsSync(join(build, path)), path);
});

test("can be published to JSR, without slow types", async () => {
  // It reports on standard error.
  await tool(build, "deno", "publish", "--dry-run", "--allow-dirty", "--quiet");
});

test("can be imported by Deno as source", async () => {
  const types = (await fixture("any-runtime.ts")).replace('from "postern"', `from "${source}"`);
  const importLine = `import { createVerifier, isTokenError } from "${source}";`;
  const folder = await project("source", {
    "types.ts": types,
    "main.js": await program(importLine),
    "deno.json": "{}\n",
  });
  await tool(folder, "deno", "check", "--no-lock", "types.ts");
  const said = await tool(folder, "deno", "run", "--no-lock", "--no-prompt", "main.js");
  assert.equal(said, '["grace@example.com","signature_invalid"]\n');
});
