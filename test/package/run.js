import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { prepareWorkbench, workbench } from "./workbench.js";

// Generous: on two idle processors the longest takes a minute.
const FILE_LIMIT_MS = 900_000;
const here = import.meta.dirname;
const names = process.argv.slice(2);
const files = readdirSync(here)
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => names.length === 0 || names.some((name) => file.startsWith(name)))
  .map((file) => join(here, file));

const counts = { passed: 0, failed: 0 };
try {
  await prepareWorkbench();
  const stream = run({ files, concurrency: 2, timeout: FILE_LIMIT_MS });
  // A suite is reported as a test too, and so is a file that crashed or took too long.
  const count = (name) => (data) => {
    if (data.details.type !== "suite" || files.includes(data.name)) counts[name]++;
  };
  stream.on("test:pass", count("passed")).on("test:fail", count("failed"));
  for await (const text of stream.compose(spec)) process.stdout.write(text);
} finally {
  await rm(workbench().folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
