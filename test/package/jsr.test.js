import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { init, parse } from "es-module-lexer";
import { fixture, program, project, tool, workbench } from "./workbench.js";

const [build] = workbench().builds;
const [jsr, manifest] = await Promise.all(
  ["jsr.json", "package.json"].map(async (file) =>
    JSON.parse(await readFile(join(build, file), "utf8")),
  ),
);
const source = pathToFileURL(join(build, "src", "index.ts")).href;

test("tells JSR the version and the licence that it tells npm", () => {
  assert.deepEqual([jsr.version, jsr.license], [manifest.version, manifest.license]);
});

test("has every entry on JSR whose code needs nobody else's", async () => {
  await init;
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const [imports] = parse(await readFile(join(build, target.import.default), "utf8"));
    if (imports.length === 0) assert.ok(entry in jsr.exports, `${entry} is on JSR`);
  }
  for (const [entry, path] of Object.entries(jsr.exports)) {
    assert.ok(entry in manifest.exports, `${entry} is on npm`);
    assert.ok(existsSync(join(build, path)), path);
  }
});

test("can be published to JSR, without slow types", async () => {
  // It says what it does on standard error.
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
