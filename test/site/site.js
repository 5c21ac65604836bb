import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parse } from "node-html-parser";

export const ROOT = join(import.meta.dirname, "..", "..");
const SITE = join(ROOT, "site");

/** Every file of the site, by its address. */
export const files = new Set(
  readdirSync(SITE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(SITE, join(entry.parentPath, entry.name))),
);

/** Every page of the site, read. */
export const pages = new Map(
  [...files]
    .filter((address) => address.endsWith(".html"))
    .map((address) => [address, read(address, readFileSync(join(SITE, address), "utf8"))]),
);

/** What a page says about itself, and where it leads. */
export function read(address, html) {
  const document = parse(html, { comment: false });
  const all = (selector, attribute) =>
    document
      .querySelectorAll(selector)
      .map((element) => decodeURI(element.getAttribute(attribute)));
  return {
    title: document.querySelector("title")?.text ?? "",
    headings: document.querySelectorAll("h1").length,
    language: document.querySelector("html")?.getAttribute("lang"),
    anchors: new Set([...all("[id]", "id"), ...all("a[name]", "name")]),
    links: all("a[href], area[href]", "href"),
    needs: [
      ...all("[src]", "src"),
      ...all("link[rel=stylesheet], link[rel=icon]", "href"),
      ...document.querySelectorAll("style").flatMap((style) => outsideIn(style.text)),
    ],
    at: (link) => posix.join(posix.dirname(address), link.split("#")[0]),
  };
}

/** What a style sheet asks for. */
export function outsideIn(css) {
  return [...css.matchAll(/url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)/g)].map(
    ([, url, other]) => url ?? other,
  );
}

/** What has to be asked of somebody else: `data:` holds what it says. */
export const isOutside = (link) => /^(?:(?!data:)[a-z][a-z0-9+.-]*:|\/\/)/i.test(link);

/** What is wrong with a link, if anything. */
export function offence(from, link) {
  if (isOutside(link)) return undefined;
  const [path, anchor] = link.split("#");
  const page = pages.get(from);
  const target = path === "" ? from : page.at(path);
  if (!files.has(target)) return `${from} leads to ${target}, which is not there`;
  if (anchor === undefined || anchor === "") return undefined;
  const found = pages.get(target);
  if (found === undefined) return `${from} leads to a part of ${target}, which is no page`;
  return found.anchors.has(anchor)
    ? undefined
    : `${from} leads to ${target}#${anchor}: no such part`;
}

/** The pages that can be reached from one by following links. */
export function reachable(start) {
  const found = new Set([start]);
  // Whoever is added while this runs is visited as well.
  for (const address of found) {
    const page = pages.get(address);
    for (const link of page.links) {
      if (isOutside(link)) continue;
      const target = link.split("#")[0] === "" ? address : page.at(link);
      if (pages.has(target)) found.add(target);
    }
  }
  return found;
}
