import { existsSync } from "node:fs";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));
if (!existsSync(pathOf("../../dist/stores.js"))) {
  throw new Error("build the package first: npm run build");
}

const files = ["redis", "unstorage", "workers"].map((name) => pathOf(`${name}.test.mjs`));
let passed = 0;
let failed = 0;
const isSuite = ({ details, name }) => details.type === "suite" || name.endsWith(".test.mjs");

const stream = run({ files, concurrency: false, timeout: 300_000 });
stream.on("test:start", ({ name, nesting }) => {
  if (nesting === 0 && !name.endsWith(".test.mjs")) console.log(`\n${name}`);
});
stream.on("test:pass", (test) => {
  if (isSuite(test)) return;
  passed++;
  console.log(`  ✓ ${test.name}`);
});
stream.on("test:fail", (test) => {
  const { error } = test.details;
  if (error?.failureType === "subtestsFailed") return;
  failed++;
  console.log(`  ✗ ${test.name}\n`, error?.cause ?? error);
});
stream.on("test:stderr", ({ message }) => process.stderr.write(message));
for await (const _ of stream);

console.log(`\nstores: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
