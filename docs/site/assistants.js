import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { site } from "./address.js";
import { GROUPS } from "./sidebar.js";

/** What programs read: each page as Markdown beside its HTML, a list of them, and the guide in one file. */
export async function writeForAssistants(folder, guide, { pages, modules }) {
  const byPath = new Map(guide.map((page) => [page.path, page]));
  const groups = GROUPS.map(({ text, pages }) => ({
    text,
    pages: pages.map(([, path]) => byPath.get(path)).filter((page) => page !== undefined),
  }));
  const readme = byPath.get("README.md");
  const files = new Map([...guide, ...pages].map(({ place, text }) => [place, based(text)]));
  // The first page has the README's text: both are in the same folder.
  files.set("index.md", based(readme.text));
  files.set("llms.txt", list(readme, groups, modules));
  files.set(
    "llms-full.txt",
    groups.flatMap(({ pages }) => pages.map(({ text }) => based(text).trim())).join("\n\n---\n\n"),
  );
  for (const [place, text] of files) {
    const file = join(folder, place);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** The form that llmstxt.org describes. */
function list(readme, groups, modules) {
  const line = (name, place, about) => `- [${name}](${new URL(place, site)}): ${about}`;
  const sections = [
    ...groups.map(({ text, pages }) => [
      text,
      pages.map(({ title, place, description }) => line(title, place, description)),
    ]),
    ["API reference", modules.map(({ name, place, about }) => line(name, `api/${place}`, about))],
  ];
  const text = sections.map(([name, lines]) => `\n## ${name}\n\n${lines.join("\n")}\n`);
  return `# postern\n\n> ${readme.description}\n${text.join("")}`;
}

/** Addresses from the site's root, where the site is in a folder. */
function based(text) {
  return text.replaceAll("](/", `](${site.pathname}`);
}
