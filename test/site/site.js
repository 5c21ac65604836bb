import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parse } from "node-html-parser";

export const ROOT = join(import.meta.dirname, "..", "..");
export const SITE = join(ROOT, "site");

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

/** A page's facts about itself, and its links. */
export function read(address, html) {
  const document = parse(html, { comment: false });
  const all = (selector, attribute) =>
    document
      .querySelectorAll(selector)
      .map((element) => decodeURI(element.getAttribute(attribute)));
  const meta = (name) =>
    document
      .querySelector(`meta[name="${name}"], meta[property="${name}"]`)
      ?.getAttribute("content") ?? "";
  return {
    title: document.querySelector("title")?.text ?? "",
    description: meta("description"),
    preview: ["og:title", "og:description", "og:url", "og:image"].map(meta),
    text: document.querySelector("main, .VPContent, body")?.text ?? "",
    headings: document.querySelectorAll("h1").length,
    language: document.querySelector("html")?.getAttribute("lang"),
    anchors: new Set([...all("[id]", "id"), ...all("a[name]", "name")]),
    links: all("a[href], area[href]", "href"),
    emptyHeaders: document.querySelectorAll("th").filter(({ text }) => text.trim() === "").length,
    tables: all(".table", "aria-label"),
    needs: [
      ...all("[src]", "src"),
      ...all('link[rel~="stylesheet"], link[rel=icon], link[rel=preload]', "href"),
      ...document.querySelectorAll("style").flatMap((style) => outsideIn(style.text)),
    ],
    at: (link) => placeOf(address, link),
  };
}

/** The file that a link of a page leads to. A folder means its index. */
function placeOf(from, link) {
  const [path] = link.split(/[#?]/);
  const place = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  return place === "" || place === "." || place.endsWith("/")
    ? posix.join(place, "index.html")
    : place;
}

/** The requests of a style sheet. */
export function outsideIn(css) {
  return [...css.matchAll(/url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)/g)].map(
    ([, url, other]) => url ?? other,
  );
}

/** What is requested from a server: `data:` needs no request. */
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
  // A page that is added during the loop is visited as well.
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
