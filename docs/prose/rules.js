import { SentenceSplitterSyntax, splitAST } from "sentence-splitter";
import { StringSource } from "textlint-util-to-string";
import { WORDS } from "./words.js";

/** Longer sentences have to be read twice. */
export const MOST_WORDS = 30;

/** What ends a thought: a colon, a semicolon, a point between items, and a full stop in bold type. */
const ENDS = /[:;]\s|\s·\s|(?<=[.!?])\s+(?=\p{Lu})/u;

/** Calls back with the text of each paragraph, heading and cell; code counts as one word. */
function eachText({ Syntax }, callback) {
  const visit = (node) => {
    const replacer = ({ node: inner, maskValue }) =>
      inner.type === Syntax.Code ? maskValue("_") : undefined;
    callback(node, (part) => new StringSource(part, { replacer }));
  };
  return { [Syntax.Paragraph]: visit, [Syntax.Header]: visit, [Syntax.TableCell]: visit };
}

function plainWords(context) {
  const { RuleError, locator, report } = context;
  return eachText(context, (node, read) => {
    const source = read(node);
    const text = source.toString().replaceAll("\n", " ");
    for (const { find, instead } of WORDS) {
      for (const { 0: found, index } of text.matchAll(find)) {
        const padding = locator.at(source.originalIndexFromIndex(index) ?? 0);
        report(node, new RuleError(`"${found}": ${instead}`, { padding }));
      }
    }
  });
}

function shortSentences(context) {
  const { RuleError, report } = context;
  return eachText(context, (node, read) => {
    for (const sentence of splitAST(node).children) {
      if (sentence.type !== SentenceSplitterSyntax.Sentence) continue;
      const text = read(sentence).toString();
      for (const part of text.split(ENDS)) {
        const count = countWords(part);
        if (count <= MOST_WORDS) continue;
        const start = part.trim().split(/\s+/, 4).join(" ");
        const message = `a sentence of ${count} words, at most ${MOST_WORDS}: "${start} …"`;
        report(sentence, new RuleError(message));
      }
    }
  });
}

export function countWords(text) {
  return (text.match(/[\p{L}\p{N}_][\p{L}\p{N}_'’.-]*/gu) ?? []).length;
}

export const rules = [
  { ruleId: "plain-words", rule: plainWords },
  { ruleId: "short-sentences", rule: shortSentences },
];
