import { SentenceSplitterSyntax, splitAST } from "sentence-splitter";
import { StringSource } from "textlint-util-to-string";
import { WORDS } from "./words.js";

/** Longer sentences have to be read twice. */
export const MOST_WORDS = 30;

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
      // A colon, a semicolon or an item of a list with points ends a thought as well.
      const longest = Math.max(...text.split(/[:;]\s|\s·\s/).map(countWords));
      if (longest <= MOST_WORDS) continue;
      report(sentence, new RuleError(`a sentence of ${longest} words: at most ${MOST_WORDS}`));
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
