// The guide, the reference and the inspector as one folder, `site/`, that any static host can serve.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";
import { isKnown, site } from "./address.js";
import { writeForAssistants } from "./assistants.js";
import { frontMatter } from "./front-matter.js";
import { inspectorPage } from "./inspector.js";
import { findPages } from "./pages.js";
import { readReference } from "./reference.js";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const own = "docs/site";
const sources = join(own, ".pages");
const asItIs = join(sources, "public");

await rm(sources, { recursive: true, force: true });
const guide = await findPages();
const reference = await readReference(join(own, "typedoc.json"), join(own, "reference.md"));

for (const { place, text, path: source, ...fields } of [...guide, ...reference.pages]) {
  // The first page has a head of its own.
  const head = text.startsWith("---\n") ? "" : frontMatter({ ...fields, source });
  await write(join(sources, place), head + text);
}
await write(join(sources, "modules.json"), JSON.stringify(reference.modules));
await cp("docs/img", join(asItIs, "img"), { recursive: true });
await cp(join(own, "public"), asItIs, { recursive: true });
await write(
  join(asItIs, "inspector.html"),
  inspectorPage(await readFile("dist/inspector.html", "utf8")),
);
await writeForAssistants(asItIs, guide, reference);

await build(own);
if (!isKnown) console.log(`package.json names no "homepage": the sitemap says ${site.href}`);

async function write(file, text) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
