import { describe, expect, it, vi } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { createPrivateJwk } from "../../src/testing/index.ts";
import { postern } from "./fake-terminal.ts";
import { AUD, JWKS, signed } from "./fixtures.ts";

// Making an RSA key has no time limit.
vi.setConfig({ testTimeout: 60_000 });

/** Values that a shell, an env file or a slip leaves in an option. None of them is an address to reach. */
const ODD = [
  ...["", " ", " a", "a ", "a,", ",", "a b", '"a"', "'a'", "`a`", "“a”", "[a]", '["a"]', '{"a":1}'],
  ...["\u0000", "\u001b", "é", "\ud800", "-1", "1e9", "NaN", "Infinity", "99999999999999999999"],
  ...["__proto__", "constructor", "=", "a=", "__proto__=1", "@", "*", "%", "?", "#", "//"],
  ...["https://", "http://[", "http://127.0.0.1:99999", '"https://x"', " https://x", "unix:"],
  ...["8640000000000001", "2025-13-01", "x".repeat(3000)],
];

const key = JSON.stringify(await createPrivateJwk());
const files = new Map([
  ["certs.json", JWKS],
  ["key.json", key],
]);
/** Every address has keys, so that a guard starts at once. */
const fetch = async () => new Response(JWKS);

/** A correct command line of each command, with the options that odd values replace. */
const token = await signed();
const LINES: readonly (readonly string[])[] = [
  ["decode", token],
  ["verify", "--team", "acme", "--aud", AUD, "--keys", "certs.json", token],
  ["verify", "--issuer", "https://x", "--aud", AUD, "--keys", "certs.json", token],
  ["keys", "certs.json"],
  ["pem", "certs.json"],
  ["token", "--key", "key.json", "--team", "acme", "--aud", AUD],
  ["token", "--from", "http://127.0.0.1:1"],
  ["local", "1", "--port", "0"],
  ["guard", "--team", "acme", "--aud", AUD, "--listen", "127.0.0.1:0"],
  ["discover", "http://127.0.0.1:1"],
  // Nothing listens on this port.
  ["knock", "http://127.0.0.1:1", "--team", "acme", "--aud", AUD],
];

describe("a wrong value in a command line is answered with a sentence", () => {
  it("covers every command", () => {
    const covered = new Set(LINES.map(([name]) => name));
    expect(COMMANDS.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  });

  it.each(LINES.map((line) => [line.slice(0, 2).join(" ").slice(0, 20), line] as const))(
    "in every option of %s …",
    async (_, line) => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      const options = COMMANDS.find(({ name }) => name === line[0])?.options ?? {};
      // The guard writes the file of its keys itself, not by the terminal of the test.
      const names = Object.keys(options).filter(
        (name) => options[name]?.type === "string" && name !== "keys-file",
      );
      // Each of these makes keys, which takes time.
      const few = line.includes("--key") ? ODD.filter((_, at) => at % 8 === 0) : ODD;
      for (const odd of few) {
        const replaced = line.map((word, at) =>
          at > 1 && /^--/.test(line[at - 1] ?? "") ? odd : word,
        );
        for (const argv of [replaced, ...names.map((name) => [...line, `--${name}=${odd}`])]) {
          const said = await postern(argv, { files: new Map(files), fetch });
          expect([0, 1, 2, 3], JSON.stringify(argv)).toContain(said.code);
          if (said.code === 2)
            expect(said.err, JSON.stringify(argv)).toMatch(/^(?:note: .*\n)*.+[.?]\n/);
        }
      }
      warn.mockRestore();
    },
  );

  it.each(["TEAM_DOMAIN", "POLICY_AUD"])("in the variable %s", async (variable) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const odd of ODD) {
      const env = { TEAM_DOMAIN: "acme", POLICY_AUD: AUD, [variable]: odd };
      for (const argv of [
        ["verify", "--keys", "certs.json", token],
        ["token", "--key", "key.json"],
      ]) {
        expect([0, 1, 2]).toContain((await postern(argv, { files: new Map(files), env })).code);
      }
    }
    warn.mockRestore();
  });
});

describe("an odd claim of a token is shown", () => {
  const values = [...ODD, ODD, [], [[]], {}, null, 0, 1e300, true];

  it.each(["iss", "aud", "exp", "type", "sub"])("in %s", async (claim) => {
    for (const value of values) {
      const odd = await signed({ [claim]: value });
      expect((await postern(["decode", odd])).code).toBe(0);
      expect((await postern(["verify", odd])).code).toBe(2);
      const argv = ["verify", "--team", "acme", "--aud", AUD, "--keys", "certs.json", odd];
      expect([0, 1]).toContain((await postern(argv, { files })).code);
    }
  });
});
