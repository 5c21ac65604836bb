import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { nameOf, pageBlocks } from "./blocks.ts";
import { callsIn, offence } from "./command-lines.ts";
import { readPages, takeApart } from "./markdown.ts";

const inBlocks = pageBlocks()
  .filter(({ language }) => language === "sh" || language === "console")
  .flatMap((block) => callsIn(block.code).map((call) => [nameOf(block), call] as const));

const inSentences = readPages().flatMap((page) =>
  [
    ...takeApart(page)
      .prose.join("\n")
      .matchAll(/`([^`]+)`/g),
  ].flatMap(([, span = ""]) =>
    callsIn(span.replaceAll("\n", " ")).map((call) => [page.path, call] as const),
  ),
);

test.each([...inBlocks, ...inSentences])("%s shows a command that exists: %s", (_, call) => {
  expect(offence(call)).toBeUndefined();
});

test.each([
  ["npm run nothing", "no script nothing"],
  ["npm --prefix bench nothing", "no script nothing"],
  ["npx nobody", "npx nobody"],
  ["npx postern sing", "no command sing"],
  ["cat token | postern keys acme --loud", "no option --loud"],
  ["X=1 node test/nowhere.js", "no file test/nowhere.js"],
])("a command that does not exist is found: %s", (line, wrong) => {
  expect(callsIn(line).map(offence)).toEqual([wrong]);
});

test("the guide lists the same commands as the help", () => {
  const page = readFileSync("docs/guide/cli.md", "utf8");
  const listed = [...page.matchAll(/^postern (\w+) {2,}(\S.*)$/gm)];
  expect(listed.map(([, name, summary]) => [name, summary])).toEqual(
    COMMANDS.map(({ name, summary }) => [name, summary]),
  );
});
