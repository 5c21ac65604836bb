// The samples of the frameworks' pages: each is a whole file of an example.
import { readdirSync, readFileSync } from "node:fs";

const GUIDE = new URL("../../../docs/guide/frameworks/", import.meta.url);

const FENCE = "```(\\w+)(?: \\[(\\w+)\\])?\\n([\\s\\S]*?)\\n```";
const SHOWN = new RegExp(
  `^\`examples/(\\S+)\`\\n\\n(?:::: code-group\\n\\n${FENCE}\\n\\n${FENCE}\\n\\n:::|${FENCE})$`,
  "gm",
);

export const pageNames = readdirSync(GUIDE).filter((name) => name !== "README.md");

export const readPage = (name) => readFileSync(new URL(name, GUIDE), "utf8");

/** The TypeScript of a JavaScript example: in its project's folder `typescript`. */
export function inTypeScript(path) {
  const [, folder, rest] = /^([\w-]+)\/(.*)$/.exec(path);
  return `${folder}/typescript/${rest.replace(/\.js(x?)$/, ".ts$1")}`;
}

/**
 * The samples of a page, in their order, as `{ path, language, label, code }`. A sample in both
 * languages is two samples with labels. A JavaScript sample without a label is the same in both.
 */
export function samplesOf(text) {
  return [...text.matchAll(SHOWN)].flatMap(
    ([, path, js, forJs, jsCode, ts, forTs, tsCode, ...one]) => {
      const [language, label, code] = one;
      if (code !== undefined) return [{ path, language, label, code }];
      return [
        { path, language: js, label: forJs, code: jsCode },
        { path: inTypeScript(path), language: ts, label: forTs, code: tsCode },
      ];
    },
  );
}
