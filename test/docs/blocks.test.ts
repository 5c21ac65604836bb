import { describe, expect, test } from "vitest";
import { docstringBlocks, isExample, isForeign, nameOf, pageBlocks } from "./blocks.ts";
import { compile } from "./compile.ts";

const blocks = [...pageBlocks(), ...docstringBlocks()];
const here = blocks.filter((block) => !isExample(block) && !isForeign(block));

const WRONG =
  'import { createVerifier } from "postern";\ncreateVerifier({ team: 1, audience: "app" });\n';

describe.each(["ts", "js"] as const)("a block of %s", (language) => {
  const written = here.filter((block) => block.language === language);
  const wrong = { page: "wrong.md", line: 1, language, code: WRONG };
  const found = compile([...written, wrong], language);
  test("is reported when it does not compile", () => {
    expect(found.get(nameOf(wrong))).toEqual([expect.stringMatching(/^wrong\.md:3: No overload/)]);
  });
  test.each(written.map(nameOf))("compiles: %s", (name) => {
    expect(found.get(name)).toEqual([]);
  });
});

test("no example has an audience that looks like an AUD tag of the wrong length", () => {
  const tag = /\baud\w*["']?\s*[:=]\s*\[?["']([\da-f]{10,})["']/gi;
  const tags = blocks.flatMap(({ code }) => [...code.matchAll(tag)].map(([, digits]) => digits));
  expect(tags.length).toBeGreaterThan(20);
  expect(tags.filter((digits) => digits?.length !== 64)).toEqual([]);
});
