import { describe, expect, it, vi } from "vitest";
import { paint, safely } from "../../src/cli/paint.ts";
import { run } from "../../src/cli/run.ts";
import { visibleJson } from "../../src/explain/visible.ts";
import { postern } from "./fake-terminal.ts";
import { AUD, JWKS, signed } from "./fixtures.ts";

// Drawing an RSA key takes as long as it takes.
vi.setConfig({ testTimeout: 60_000 });

/** One of each kind that moves the cursor, turns the text round, or is not seen. */
const STEERING: readonly [name: string, character: string][] = [
  ["ESC", "\u001b"],
  ["CSI of C1", "\u009b"],
  ["OSC of C1", "\u009d"],
  ["NEL", "\u0085"],
  ["NUL", "\u0000"],
  ["BEL", "\u0007"],
  ["BS", "\b"],
  ["CR", "\r"],
  ["DEL", "\u007f"],
  ["right-to-left override", "\u202e"],
  ["right-to-left isolate", "\u2067"],
  ["Arabic letter mark", "\u061c"],
  ["zero width space", "\u200b"],
  ["zero width joiner", "\u200d"],
  ["word joiner", "\u2060"],
  ["byte order mark", "\ufeff"],
  ["soft hyphen", "\u00ad"],
  ["combining grapheme joiner", "\u034f"],
  ["Hangul filler", "\u3164"],
  ["variation selector", "\ufe0f"],
  ["line separator", "\u2028"],
  ["tag letter", "\u{e0041}"],
  ["lone surrogate", "\ud800"],
];

const ALL = STEERING.map(([, character]) => character).join("");
const files = new Map([["certs.json", JWKS]]);

/** Nothing of it may be in what a command says. */
function isQuiet(said: string): boolean {
  return !/[^\n\t\P{C}]|[\p{DI}\p{Zl}\p{Zp}]/u.test(said);
}

describe("foreign text steers no terminal", () => {
  it.each(STEERING)("%s in a claim, a header, a kid or a reason", async (_, character) => {
    const text = `a${character}b`;
    const token = await signed({ email: text, [text]: text, custom: { [text]: [text] } });
    const named = await signed({ iss: text, aud: text }, { kid: text, alg: text, typ: text });
    const keys = new Map([["keys.json", JSON.stringify({ keys: [{ kid: text, kty: text }] })]]);
    const verify = ["verify", "--team", "acme", "--aud", AUD, "--keys", "certs.json"];
    const commands: readonly (readonly string[])[] = [
      ["decode", token],
      ["decode", named],
      [...verify, token],
      [...verify, named],
      ["verify", token],
      ["verify", "--team", "acme", named],
      ["keys", "keys.json"],
      ["pem", "keys.json"],
      ["keys", "certs.json", "--token", named],
      [text],
      ["help", text],
      ["decode", `--${text}`],
      ["decode", text],
      ["verify", "--team", text, "--aud", text, token],
      ["keys", text],
      ["keys", `https://${text}.example/`],
      ["local", text],
      ["local", "3000", "--email", text],
      ["token", "--from", text],
    ];
    for (const command of commands) {
      for (const argv of [command, [...command, "--json"]]) {
        const { out, err } = await postern(argv, { files: new Map([...files, ...keys]) });
        expect(isQuiet(out + err), `${argv[0]}: ${JSON.stringify(out + err)}`).toBe(true);
      }
    }
  });

  it("a cookie of a service that is not Local Access is no token", async () => {
    for (const value of [`ey.a.b${ALL}`, "ey\u009b31m.a.b", "a.b", "", "a.b.c d", "<b>.a.b"]) {
      const headers = { get: () => `CF_Authorization=${value}; Path=/` };
      const fetch = () => Promise.resolve({ status: 302, headers } as never);
      for (const json of [[], ["--json"]]) {
        const argv = ["token", "--from", "http://127.0.0.1:8788", ...json];
        const { code, out, err } = await postern(argv, { fetch });
        expect(code).toBe(2);
        expect(err).toContain("The address does not answer as Local Access does");
        expect(isQuiet(out + err)).toBe(true);
      }
    }
  });

  it("whatever a command forgets to make safe, in colour or not", async () => {
    for (const colour of [true, false]) {
      let said = "";
      const out = (text: string): void => {
        said += text;
      };
      const terminal = safely({ out, err: out, colour } as never);
      terminal.out(`${ALL}\u001b[2J\u001b]0;title\u0007\u001b[38;5;1m`);
      terminal.err(ALL);
      expect(isQuiet(said)).toBe(true);
      said = "";
      const ours = `${paint(colour).bad("no")}\tand\n${paint(colour).bold("more")}`;
      terminal.out(ours);
      expect(said).toBe(ours);
    }
  });

  it("and colours are for terminals that have them", async () => {
    let said = "";
    const out = (text: string): void => {
      said += text;
    };
    safely({ out, err: out, colour: false } as never).out("\u001b[31mred\u001b[39m");
    expect(said).toBe("\\u001b[31mred\\u001b[39m");
    said = "";
    const world = { out, err: out, colour: true, now: () => 0 } as never;
    await run(["decode", await signed()], world);
    expect(said).toContain("\u001b[33mUNVERIFIED\u001b[39m");
  });
});

