// The guide, the reference and the inspector as one folder, `site/`, that any static host can serve.
import { copyFile, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { layOut } from "./layout.js";
import { readMap } from "./map.js";
import { createReader } from "./markdown.js";
import { findPages } from "./pages.js";
import { writeReference } from "./reference.js";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const out = "site";
const own = "docs/site";

await rm(out, { recursive: true, force: true });
const pages = await findPages();
const read = await createReader(pages);
const map = readMap(pages);

for (const page of pages.values()) {
  const file = join(out, page.address);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, layOut({ page, map, ...read(page) }));
}
await cp("docs/img", join(out, "img"), { recursive: true });
for (const name of ["style.css", "icon.svg"]) await copyFile(join(own, name), join(out, name));
await copyFile("dist/inspector.html", join(out, "inspector.html"));
await writeReference(join(own, "typedoc.json"));
console.log(`${pages.size} pages, the reference and the inspector are in ${out}/`);
