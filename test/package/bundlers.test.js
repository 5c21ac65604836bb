import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";
import { assertVerifies, program, project } from "./workbench.js";

const IMPORT = 'import { createVerifier, isTokenError } from "postern";';
const node = process.execPath;

/** A project with one program to be bundled. */
const entry = async (name) => {
  const folder = await project(name, { "main.js": await program(IMPORT) });
  return { folder, main: join(folder, "main.js") };
};

for (const platform of ["browser", "node", "neutral"]) {
  for (const format of ["esm", "cjs", "iife"]) {
    test(`verifies a token in ${format} by esbuild for ${platform}`, async () => {
      const { folder, main } = await entry(`esbuild-${platform}-${format}`);
      const outfile = join(folder, "out", format === "esm" ? "out.mjs" : "out.cjs");
      const options = { entryPoints: [main], bundle: true, minify: true, logLevel: "silent" };
      const { warnings } = await esbuild.build({ ...options, platform, format, outfile });
      assert.deepEqual(warnings, []);
      await assertVerifies(folder, node, outfile);
    });
  }
}

for (const format of ["es", "cjs", "iife"]) {
  test(`verifies a token in ${format} by Rollup`, async () => {
    const { folder, main } = await entry(`rollup-${format}`);
    const file = join(folder, "out", format === "es" ? "out.mjs" : "out.cjs");
    const warnings = [];
    const onLog = (_, { message }) => warnings.push(message);
    const bundle = await rollup({ input: main, plugins: [nodeResolve()], onLog });
    await bundle.write({ file, format });
    await bundle.close();
    assert.deepEqual(warnings, []);
    await assertVerifies(folder, node, file);
  });
}

for (const target of ["web", "node"]) {
  test(`verifies a token in a webpack bundle for ${target}`, async () => {
    const { folder, main } = await entry(`webpack-${target}`);
    const output = { path: join(folder, "out"), filename: "out.cjs" };
    const compiler = webpack({ mode: "production", context: folder, entry: main, target, output });
    const stats = await promisify(compiler.run.bind(compiler))();
    await promisify(compiler.close.bind(compiler))();
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    assert.deepEqual([errors, warnings], [[], []]);
    await assertVerifies(folder, node, join(folder, "out", "out.cjs"));
  });
}

for (const ssr of [false, true]) {
  test(`verifies a token in a Vite build for a ${ssr ? "server" : "page"}`, async () => {
    const { folder, main } = await entry(`vite-${ssr}`);
    const warnings = [];
    const customLogger = quiet(warnings);
    await vite({
      root: folder,
      configFile: false,
      customLogger,
      ssr: { noExternal: true },
      build: {
        ssr,
        outDir: "out",
        rollupOptions: { input: main, output: { entryFileNames: "out.mjs" } },
      },
    });
    assert.deepEqual(warnings, []);
    await assertVerifies(folder, node, join(folder, "out", "out.mjs"));
  });
}

test("leaves almost nothing in a bundle that does not use it", async () => {
  const folder = await project("unused", { "main.js": 'import "postern";\n' });
  const outfile = join(folder, "out.js");
  const options = { bundle: true, format: "esm", logLevel: "silent", outfile };
  const entryPoints = [join(folder, "main.js")];
  // The bundler may say that it left the import out, which is right here.
  await esbuild.build({ ...options, entryPoints });
  assert.ok((await stat(outfile)).size < 200);
});

function quiet(warnings) {
  const warn = (message) => void warnings.push(message);
  return {
    hasWarned: false,
    info() {},
    clearScreen() {},
    hasErrorLogged: () => false,
    warn,
    warnOnce: warn,
    error: warn,
  };
}
