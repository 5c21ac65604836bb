import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { build } from "tsup";

const SUMS = "SHA256SUMS";

// One file that needs nothing else, for places without a package manager.
const { name, version, license } = JSON.parse(await readFile("package.json", "utf8"));
const terms = (await readFile("LICENSE", "utf8")).trim().replaceAll("\n", "\n * ");
const head = `/*!
 * ${name} ${version} (${license})
 *
 * ${terms}
 */`.replaceAll(/ +$/gm, "");

await build({
  config: false,
  entry: { [`${name}.vendor`]: "src/index.ts" },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  banner: { js: head },
  dts: { banner: head },
  silent: true,
});

// In the form that `sha256sum --check` reads.
const sums = [];
for (const entry of await readdir("dist", { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (!entry.isFile() || entry.name === SUMS) continue;
  const sum = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  sums.push(`${sum}  ${relative("dist", file).replaceAll(sep, "/")}\n`);
}
// In the order of the names, which is the order of the lines without their 64 digits.
sums.sort((one, other) => (one.slice(64) < other.slice(64) ? -1 : 1));
await writeFile(join("dist", SUMS), sums.join(""));