describe("nesting", () => {
  const arrays = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  const objects = (depth: number): unknown =>
    JSON.parse(`${'{"":'.repeat(depth)}1${"}".repeat(depth)}`);

  /** A token made by hand: what engines would write by recursion is spelt out. */
  function deep(json: string): string {
    const part = (text: string): string => Buffer.from(text).toString("base64url");
    return `${part('{"alg":"RS256"}')}.${part(json)}.${part("signature")}`;
  }

  it.each([
    ["arrays", deep(`{"a":${"[".repeat(6000)}${"]".repeat(6000)}}`)],
    ["objects", deep(`{"a":${'{"":'.repeat(2000)}1${"}".repeat(2000)}}`)],
    ["an audience", deep(`{"aud":${"[".repeat(6000)}${"]".repeat(6000)}}`)],
    ["a time", deep(`{"exp":${"[".repeat(6000)}${"]".repeat(6000)}}`)],
    [
      "all that fits",
      deep(`{"a":${"[".repeat(3000)}${Array(1500).fill("0").join()}${"]".repeat(3000)}}`),
    ],
  ])("of %s is answered, and the answer is bounded", async (_, token) => {
    const verify = ["verify", "--team", "acme", "--aud", AUD, "--keys", "certs.json"];
    for (const argv of [["decode"], verify, ["verify"], ["keys", "certs.json", "--token"]]) {
      for (const json of [[], ["--json"]]) {
        const { out, err } = await postern([...argv, token, ...json], { files });
        expect(out + err).not.toBe("");
        expect(out.length + err.length).toBeLessThan(20 * token.length);
        if (json.length > 0 && out !== "") JSON.parse(out);
      }
    }
    expect((await postern(["decode", token])).code).toBe(0);
  });

  it("is shown whole where a person or a program could want it", async () => {
    const token = await signed({ custom: objects(15) });
    const { out } = await postern(["decode", token, "--json"]);
    expect(JSON.parse(out).payload.custom).toEqual(objects(15));
    expect((await postern(["decode", token])).out).toContain('{"":'.repeat(14));
  });

  it("that is left out is said to be", async () => {
    const token = await signed({ custom: arrays(100) });
    for (const json of [[], ["--json"]]) {
      const { out } = await postern(["decode", token, ...json]);
      expect(out).toContain("nested too deeply to be shown");
    }
  });

  it("keeps a member that is called __proto__", () => {
    const text = '{"__proto__":{"a":[1]}}';
    expect(visibleJson(JSON.parse(text), 0)).toBe(text);
  });

  it("of a key set or a claim on the command line is a mistake, not a crash", async () => {
    const nested = "[".repeat(100_000) + "]".repeat(100_000);
    const sets = new Map([
      ["a.json", `{"keys":[${nested}]}`],
      ["b.json", `{"keys":[{"kty":"RSA","kid":"k","n":${nested}}]}`],
      ["key.json", `{"kty":"RSA","n":${nested}}`],
    ]);
    for (const argv of [
      ["keys", "a.json"],
      ["keys", "b.json"],
      ["pem", "b.json"],
      ["token", "--team", "acme", "--aud", AUD, "--key", "key.json"],
      ["token", "--team", "acme", "--aud", AUD, "--claim", `a=${nested}`],
    ]) {
      for (const json of [[], ["--json"]]) {
        const { code, out, err } = await postern([...argv, ...json], { files: new Map(sets) });
        expect([2, 3]).toContain(code);
        expect(out.length + err.length).toBeLessThan(10_000);
      }
    }
  });
});
