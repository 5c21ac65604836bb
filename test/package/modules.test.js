import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { init, parse } from "es-module-lexer";
import { assertVerifies, program, project, run, tool, workbench } from "./workbench.js";

const { consumer, folder, installed } = workbench();
const NAMES = "{ createVerifier, isTokenError }";
const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
const require = createRequire(join(consumer, "package.json"));
const [esm, cjs] = await Promise.all([
  import(pathToFileURL(join(installed, manifest.exports["."].import.default)).href),
  require("postern"),
]);

test("verifies a token when it is imported", async () => {
  const folder = await project("esm", {
    "main.js": await program(`import ${NAMES} from "postern";`),
  });
  await assertVerifies(folder, process.execPath, "main.js");
});

test("verifies a token when it is required", async () => {
  const source = await program(`const ${NAMES} = require("postern");`);
  const folder = await project("cjs", { "main.cjs": source });
  await assertVerifies(folder, process.execPath, "main.cjs");
});

test("verifies a token when Deno finds it in node_modules", async () => {
  const source = await program(`import ${NAMES} from "postern";`);
  const folder = await project("deno", { "main.js": source });
  const said = await tool(
    consumer,
    "deno",
    ...["run", "--no-remote", "--node-modules-dir=manual", `--allow-read=${consumer}`],
    join(folder, "main.js"),
  );
  assert.equal(said, '["grace@example.com","signature_invalid"]\n');
});

test("needs no other package, whatever is installed", () => {
  for (const kind of ["dependencies", "bundledDependencies", "optionalDependencies"]) {
    assert.equal(manifest[kind], undefined);
  }
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
    assert.equal(manifest.peerDependenciesMeta[peer].optional, true, peer);
  }
});

test("has a command that reads a token", async () => {
  const { token } = JSON.parse(await readFile(join(folder, "sample.json"), "utf8"));
  const command = join(consumer, "node_modules", ".bin", "postern");
  assert.match(await run(consumer, command, "decode", token), /grace@example\.com/);
});

test("exports the same names as ES module and as CommonJS, from every entry", async () => {
  await init;
  for (const [path, entry] of Object.entries(manifest.exports)) {
    if (typeof entry === "string") continue;
    const [imported, required] = await Promise.all(
      [entry.import, entry.require].map((way) => readFile(join(installed, way.default), "utf8")),
    );
    const [, exports] = parse(imported);
    const names = exports.map(({ name }) => name).sort();
    assert.ok(names.length > 0, path);
    assert.deepEqual(Object.keys(evaluate(required)).sort(), names, path);
  }
});

/** A CommonJS module with a stand-in for every optional peer that it may require. */
function evaluate(source) {
  const module = { exports: {} };
  const standIn = new Proxy(class {}, { get: () => standIn, apply: () => standIn });
  const load = (name) => (isBuiltin(name) ? require(name) : standIn);
  compileFunction(source, ["module", "exports", "require"])(module, module.exports, load);
  return module.exports;
}

test("recognises an error of the other copy", async () => {
  const both = [
    [esm, cjs],
    [cjs, esm],
  ];
  for (const [raising, recognising] of both) {
    const options = { issuer: "me", audience: "you", keys: { find: async () => [] } };
    const error = await raising
      .createVerifier(options)
      .verify("a.b.c")
      .catch((reason) => reason);
    assert.ok(recognising.isTokenError(error));
    assert.ok(error instanceof recognising.TokenError);
    assert.ok(!recognising.isKeySetError(error));
    const unavailable = new raising.KeySetError("backing_off");
    assert.ok(recognising.isKeySetError(unavailable));
    assert.ok(unavailable instanceof recognising.KeySetError);
  }
});

test("recognises a key set error of the other copy", async () => {
  const find = () => Promise.reject(new cjs.KeySetError("http_status", { upstreamStatus: 500 }));
  const exp = Math.floor(Date.now() / 1000) + 60;
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "me", aud: "you", exp };
  const token = `${encode({ alg: "RS256" })}.${encode(claims)}.AAAA`;
  const verifier = esm.createVerifier({ issuer: "me", audience: "you", keys: { find } });
  const { error } = await verifier.safeVerify(token);
  assert.deepEqual([error.code, error.upstreamStatus], ["http_status", 500]);
});
