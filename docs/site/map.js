import { posix } from "node:path";
import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt();

/** The site's map: groups of pages, as the table in the README's section "The guide" has them. */
export function readMap(pages) {
  const tokens = markdown.parse(pages.get("README.md").text, {});
  const section = tokens.findIndex(({ content }) => content === "The guide");
  const from = tokens.findIndex(({ type }, index) => index > section && type === "tbody_open");
  const to = tokens.findIndex(({ type }, index) => index > from && type === "tbody_close");
  const cells = tokens.slice(from, to).filter(({ type }) => type === "inline");
  const groups = [];
  for (let index = 0; index < cells.length; index += 2) {
    const entries = linksOf(cells[index + 1]).map(({ path, name }) => {
      const page = pages.get(path);
      if (page === undefined) throw new Error(`README.md: there is no page ${path}`);
      return { page, name, below: pagesBelow(page, pages) };
    });
    groups.push({ name: cells[index].content, entries });
  }
  return groups;
}

function linksOf({ children }) {
  return children.flatMap((token, index) =>
    token.type === "link_open"
      ? [{ path: token.attrGet("href"), name: children[index + 1].content }]
      : [],
  );
}

/** A page that is the index of its folder has the folder's other pages below it. */
function pagesBelow(index, pages) {
  const folder = posix.dirname(index.path);
  if (posix.basename(index.path) !== "README.md") return [];
  return [...pages.values()]
    .filter((page) => page !== index && posix.dirname(page.path) === folder)
    .map((page) => ({ page, name: /^# (.+)$/m.exec(page.text)[1] }));
}
