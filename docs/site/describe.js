/** A page's title, and its first words as search engines show them. */
export function describe(text) {
  const blocks = withoutAsides(text)
    .split(/\n\s*\n/)
    .map((block) => block.trim());
  const heading = blocks.findIndex((block) => block.startsWith("# "));
  if (heading === -1) return {};
  // Neither a table, a list, a picture nor another heading.
  const paragraphs = blocks
    .slice(heading)
    .filter((block) => /^(?!!\[|\d+\. )[^#|<>:*-]|^\*\*/.test(block))
    .map(plain)
    // "Before:" and the like.
    .filter((paragraph) => paragraph.length > 20);
  const first = paragraphs[0] ?? "";
  return {
    title: plain(blocks[heading].slice(2).split("\n")[0]),
    description: shorten(first.length < SHORTEST ? paragraphs.slice(0, 2).join(" ") : first),
  };
}

/** Comments and blocks of code; what is left is for people. */
function withoutAsides(text) {
  return text.replace(/^ *(`{3,})[\s\S]*?^ *\1/gm, "").replace(/<!--[\s\S]*?-->/g, "");
}

export function plain(markdown) {
  return (
    markdown
      .replace(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1")
      .replace(/`|\*\*|(?<!\w)[*_]|[*_](?!\w)/g, "")
      .replace(/\\(?=[^\w\s])/g, "")
      // VitePress writes a description into an attribute as it is.
      .replace(/"([^"]*)"/g, "“$1”")
      .replaceAll('"', "”")
      .replace(/\s+/g, " ")
      .trim()
  );
}

const SHORTEST = 50;
const LONGEST = 180;

/** Whole sentences as far as they go, or the words of the first. */
export function shorten(text) {
  if (text.length <= LONGEST) return text.replace(/:$/, ".");
  const sentence = text.slice(0, LONGEST).match(/^.*[.?!](?= [A-Z])/s)?.[0];
  return sentence?.length >= SHORTEST
    ? sentence
    : `${text.slice(0, LONGEST - 1).replace(/\W*\s\S*$/, "")}…`;
}
