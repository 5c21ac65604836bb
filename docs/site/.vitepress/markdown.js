import { existsSync } from "node:fs";
import { site } from "../address.js";
import { outsideCode } from "../outside-code.js";

/** What pages that were written for a repository need beside CommonMark. */
export function extendMarkdown(markdown) {
  const { core, renderer, utils } = markdown;
  core.ruler.before("normalize", "both-pictures", (state) => {
    state.src = outsideCode(state.src, drawBoth);
  });
  core.ruler.push("tables", mendTables);
  core.ruler.push("tasks", ({ tokens }) => markTasks(tokens));
  core.ruler.push("inspector", ({ tokens }) => leaveForInspector(tokens));
  // A wide table is scrolled by itself, also with the keyboard: a region with a name of its own.
  renderer.rules.table_open = (tokens, at) =>
    `<div class="table" role="region" tabindex="0" aria-label="${utils.escapeHtml(tokens[at].meta)}"><table>\n`;
  renderer.rules.table_close = () => "</table></div>\n";
  const code = renderer.rules.code_inline;
  renderer.rules.code_inline = (tokens, at, ...rest) =>
    tokens[at].meta === "long" ? longCode(tokens[at], utils) : code(tokens, at, ...rest);
}

const PUBLIC = new URL("../.pages/public", import.meta.url).pathname;
const PICTURE = /<picture>[\s\S]*?<img\s([\s\S]*?)>\s*<\/picture>/g;
const IMAGE = /!\[([^\]]*)\]\((\/img\/[\w-]+\.\w+)\)/g;

/** A picture that has a dark variant is there twice; the style shows the one that fits. */
function drawBoth(text) {
  return text
    .replace(PICTURE, (_, attributes) => {
      const [, source] = /src="([^"]+)"/.exec(attributes);
      return pairOf(source, /alt="([^"]*)"/.exec(attributes)?.[1] ?? "");
    })
    .replace(IMAGE, (image, about, source) =>
      existsSync(PUBLIC + darkOf(source)) ? pairOf(source, about.replaceAll('"', "&quot;")) : image,
    );
}

function pairOf(source, about) {
  const image = (theme, address) =>
    `<img class="in-${theme}" src="${address}" alt="${about.replace(/\s+/g, " ")}" loading="lazy">`;
  return `<span class="picture">${image("light", source)}${image("dark", darkOf(source))}</span>`;
}

function darkOf(source) {
  return source.replace(/(?=\.\w+$)/, "-dark");
}

/** Names tables after their headings, and leaves no header cell without text. */
function mendTables(state) {
  const { tokens } = state;
  const out = [];
  const seen = new Map();
  let heading = "";
  for (let at = 0; at < tokens.length; at += 1) {
    const { type } = tokens[at];
    if (type === "heading_open") heading = textOf(tokens[at + 1]);
    if (type !== "table_open") {
      out.push(tokens[at]);
      continue;
    }
    const end = tokens.findIndex((token, index) => index > at && token.type === "table_close");
    const times = (seen.get(heading) ?? 0) + 1;
    seen.set(heading, times);
    tokens[at].meta = `Table${times === 1 ? "" : ` ${times}`}: ${heading}`;
    out.push(...mendHeader(tokens.slice(at, end + 1)));
    at = end;
  }
  state.tokens = out;
}

function mendHeader(table) {
  const end = table.findIndex(({ type }) => type === "thead_close");
  const cells = table.slice(0, end).filter(({ type }) => type === "inline");
  for (const [at, { type, content, children }] of table.entries()) {
    if (type !== "inline") continue;
    if (content.length > 60) table[at - 1].attrJoin("class", "long");
    for (const part of children) {
      if (part.type === "code_inline" && part.content.length > 40) part.meta = "long";
    }
  }
  // Nothing to say about the columns: there is no head.
  if (cells.every(({ content }) => content === "")) return [table[0], ...table.slice(end + 1)];
  // A cell without text is no header; where it is the corner, the first column names the rows.
  for (const [at, { type, content }] of table.entries()) {
    if (at < end && type === "inline" && content === "") retag(table, at, "td");
    if (at > end && type === "tr_open" && cells[0].content === "") {
      retag(table, at + 2, "th").attrSet("scope", "row");
    }
  }
  return table;
}

/** Gives the cell around a text another tag. */
function retag(table, at, tag) {
  table[at - 1].tag = tag;
  table[at + 1].tag = tag;
  return table[at - 1];
}

/** Code in a table goes on in the next line only after a space. */
function longCode({ content }, { escapeHtml }) {
  const words = content.split(" ").map((word) => `<span>${escapeHtml(word)}</span>`);
  return `<code class="long" v-pre>${words.join(" ")}</code>`;
}

/** `- [ ]` and `- [x]` are boxes. */
function markTasks(tokens) {
  for (const [at, { type, children }] of tokens.entries()) {
    const [, mark] = /^\[([ x])\] /.exec(children?.[0]?.content ?? "") ?? [];
    if (type !== "inline" || mark === undefined || tokens[at - 2]?.type !== "list_item_open")
      continue;
    children[0].content = children[0].content.slice(4);
    tokens[at - 2].attrJoin("class", mark === "x" ? "task done" : "task");
  }
}

/** The inspector is a page by itself: a link to it leaves this one. */
function leaveForInspector(tokens) {
  for (const link of tokens.flatMap(({ children }) => children ?? [])) {
    if (link.type !== "link_open" || link.attrGet("href") !== "/inspector.html") continue;
    link.attrSet("href", `${site.pathname}inspector.html`);
    link.attrSet("target", "_self");
  }
}

function textOf({ children }) {
  return children
    .filter(({ type }) => type === "text" || type === "code_inline")
    .map(({ content }) => content)
    .join("")
    .trim();
}
