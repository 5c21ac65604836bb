import { readFile } from "node:fs/promises";
import { posix, relative } from "node:path";
import ts from "typescript";

const AT_THE_ROOT = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

/** Every page, by its path in the repository. */
export async function findPages() {
  // It leaves out what was installed.
  const below = ts.sys
    .readDirectory("docs", [".md"], undefined, ["**/*"])
    .map((path) => relative(".", path))
    // The site's own folder holds the reference's first page.
    .filter((path) => !path.startsWith("docs/site/"));
  const paths = [...AT_THE_ROOT, ...below.sort()];
  const found = paths.map(async (path) => {
    const text = await readFile(path, "utf8");
    return [path, { path, text, address: addressOf(path) }];
  });
  return new Map(await Promise.all(found));
}

/** `docs/` is the site's root, and a folder's README its index. */
function addressOf(path) {
  const inside = path.replace(/^docs\//, "");
  return AT_THE_ROOT.includes(path) && path !== "README.md"
    ? inside.toLowerCase().replace(/md$/, "html")
    : inside.replace(/README\.md$/, "index.md").replace(/md$/, "html");
}

/** The way from one address of the site to another. */
export function way(from, to) {
  return posix.relative(posix.dirname(from), to);
}

/** Where a page's link leads in the site. A link to what the site does not have ends the build. */
export function follow(link, page, pages) {
  if (/^(?:[a-z]+:|#)/.test(link)) return link;
  const [path, anchor] = link.split("#");
  const target = posix.join(posix.dirname(page.path), path);
  const address = pages.get(target)?.address ?? elsewhere(target);
  if (address === undefined) throw new Error(`${page.path}: the site has no ${target}`);
  return way(page.address, address) + (anchor === undefined ? "" : `#${anchor}`);
}

/** What is no page: pictures, and the folder that the inspector is built from. */
function elsewhere(target) {
  if (target.startsWith("docs/img/")) return target.slice("docs/".length);
  return target === "docs/inspector/" ? "inspector.html" : undefined;
}
