import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { posix, relative } from "node:path";
import ts from "typescript";
import { repository } from "./address.js";
import { describe } from "./describe.js";
import { outsideCode } from "./outside-code.js";
import { AT_THE_ROOT, HOME, placeOf } from "./place.js";

/** The folder that the inspector is built from is no page, and the inspector is one file. */
const ELSEWHERE = new Map([["docs/inspector/", "/inspector.html"]]);

/** Every page: its path in the repository, its place in the site, its text with links that fit there. */
export async function findPages() {
  // It leaves out what was installed, and folders whose names begin with a dot.
  const below = ts.sys
    .readDirectory("docs", [".md"], undefined, ["**/*"])
    .map((path) => relative(".", path))
    .filter((path) => !path.startsWith("docs/site/") || path === HOME);
  const places = new Map([...AT_THE_ROOT, ...below.sort()].map((path) => [path, placeOf(path)]));
  return Promise.all(
    [...places].map(async ([path, place]) => {
      const text = relink(await readFile(path, "utf8"), (link) => follow(link, path, places));
      return { path, place, text, ...describe(text) };
    }),
  );
}

/** A link's words and its target. */
const LINK = /(?<!!)\[([^[\]]+)\]\(([^)\s]+)\)/g;
/** Where Markdown and HTML name another file. */
const TARGET = /(\]\(|\b(?:href|src|srcset)="|^\[[^\]]+\]: +)([^)\s"]+)/gm;

/** The text with other targets. Code stays, and a link without a target becomes its words. */
export function relink(text, targetOf) {
  return outsideCode(text, (prose) =>
    prose
      .replace(LINK, (link, words, target) => (targetOf(target) === undefined ? words : link))
      .replace(TARGET, (_, before, target) => before + (targetOf(target) ?? target)),
  );
}

/** Where a page's link leads in the site. A link to what is not there ends the build. */
function follow(link, path, places) {
  if (/^(?:[a-z][a-z+.-]*:|#|\/)/i.test(link)) return link;
  const [file, anchor] = link.split("#");
  const target = posix.join(posix.dirname(path), file);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (ELSEWHERE.has(target)) return ELSEWHERE.get(target);
  const place = places.get(target) ?? places.get(posix.join(target, "README.md"));
  if (place !== undefined) return way(placeOf(path), place) + hash;
  if (!existsSync(target)) throw new Error(`${path}: there is no ${target}`);
  if (target.startsWith("docs/img/")) return target.slice("docs".length);
  return repository === undefined ? undefined : `${repository}/blob/main/${target}${hash}`;
}

function way(from, to) {
  return posix.relative(posix.dirname(from), to);
}
