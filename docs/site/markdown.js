import shiki from "@shikijs/markdown-it";
import Slugger from "github-slugger";
import MarkdownIt from "markdown-it";
import { follow } from "./pages.js";

/** A function that makes a page's text into HTML, with its title, its first words and its headings. */
export async function createReader(pages) {
  const markdown = new MarkdownIt({ linkify: false });
  markdown.use(
    await shiki({
      themes: { light: "github-light-default", dark: "github-dark-default" },
      defaultColor: "light-dark()",
      colorReplacements: {
        "github-light-default": { "#ffffff": "#f8f7f4" },
        "github-dark-default": { "#0d1117": "#161b22" },
      },
      // By default a slow machine's first lines stay plain.
      tokenizeTimeLimit: 0,
      langs: ["ts", "js", "jsx", "astro", "json", "sh", "console", "vue", "toml", "http"],
    }),
  );
  // A wide table is scrolled by itself, also by a reader without a mouse.
  markdown.renderer.rules.table_open = () =>
    '<div class="table" role="region" aria-label="Table" tabindex="0"><table>';
  markdown.renderer.rules.table_close = () => "</table></div>";

  return (page) => {
    const tokens = markdown.parse(page.text, {});
    for (const link of tokens.flatMap(({ children }) => children ?? [])) {
      for (const name of ["href", "src"]) {
        const target = link.attrGet(name);
        if (target !== null) link.attrSet(name, follow(target, page, pages));
      }
    }
    const headings = nameHeadings(tokens);
    const first = tokens.findIndex(({ type }) => type === "paragraph_open");
    return {
      title: headings[0].text,
      about: textOf(tokens[first + 1]),
      headings: headings.slice(1),
      html: markdown.renderer.render(tokens, markdown.options, {}),
    };
  };
}

/** Gives headings the anchors that they have on GitHub, and a link to themselves. */
function nameHeadings(tokens) {
  const slugger = new Slugger();
  return tokens.flatMap((token, index) => {
    if (token.type !== "heading_open") return [];
    const inline = tokens[index + 1];
    const text = textOf(inline);
    const anchor = slugger.slug(text);
    token.attrSet("id", anchor);
    if (token.tag !== "h1") {
      const Token = token.constructor;
      const link = new Token("link_open", "a", 1);
      link.attrs = [
        ["class", "anchor"],
        ["href", `#${anchor}`],
        ["aria-label", `Link to “${text}”`],
      ];
      const sign = new Token("text", "", 0);
      sign.content = "#";
      inline.children.push(link, sign, new Token("link_close", "a", -1));
    }
    return [{ level: Number(token.tag.slice(1)), text, anchor }];
  });
}

function textOf(inline) {
  return inline.children
    .map(({ type, content }) => (type === "softbreak" ? " " : content))
    .join("");
}
