import MarkdownIt from "markdown-it";
import { way } from "./pages.js";

const { escapeHtml } = new MarkdownIt().utils;

/** The places that every page leads to. */
const PLACES = [
  ["Guide", "guide/index.html"],
  ["Errors", "errors.html"],
  ["API", "api/index.html"],
  ["Inspector", "inspector.html"],
];

/** Where a newcomer goes from the first page. */
const DOORS = [
  ["Get started", "guide/getting-started.html", "Ten minutes, from nothing to a guarded door."],
  ["Your framework", "guide/frameworks/index.html", "One import and one line for each."],
  ["API reference", "api/index.html", "Every function, option and type, with examples."],
  ["Token inspector", "inspector.html", "Why is this token refused? Nothing leaves the page."],
];

/** A page of the site, whole. It needs no script. */
export function layOut({ page, map, title, about, headings, html }) {
  const to = (address) => way(page.address, address);
  const isHome = page.address === "index.html";
  const body = isHome ? withDoors(html, to) : html;
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${escapeHtml(about)}">
<title>${isHome ? "postern" : `${escapeHtml(title)} · postern`}</title>
<link rel="icon" href="${to("icon.svg")}">
<link rel="stylesheet" href="${to("style.css")}">
</head>
<body>
<a class="skip" href="#text">To the text</a>
<header>
<a class="brand" href="${to("index.html")}"><img src="${to("icon.svg")}" alt="" width="24" height="24">postern</a>
<nav aria-label="Places">${PLACES.map(([name, address]) => link({ name, address }, page, to)).join("")}<a class="to-map" href="#map">All pages</a></nav>
</header>
<div class="house">
<main id="text">
<article>
${body}</article>
${neighbours(page, map, to)}
</main>
${contents(headings)}
<nav class="map" id="map" aria-label="All pages">
${map.map((group) => groupOf(group, page, to)).join("\n")}
</nav>
</div>
<footer><a href="${to("changelog.html")}">Changes</a><a href="${to("security.html")}">Reporting a hole</a><a href="${to("contributing.html")}">Contributing</a><span>MIT licence</span></footer>
</body>
</html>
`;
}

function link({ name, address }, page, to) {
  const here = address === page.address ? ' aria-current="page"' : "";
  return `<a href="${to(address)}"${here}>${escapeHtml(name)}</a>`;
}

function groupOf({ name, entries }, page, to) {
  const items = entries.map((entry) => {
    const isOpen = entry.page === page || entry.below.some((below) => below.page === page);
    const below = isOpen ? listOf(entry.below, page, to) : "";
    return `<li>${linkTo(entry, page, to)}${below}</li>`;
  });
  return `<h2>${escapeHtml(name)}</h2>\n<ul>${items.join("")}</ul>`;
}

function listOf(entries, page, to) {
  if (entries.length === 0) return "";
  return `<ul>${entries.map((entry) => `<li>${linkTo(entry, page, to)}</li>`).join("")}</ul>`;
}

function linkTo({ name, page: { address } }, page, to) {
  return link({ name, address }, page, to);
}

/** What a long page holds. */
function contents(headings) {
  const shown = headings.filter(({ level }) => level <= 3);
  if (shown.length < 3) return "";
  const items = shown.map(
    ({ level, text, anchor }) =>
      `<li class="level-${level}"><a href="#${anchor}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${items.join("")}</ul></nav>`;
}

/** The pages before and after, in the order of the map. */
function neighbours(page, map, to) {
  const all = map.flatMap(({ entries }) => entries.flatMap((entry) => [entry, ...entry.below]));
  const at = all.findIndex((entry) => entry.page === page);
  if (at === -1) return "";
  const before = all[at - 1];
  const after = all[at + 1];
  const side = (entry, word) =>
    entry === undefined
      ? "<span></span>"
      : `<a rel="${word}" href="${to(entry.page.address)}">${escapeHtml(entry.name)}</a>`;
  return `<nav class="neighbours" aria-label="Before and after">${side(before, "prev")}${side(after, "next")}</nav>`;
}

function withDoors(html, to) {
  const doors = DOORS.map(
    ([name, address, about]) =>
      `<li><a href="${to(address)}"><strong>${name}</strong> ${about}</a></li>`,
  );
  const [first, ...rest] = html.split(/(?=<h2)/);
  return `${first}<ul class="doors">${doors.join("")}</ul>\n${rest.join("")}`;
}
