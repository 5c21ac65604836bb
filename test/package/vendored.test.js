import assert from "node:assert/strict";
import { appendFile, copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { init, parse } from "es-module-lexer";
import {
  assertVerifies,
  fixture,
  program,
  project,
  root,
  run,
  tool,
  workbench,
} from "./workbench.js";

const { installed } = workbench();
const dist = join(installed, "dist");
const read = (file) => readFile(join(dist, file), "utf8");
const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));

/** A project with the two files and nothing else. */
async function vendoredProject(name, files) {
  const folder = await project(name, files);
  await mkdir(join(folder, "vendor"), { recursive: true });
  for (const file of ["postern.vendor.js", "postern.vendor.d.ts"]) {
    await copyFile(join(dist, file), join(folder, "vendor", file));
  }
  return folder;
}

test("is the whole library", async () => {
  const [vendored, entry] = await Promise.all(
    ["postern.vendor.js", "index.js"].map((file) => import(pathToFileURL(join(dist, file)).href)),
  );
  assert.deepEqual(Object.keys(vendored), Object.keys(entry));
});

test("has its version and its licence in its head", async () => {
  const licence = (await readFile(join(installed, "LICENSE"), "utf8")).trim().split("\n");
  for (const file of ["postern.vendor.js", "postern.vendor.d.ts"]) {
    const [head] = (await read(file)).split("*/");
    assert.ok(head.startsWith(`/*!\n * postern ${version} (MIT)\n`), file);
    for (const line of licence) assert.ok(head.includes(line), `${file}: ${line}`);
  }
});

test("imports nothing, and builds no code from strings", async () => {
  const source = await read("postern.vendor.js");
  await init;
  const [imports] = parse(source);
  assert.deepEqual(imports, []);
  const code = source.slice(source.indexOf("*/"));
  assert.doesNotMatch(code, /\b(?:eval|Function|require|importScripts)\s*\(/);
  assert.doesNotMatch(code, /\bWebAssembly\b|\bsourceMappingURL\b/);
});

test("can be read: it is not minified", async () => {
  const lines = (await read("postern.vendor.js")).split("\n");
  assert.ok(lines.length > 500);
  assert.ok(Math.max(...lines.map(({ length }) => length)) < 400);
});

test("has declarations that need no other file", async () => {
  const declarations = (await read("postern.vendor.d.ts")).replaceAll(/\/\*.*?\*\//gs, "");
  assert.doesNotMatch(declarations, /\bimport\b|\bfrom\b|<reference/);
  const source = (await fixture("any-runtime.ts")).replace(
    'from "postern"',
    'from "./vendor/postern.vendor.js"',
  );
  const options = { target: "ES2022", module: "NodeNext", strict: true, skipLibCheck: false };
  const compilerOptions = { ...options, noEmit: true, lib: ["ES2022", "DOM"], types: [] };
  const folder = await vendoredProject("vendored-types", {
    "main.ts": source,
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["main.ts"] }),
  });
  const tsc = join(import.meta.dirname, "node_modules", "typescript-5", "bin", "tsc");
  await run(folder, process.execPath, tsc, "--project", folder);
});

test("verifies a token on its own", async () => {
  const importLine = 'import { createVerifier, isTokenError } from "./vendor/postern.vendor.js";';
  const folder = await vendoredProject("vendored", { "main.js": await program(importLine) });
  await assertVerifies(folder, process.execPath, "main.js");
  const said = await tool(
    folder,
    "deno",
    "run",
    "--no-remote",
    "--no-prompt",
    "--allow-net",
    "main.js",
  );
  assert.equal(said, '["grace@example.com","signature_invalid"]\n');
});

test("is copied and checked by the recipe of its guide", async () => {
  const guide = await readFile(join(root, "docs", "guide", "vendoring.md"), "utf8");
  const recipes = [...guide.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands);
  // The first command makes the tarball, which exists already.
  const [, take, check] = recipes;
  assert.equal(recipes.length, 3);
  const folder = await project("recipe", {});
  await copyFile(workbench().tarballs[0], join(folder, `postern-${version}.tgz`));
  await run(folder, "sh", "-euc", take);
  await run(folder, "sh", "-euc", check);
  const vendored = join(folder, "vendor", "postern");
  assert.deepEqual((await readdir(vendored)).sort(), [
    "SHA256SUMS",
    "postern.vendor.d.ts",
    "postern.vendor.js",
  ]);
  await appendFile(join(vendored, "postern.vendor.js"), "\n");
  await assert.rejects(run(folder, "sh", "-euc", check), /postern\.vendor\.js: FAILED/);
});
