import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import ts from "typescript";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createTestIssuer } from "../../src/testing/index.ts";
import { createHost } from "../support/compiler-host.ts";

// The compiler reads the whole bundle.
vi.setConfig({ testTimeout: 60_000 });

const page = readFileSync("docs/guide/environments.md", "utf8");

/** The globals that the page lists, by the section's table. */
const [, section = ""] = /^## What it needs$([\s\S]*?)^## /m.exec(page) ?? [];
const listed = [...section.matchAll(/^\| (`.+?`) \|/gm)]
  .flatMap(([, cell = ""]) => [...cell.matchAll(/`(\w+)`/g)])
  .map(([, name = ""]) => name)
  .sort();

let bundle = "";
const issuer = await createTestIssuer({ team: "acme", audience: "a".repeat(64) });
const hostile = (await issuer.hostileTokens({ carrier: "string" })).slice(0, 40);

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: ["src/index.ts"],
    bundle: true,
    format: "iife",
    globalName: "postern",
    target: "es2022",
    write: false,
  });
  bundle = outputFiles[0]?.text ?? "";
});

/** The names that a script uses and that neither it nor the language defines. */
function freeNames(script: string): string[] {
  const options = { allowJs: true, checkJs: true, noEmit: true, types: [] };
  const compiler = { ...options, lib: ["lib.es2022.d.ts"], target: ts.ScriptTarget.ES2022 };
  const file = resolve("bundle.js");
  const host = createHost(compiler, new Map([[file, script]]));
  const program = ts.createProgram([file], compiler, host);
  const unknown = program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .filter(({ messageText }) => /^Cannot find name/.test(String(messageText)))
    .map(({ start = 0, length = 0 }) => script.slice(start, start + length));
  const members = script.match(/(?<=\bglobalThis\??\.)\w+|\w+(?= \} = globalThis)/g) ?? [];
  return [...new Set([...unknown, ...members])].sort();
}

describe("the globals that the page lists", () => {
  test("are all that the root entry uses", () => {
    const script = "document.title; globalThis.name; var { atob } = globalThis;";
    expect(freeNames(script)).toEqual(["atob", "document", "name"]);
    expect(freeNames(bundle)).toEqual(listed);
  });

  test.each(["keys that are fetched", "keys of its own"])(
    "are enough to verify with %s",
    async (way) => {
      const fetch = (url: string): Promise<unknown> => issuer.fetch(url, {} as never);
      const globals: Record<string, unknown> = {};
      for (const name of listed) globals[name] = (globalThis as Record<string, unknown>)[name];
      // The page says that it may be missing.
      delete globals["Request"];
      const context = createContext({ ...globals, fetch });
      const { createVerifier } = runInContext(`${bundle}; postern`, context);
      const keys = way === "keys of its own" ? { keys: issuer.jwks() } : {};
      const { verify, safeVerify } = createVerifier({
        team: "acme",
        audience: issuer.audience,
        ...keys,
      });
      expect((await verify(await issuer.userToken())).principal.kind).toBe("user");
      for (const { token } of hostile) {
        expect((await safeVerify(token)).ok).toBe(false);
      }
    },
  );
});

test("the sentence that the page quotes is the one that is thrown", () => {
  expect(bundle).toContain(/^> (crypto\.subtle .+)$/m.exec(page)?.[1]);
});
