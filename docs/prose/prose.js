// Checks the files that are named, or all that people read: the pages, and the comments and messages of src/.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { check } from "./check.js";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md"];

/** The files of a folder that end so, without what was installed. */
function below(folder, ending) {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : below(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named.map((path) => relative(ROOT, resolve(process.env.INIT_CWD ?? ".", path)))
    : [
        ...PAGES.filter((path) => existsSync(join(ROOT, path))),
        ...below("docs", ".md"),
        ...below("examples", ".md"),
        ...below(".github", ".md"),
        ...below("src", ".ts"),
      ];

let failed = 0;
for (const file of files) {
  const found = await check(file, readFileSync(join(ROOT, file), "utf8"));
  if (found.length > 0) failed += 1;
  for (const { line, message } of found) console.log(`${file}:${line}: ${message}`);
}
console.log(`${files.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;
