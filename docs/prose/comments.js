import ts from "typescript";

/** The comments and the sentences of a source, each with the line on which it begins. */
export function proseOf(source) {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  return [...comments(file, source), ...sentences(file)];
}

function* comments(file, source) {
  const seen = new Set();
  const ranges = [];
  const visit = (node) => {
    for (const range of ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) {
      if (!seen.has(range.pos)) ranges.push(range);
      seen.add(range.pos);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  ranges.sort((one, other) => one.pos - other.pos);
  let open;
  for (const { pos, end, kind } of ranges) {
    const line = file.getLineAndCharacterOfPosition(pos).line + 1;
    const text = source.slice(pos, end);
    if (kind === ts.SyntaxKind.MultiLineCommentTrivia) {
      yield { line, text: unframed(text) };
    } else if (open !== undefined && open.line + open.lines.length === line) {
      open.lines.push(text.replace(/^\/\/ ?/, ""));
    } else if (!/^\/\/ (?:biome-ignore|@ts-)/.test(text)) {
      if (open !== undefined) yield { line: open.line, text: open.lines.join("\n") };
      open = { line, lines: [text.replace(/^\/\/ ?/, "")] };
    }
  }
  if (open !== undefined) yield { line: open.line, text: open.lines.join("\n") };
}

/** A tag begins a sentence of its own; its name is no word of it. */
function unframed(text) {
  return text
    .replace(/^\/\*\*?|\*\/$/g, "")
    .replace(/^[ \t]*\* ?/gm, "")
    .replace(/^@\w+(?: (?:\{[^}]*\} )?\w+ - )?/gm, "- ");
}

/** A text of at least five words is for people. An indented line of a command's help begins an item of its own. */
function* sentences(file) {
  const found = [];
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = ts.isTemplateExpression(node)
        ? node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join("")
        : node.text;
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (/^\W*(?:\S+\s+){4}\S/.test(text) && !text.includes("<"))
        found.push({ line, text: text.replace(/^ {2}(?=\S)/gm, "- ") });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  yield* found;
}
