import { TextlintKernel } from "@textlint/kernel";
import markdown from "@textlint/textlint-plugin-markdown";
import { proseOf } from "./comments.js";
import { rules } from "./rules.js";

const kernel = new TextlintKernel();
const plugins = [{ pluginId: "markdown", plugin: markdown.default ?? markdown }];

async function checkMarkdown(text) {
  const { messages } = await kernel.lintText(text, { ext: ".md", plugins, rules });
  return messages.map(({ line, message }) => ({ line, message }));
}

/** What was released is as it was: of a changelog only the first section is checked. */
function unreleased(text) {
  return text.split(/^## /m).slice(0, 2).join("## ");
}

/** What is not in plain words in a file: the line and what to do. */
export async function check(path, text) {
  if (path.endsWith("CHANGELOG.md")) return checkMarkdown(unreleased(text));
  if (path.endsWith(".md")) return checkMarkdown(text);
  const found = [];
  for (const { line, text: part } of proseOf(text)) {
    for (const finding of await checkMarkdown(part)) {
      found.push({ ...finding, line: line + finding.line - 1 });
    }
  }
  return found.sort((one, other) => one.line - other.line);
}
