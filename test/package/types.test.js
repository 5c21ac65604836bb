import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fixture, plainEntries, project, run, tool, workbench } from "./workbench.js";

const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
};
const LOOSE = { strict: false };

/** Each runtime's own types, without those of another. */
const ambients = {
  dom: { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] },
  node: { lib: ["ES2022"], types: ["@types/node"] },
  workers: { lib: ["ES2022"], types: ["@cloudflare/workers-types"] },
  bun: { lib: ["ESNext"], types: ["@types/bun"] },
};
const resolutions = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "Bundler", verbatimModuleSyntax: true },
  node10: { module: "CommonJS", moduleResolution: "Node10" },
};
const everyAmbient = Object.keys(ambients);

/** The oldest compiler, the last one that knows `node10`, and the newest. */
const compilers = [
  { compiler: "5.0", strictness: { STRICT }, matrix: { nodenext: ["dom"], node10: ["dom"] } },
  {
    compiler: "5",
    strictness: { STRICT },
    matrix: { nodenext: ["dom", "node"], bundler: ["dom"], node10: everyAmbient },
  },
  {
    compiler: "7",
    strictness: { STRICT, LOOSE },
    matrix: { nodenext: everyAmbient, bundler: everyAmbient },
  },
];

describe("the declarations", { concurrency: 2 }, () => {
  for (const { compiler, strictness, matrix } of compilers) {
    for (const [resolution, known] of Object.entries(matrix)) {
      for (const ambient of known) {
        for (const [name, options] of Object.entries(strictness)) {
          const where = [resolution, ambient, name.toLowerCase()].join(", ");
          test(`type-check under TypeScript ${compiler}: ${where}`, () =>
            check(compiler, resolution, ambient, options));
        }
      }
    }
  }
});

describe("the entries below the root", { concurrency: 2 }, () => {
  for (const { compiler, matrix } of compilers) {
    for (const [resolution, known] of Object.entries(matrix)) {
      for (const ambient of known) {
        const where = `${resolution}, ${ambient}`;
        test(`type-check under TypeScript ${compiler}: ${where}`, async () => {
          const entries = await plainEntries();
          assert.ok(entries.includes("postern"));
          const line = (entry, at) => `export * as entry${at} from "${entry}";\n`;
          const { lib, types } = ambients[ambient];
          const options = { ...resolutions[resolution], ...STRICT, lib, types };
          const files = { "main.ts": entries.map(line).join("") };
          const name = `entries-${compiler}-${resolution}-${ambient}`;
          await compileFiles(compiler, name, files, options, types);
        });
      }
    }
  }
});

test("has types below the root in a CommonJS project, which then runs", async () => {
  const source = await fixture("commonjs.ts");
  const options = { ...resolutions.node10, ...STRICT, ...ambients.node };
  const emitted = { ...options, noEmit: false, outDir: "out", esModuleInterop: true };
  const files = { "main.ts": source, "package.json": "{}\n" };
  const folder = await compileFiles(5, "commonjs", files, emitted, options.types);
  assert.equal(await run(folder, process.execPath, "out/main.js"), "401 ada@example.com\n");
});

test("has classes that are compatible between the declarations of both copies", async () => {
  const options = { ...resolutions.nodenext, ...STRICT, lib: ["ES2022", "DOM"], types: [] };
  const sources = { "main.mts": "both-copies.ts", "esm.mts": "copy.ts", "cjs.cts": "copy.ts" };
  for (const compiler of [5, 7]) {
    await compile(compiler, `both-copies-${compiler}`, sources, options, []);
  }
});

test("type-checks under Deno", async () => {
  const files = { "main.ts": await fixture("any-runtime.ts"), "deno.ts": await fixture("deno.ts") };
  const folder = await project("types-deno", files);
  const paths = Object.keys(files).map((file) => join(folder, file));
  await tool(
    workbench().consumer,
    "deno",
    ...["check", "--all", "--node-modules-dir=manual"],
    ...paths,
  );
});

/** One project with the common program and the program of one runtime. */
async function check(compiler, resolution, ambient, strictness) {
  const { lib, types } = ambients[ambient];
  const options = { ...resolutions[resolution], ...strictness, lib, types };
  // When the file name decides the module system, both are checked.
  const sources =
    resolution === "nodenext"
      ? { "main.mts": "any-runtime.ts", "main.cts": "any-runtime.ts", "own.mts": `${ambient}.ts` }
      : { "main.ts": "any-runtime.ts", "own.ts": `${ambient}.ts` };
  const name = ["types", compiler, resolution, ambient, strictness.strict].join("-");
  await compile(compiler, name, sources, options, types);
}

/** Type-checks one project, the declarations of the package included. */
async function compile(compiler, name, sources, options, packages) {
  const files = {};
  for (const [file, source] of Object.entries(sources)) files[file] = await fixture(source);
  await compileFiles(compiler, name, files, options, packages);
}

async function compileFiles(compiler, name, sources, options, packages) {
  const files = { ...sources };
  const compilerOptions = { target: "ES2022", noEmit: true, skipLibCheck: false, ...options };
  const names = compilerOptions.types.map((type) => type.replace("@types/", ""));
  const tsconfig = {
    compilerOptions: { ...compilerOptions, types: names },
    files: Object.keys(files).filter((file) => /\.[cm]?ts$/.test(file)),
  };
  files["tsconfig.json"] = JSON.stringify(tsconfig);
  const folder = await project(name, files, packages);
  const tsc = join(import.meta.dirname, "node_modules", `typescript-${compiler}`, "bin", "tsc");
  await run(folder, process.execPath, tsc, "--project", folder);
  return folder;
}
