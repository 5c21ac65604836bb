// Type-checks the adapters against the real packages, and every TypeScript block of the two guides.
import { spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));
// Inside node_modules, so that the packages are found and nothing is committed.
const folder = pathOf("node_modules/.guide");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const files = [pathOf("types.mts")];
for (const guide of ["stores", "events"]) {
  const text = await readFile(pathOf(`../../docs/guide/${guide}.md`), "utf8");
  for (const [at, block] of [...text.matchAll(/^```ts\n(.*?)^```$/gms)].entries()) {
    const file = `${folder}/${guide}-${at + 1}.mts`;
    await writeFile(file, `${block[1]}export {};\n`);
    files.push(file);
  }
}

const project = pathOf("node_modules/.guide/tsconfig.json");
const compilerOptions = { types: ["node", "@cloudflare/workers-types"], lib: ["ES2022"] };
await writeFile(
  project,
  JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, files }),
);
const tsc = pathOf("../../node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
console.log(`types: ${files.length} files ${status === 0 ? "check" : "do not check"}`);
process.exitCode = status ?? 1;
