import { readFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { NOW, postern } from "./fake-terminal.ts";
import { AUD, issuer, JWKS, signed } from "./fixtures.ts";

// Drawing an RSA key takes as long as it takes.
vi.setConfig({ testTimeout: 60_000 });

const files = new Map([["certs.json", JWKS]]);

describe("postern", () => {
  it("lists its commands and its exit codes", async () => {
    const { code, out } = await postern(["help"]);
    expect(out).toBe(`\
Usage: postern COMMAND [OPTIONS]

Looks at Cloudflare Access tokens and at the keys that sign them.

  decode   show what a token says, which proves nothing
  verify   check a token as your application would, and say what failed
  keys     show the keys of a team, and which of them would be used
  pem      print all keys of a team in PEM, for programs that know no JWK
  local    imitate Access in front of an application on this machine
  token    make a token for tests, good or hostile, with a key of your own
  discover find the team and the AUD tag of an application, from its public address
  knock    try an origin's own address, as a caller who bypasses Access would
  guard    guard an origin in any language, as a forward-auth endpoint or a reverse proxy

Examples:
  pbpaste | postern verify --team acme --aud "$POLICY_AUD" -
  postern discover https://app.example.com

\`postern help verify\`, or any other command, shows its options. Give a token as an argument,
or - to read it from standard input. Every command takes --json. TEAM_DOMAIN and POLICY_AUD
replace --team and --aud. Colours are only for terminals, and NO_COLOR turns them off.

Exit codes: 0 accepted (or done), 1 refused, 2 the command line is wrong, 3 no keys.
More: https://postern.example/guide/cli.html
`);
    expect(code).toBe(0);
    expect((await postern(["--help"])).out).toBe(out);
    expect((await postern(["-h"])).out).toBe(out);
    expect(await postern([])).toEqual({ code: 2, out: "", err: out });
  });

  it.each(COMMANDS)(
    "teaches $name: each option, an example, and no line too long",
    async (command) => {
      const { code, out } = await postern(["help", command.name]);
      expect(out).toMatch(new RegExp(`^Usage: postern ${command.name} `));
      expect(out).toMatch(new RegExp(`\n\nExamples:\n {2}.*postern ${command.name} `));
      for (const line of command.help.split("\n")) expect(out).toContain(line);
      const page = /More: https:\/\/postern\.example\/(\S+)\.html(?:#(\S+))?\n$/.exec(out);
      const text = await readFile(`docs/${page?.[1]}.md`, "utf8");
      if (page?.[2] !== undefined) expect(text).toContain(`\n## ${page[2]}\n`);
      expect((await postern([command.name, "--help"])).out).toBe(out);
      expect((await postern([command.name, "-h"])).out).toBe(out);
      expect(code).toBe(0);
      for (const option of [...Object.keys(command.options), "json"]) {
        // A second spelling is not worth a line.
        if (option !== "audience") expect(out).toMatch(new RegExp(`^ +--${option}( |$)`, "m"));
      }
      expect(out).toMatch(new RegExp(`^ .*postern ${command.name} `, "m"));
      expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(92);
    },
  );

  it("says its version", async () => {
    expect(await postern(["--version"])).toEqual({ code: 0, out: "1.2.3\n", err: "" });
    expect((await postern(["-v"])).out).toBe("1.2.3\n");
  });

  it.each([
    [["verfy"], 'There is no command "verfy": did you mean "verify"?'],
    [["help", "key"], 'There is no command "key": did you mean "keys"?'],
    [["what"], 'There is no command "what".'],
    [["tour"], 'There is no command "tour".'],
    [["verify", "-t", "acme"], "There is no option -t."],
    [["Ünknown!"], "There is no command of that name."],
    [["decode"], "A token is missing: give it as an argument, or - to read standard input."],
    [["decode", "a", "b"], "Give one token: quote it if there are spaces in it."],
    [["decode", "-"], "The token is empty."],
    [["decode", "--colour", "x"], "There is no option --colour."],
    [["decode", "--josn", "x"], "There is no option --josn: did you mean --json?"],
    [["decode", "-josn", "x"], "There is no option -j: did you mean --json?"],
    [["decode", "--Json", "x"], "There is no option --Json: did you mean --json?"],
    [["verify", "--teem", "acme"], "There is no option --teem: did you mean --team?"],
    [["verify", "--tolerence=5"], "There is no option --tolerence: did you mean --tolerance?"],
    [["verify", "--audiense", AUD], "There is no option --audiense: did you mean --audience?"],
    [["token", "--expire", "5"], "There is no option --expire: did you mean --expires?"],
    [["pem", "acme", "--kdi", "x"], "There is no option --kdi: did you mean --kid?"],
    [["local", "3000", "--emial", "x"], "There is no option --emial: did you mean --email?"],
    [["lokal", "3000"], 'There is no command "lokal": did you mean "local"?'],
    [["tokn"], 'There is no command "tokn": did you mean "token"?'],
    [["vreify"], 'There is no command "vreify": did you mean "verify"?'],
    [["decode", "--json=yes", "x"], "--json takes no value."],
    [["verify", "--team"], "--team needs a value."],
    [["verify", "--team", "--aud"], "--team needs a value."],
    [["token", "--expires"], "--expires needs a value."],
    [["token", "--expires", "--team", "acme"], "--expires needs a value."],
    [
      ["token", "--team", "a", "--aud", "a", "--expires", "-1h"],
      "--expires must be a number from -31622400 to 31622400.",
    ],
    [
      ["token", "--team", "a", "--aud", "a", "--expires", "-99999999"],
      "--expires must be a number from -31622400 to 31622400.",
    ],
    [["local", "3000", "--port", "-1"], "--port must be a number from 0 to 65535."],
    [
      ["verify", "--team", "a", "--aud", AUD, "--tolerance", "-5", "x"],
      "--tolerance must be a number from 0 to 300.",
    ],
    [
      ["verify", "--team", "a", "--aud", AUD, "--at", "-60", "x"],
      "--at must be a time, like 2025-01-31T09:00Z.",
    ],
    [["keys", "https://[::1/"], "Keys are fetched from a URL, and this is not one."],
  ])("answers %j with a sentence, and exits with 2", async (argv, expected) => {
    const { code, out, err } = await postern(argv);
    expect(err.split("\n")[0]).toBe(expected);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("tells a mistake as JSON too when it was asked for JSON", async () => {
    const { out } = await postern(["decode", "--json"]);
    expect(JSON.parse(out)).toEqual({
      error: { code: "usage", says: expect.stringContaining("A token is missing") },
    });
  });

  it("passes on what is nobody's mistake", async () => {
    const now = (): number => {
      throw new Error("no clock");
    };
    await expect(postern(["decode", await signed()], { now })).rejects.toThrow("no clock");
  });

  it("says that standard input cannot be read", async () => {
    const readStdin = () => Promise.reject(Object.assign(new Error(), { code: "EFBIG" }));
    const world = { readStdin } as never;
    expect((await postern(["decode", "-"], world)).err).toContain("Standard input cannot be read");
    expect((await postern(["keys", "-"], world)).err).toContain("too large for a key set");
  });

  describe("never puts the token into a message", () => {
    it.each([
      ["a command", (token: string) => [token]],
      ["help", (token: string) => ["help", token]],
      ["an option", (token: string) => ["decode", `--${token}`]],
      ["a short option", (token: string) => ["decode", `-${token}`]],
      ["a value of a flag", (token: string) => ["decode", `--json=${token}`, "x"]],
      ["a second token", (token: string) => ["decode", token, token]],
      ["a team", (token: string) => ["verify", "--team", token, "--aud", AUD, token]],
      ["an issuer without keys", (token: string) => ["verify", "--issuer", token, token]],
      ["a time", (token: string) => ["verify", "--team", "a", "--aud", AUD, "--at", token, token]],
      [
        "a type",
        (token: string) => ["verify", "--team", "a", "--aud", "a", "--type", token, token],
      ],
      ["no team", (token: string) => ["verify", token]],
      ["a source of keys", (token: string) => ["keys", token]],
      ["a file of keys", (token: string) => ["keys", `${token}.json`]],
      ["a claim", (token: string) => ["token", "--team", "a", "--aud", "a", "--claim", token]],
      [
        "a name of a hostile token",
        (token: string) => ["token", "--team", "a", "--aud", "a", "--hostile", token],
      ],
      ["an address of Local Access", (token: string) => ["token", "--from", token]],
      ["an application", (token: string) => ["local", token]],
      [
        "two cookies",
        (token: string) => ["decode", `CF_Authorization=${token}; CF_Authorization=${token}x`],
      ],
    ])("given as %s", async (_, argv) => {
      const token = await signed();
      const { code, err } = await postern(argv(token), { files });
      expect(code).toBeGreaterThan(0);
      expect(err).not.toBe("");
      for (const part of token.split(".")) expect(err).not.toContain(part.slice(0, 24));
    });
  });

  describe("shows nothing that steers a terminal", () => {
    const evil =
      "\u0000\u001b]0;x\u0007\u001b[2J\r\n\u007f\u009b31m\u202eevil\u2066\u2028\u{e0041}\ud800";

    it.each(["decode", "verify", "keys"])("in what %s prints", async (command) => {
      const claims = { iss: evil, aud: [evil], email: evil, type: evil, [evil]: { [evil]: evil } };
      const token = await signed(claims, { kid: evil, typ: evil, [evil]: 1 });
      const jwks = JSON.parse(JWKS);
      jwks.keys.push({ ...jwks.keys[0], kid: evil }, { kty: "EC", kid: evil });
      const world = { files: new Map([["certs.json", JSON.stringify(jwks)]]), colour: true };
      const argv = {
        decode: ["decode", token],
        // White space divides several tags.
        verify: ["verify", "--team", "acme", "--aud", evil, "--keys", "certs.json", token],
        keys: ["keys", "certs.json", "--token", token],
      }[command] as string[];
      const { out, err } = await postern(argv, world);
      expect(out).toContain("\\u202eevil");
      for (const text of [out, err]) {
        const uncoloured = text.replace(/\u001b\[\d+m/g, "");
        expect(uncoloured).not.toMatch(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
      }
      const { out: json } = await postern([...argv, "--json"], world);
      expect(json).not.toMatch(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
      expect(JSON.stringify(JSON.parse(json))).toContain(JSON.stringify(evil).slice(1, -1));
    });

    it("in what pem prints", async () => {
      const [key] = JSON.parse(JWKS).keys;
      const stdin = JSON.stringify({ keys: [{ ...key, kid: evil }, { kid: evil }] });
      const { out, err } = await postern(["pem", "-"], { stdin });
      for (const text of [out, err]) {
        expect(text).toContain("\\u202eevil");
        expect(text).not.toMatch(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
      }
    });

    it("in a complaint about a hint from the token", async () => {
      const { err } = await postern(["verify", await signed({ iss: evil })]);
      expect(err).toContain("\\u202eevil");
      expect(err).not.toMatch(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
    });
  });

  it("colours ticks and crosses where there are colours", async () => {
    const argv = ["verify", "--team", "acme", "--aud", "other", "--keys", "certs.json"];
    const { out } = await postern([...argv, await signed()], { files, colour: true });
    expect(out).toContain("\u001b[32m✓\u001b[39m");
    expect(out).toContain("\u001b[31m✗\u001b[39m");
    expect((await postern(["help"], { colour: true })).out).toContain(
      "\u001b[1mverify  \u001b[22m",
    );
  });

  it("knows the time by its terminal alone", async () => {
    const { out } = await postern(["decode", await issuer.userToken()], { now: () => NOW + 5000 });
    expect(out).toContain("5 seconds ago");
  });
});
