import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { createHost } from "../support/compiler-host.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);

/** The compiler's messages about calls of `createVerifier`: the text they point at, and why. */
function complaintsAbout(calls: readonly string[]): string[][] {
  const texts = new Map(
    calls.map((call, at) => [
      `${root}src/call-${at}.ts`,
      `import { createVerifier } from "./index.ts";
       declare const env: { [name: string]: string | undefined };
       createVerifier(${call});`,
    ]),
  );
  const host = createHost(options, texts);
  const program = ts.createProgram([...texts.keys()], { ...options, noEmit: true }, host);
  return [...texts.keys()].map((name) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(name))
      .map(({ file, start = 0, length = 0, messageText }) => {
        const blamed = file?.text.slice(start, start + length);
        return `${blamed}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      }),
  );
}

test("the compiler names a wrong option of createVerifier, and nothing else", () => {
  const expected: readonly (readonly [call: string, says: RegExp])[] = [
    ['{ team: env.T, audience: "app" }', /^team: .*'undefined' is not assignable/],
    ["{ team: env.T, audience: env.A }", /^team: .*'undefined' is not assignable/],
    ['{ team: "acme", audience: env.A }', /^audience: .*'undefined' is not assignable/],
    ['{ issuer: env.I, audience: "app", keys: { keys: [] } }', /^issuer: .*undefined/],
    ['{ issuer: "https://issuer.example", audience: "app" }', /Property 'keys' is missing/],
    ['{ team: "acme" }', /Property 'audience' is missing/],
    ['{ team: "acme", audience: "app", checks: () => true }', /^checks: .*does not exist/],
    ['[{ team: env.T, audience: "app" }]', /^team: .*'undefined' is not assignable/],
  ];
  const complaints = complaintsAbout(expected.map(([call]) => call));
  for (const [at, [, says]] of expected.entries()) {
    expect(complaints[at]?.[0]).toMatch(says);
    expect(complaints[at]?.[0]).not.toMatch(/does not exist in type 'readonly \(/);
  }
}, 120_000);
