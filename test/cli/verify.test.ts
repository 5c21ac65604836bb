import { describe, expect, it, vi } from "vitest";
import { guessToken } from "../../src/explain/guess-token.ts";
import { createVerifier, isTokenError } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { NOW, postern, type World } from "./fake-terminal.ts";
import { AUD, CLAIMS, issuer, JWKS, OTHER_AUD, signed } from "./fixtures.ts";

vi.setConfig({ testTimeout: 60_000 });

const files = new Map([["certs.json", JWKS]]);
const base = ["verify", "--team", "acme", "--aud", AUD, "--keys", "certs.json"];
const verify = (token: string, more: readonly string[] = [], world: World = {}) =>
  postern([...base, ...more, token], { files, ...world });

const page = (code: string): string => `https://postern.example/errors.html#${code}`;

describe("postern verify", () => {
  it("shows each check as a line, and the principal", async () => {
    const { code, out, err } = await verify(await signed());
    expect(out).toBe(`\
accepted: user ada@example.com

  ✓ spelling   three parts in base64url, JSON in two of them
  ✓ algorithm  RS256
  ✓ header     nothing unusual
  ✓ key        key-1, of certs.json
  ✓ signature  made by that key
  ✓ issuer     https://acme.cloudflareaccess.com
  ✓ type       app
  ✓ audience   ${AUD}
  ✓ expiry     2025-01-31 12:00:00 UTC, in 3 hours
  ✓ start      2025-01-31 07:00:00 UTC, 2 hours ago
  ✓ principal  user ada@example.com
`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  it("shows with a cross every check that failed, and what would fix it", async () => {
    const { code, out } = await verify(await signed({ aud: [OTHER_AUD], exp: CLAIMS.nbf }));
    expect(out).toBe(`\
refused: audience_mismatch, and a guard answers 401

  ✓ spelling   three parts in base64url, JSON in two of them
  ✓ algorithm  RS256
  ✓ header     nothing unusual
  ✓ key        key-1, of certs.json
  ✓ signature  made by that key
  ✓ issuer     https://acme.cloudflareaccess.com
  ✓ type       app
  ✗ audience   ${OTHER_AUD}, not ${AUD}
               Find it in the Zero Trust dashboard: Access controls > Applications > the application > Additional settings > Application Audience (AUD) Tag.
  ✗ expiry     expired 2 hours ago, at 2025-01-31 07:00:00 UTC
               Log in again. If the token should still be valid, check this machine's clock.
  ✓ start      2025-01-31 07:00:00 UTC, 2 hours ago
  ✓ principal  user ada@example.com

${page("audience_mismatch")}
`);
    expect(code).toBe(1);
  });

  it("marks no claim of a forged token as checked", async () => {
    const [header, payload] = (await signed()).split(".");
    const [, , signature] = (await signed({ email: "bob@example.com" })).split(".");
    const { code, out } = await verify(`${header}.${payload}.${signature}`);
    expect(out).toBe(`\
refused: signature_invalid, and a guard answers 401

  ✓ spelling   three parts in base64url, JSON in two of them
  ✓ algorithm  RS256
  ✓ header     nothing unusual
  ✓ key        key-1, of certs.json
  ✗ signature  not made by that key
               Copy the whole token again. If that does not help, the token was changed or forged.
  · issuer     https://acme.cloudflareaccess.com
  · type       app
  · audience   ${AUD}
  · expiry     2025-01-31 12:00:00 UTC, in 3 hours
  · start      2025-01-31 07:00:00 UTC, 2 hours ago
  · principal  user ada@example.com

${page("signature_invalid")}
`);
    expect(code).toBe(1);
  });

  it("names the keys that there are when the token asks for another one", async () => {
    const { code, out } = await verify(await signed({}, { kid: "key-0" }));
    expect(out).toContain("✗ key        key-0 is not among the keys of certs.json: key-");
    expect(out).toContain("· signature  not checked: there is no key for it");
    expect(out).toContain("refused: key_not_found");
    expect(code).toBe(1);
  });

  it("says why the key of the token is skipped", async () => {
    const spoilt = JSON.parse(JWKS);
    for (const key of spoilt.keys) if (key.kid === "key-1") key.use = "enc";
    const { out } = await verify(await signed(), [], {
      files: new Map([["certs.json", JSON.stringify(spoilt)]]),
    });
    expect(out).toContain("✗ key        key-1 is there, but skipped: use is not sig");
  });

  it("accepts a service token, and a token without kid", async () => {
    const service = { email: undefined, sub: "", common_name: "ci.access" };
    expect((await verify(await signed(service))).out).toContain("accepted: service ci.access\n");
    const { code, out } = await verify(await signed({}, { kid: undefined }));
    expect(out).toContain("✓ key        the token names no key; all 2 of certs.json are tried");
    expect(code).toBe(0);
  });

  it("is undecided, and exits with 3, when the keys cannot be read", async () => {
    const { code, out } = await verify(await signed(), ["--keys", "nowhere.json"]);
    expect(out).toContain("✗ key        nowhere.json: there is no such file");
    expect(out).toContain("· issuer     https://acme");
    expect(out).toContain("undecided: fetch_failed, and a guard answers 503");
    expect(code).toBe(3);
  });

  it.each([
    [
      "TEAM_DOMAIN and POLICY_AUD",
      { TEAM_DOMAIN: "https://acme.cloudflareaccess.com", POLICY_AUD: AUD },
      [],
    ],
    [
      "a flag before its variable",
      { TEAM_DOMAIN: "globex", POLICY_AUD: "x" },
      ["--team", "acme", "--aud", AUD],
    ],
    [
      "several tags of one variable",
      { TEAM_DOMAIN: "acme", POLICY_AUD: `${OTHER_AUD}, ${AUD}` },
      [],
    ],
    ["tags in JSON", { TEAM_DOMAIN: "acme", POLICY_AUD: `["${OTHER_AUD}","${AUD}"]` }, []],
    ["one tag in brackets", { TEAM_DOMAIN: "acme", POLICY_AUD: `[${AUD}]` }, []],
  ])("takes %s", async (_, env, flags) => {
    const argv = ["verify", "--keys", "certs.json", ...flags, await signed()];
    expect(await postern(argv, { files, env })).toMatchObject({ code: 0, err: "" });
  });

  it("does not use the variables for another issuer", async () => {
    const env = { TEAM_DOMAIN: "acme", POLICY_AUD: AUD };
    const argv = [
      "verify",
      "--issuer",
      "https://issuer.example",
      "--keys",
      "certs.json",
      await signed(),
    ];
    const { code, err } = await postern(argv, { files, env });
    expect(err).toContain("Give the application's AUD tag with --aud");
    expect(code).toBe(2);
  });

  it.each([
    ["--issuer", '"https://x"', "quotes around it"],
    ["--issuer", "“https://x”", "quotes around it"],
    ["--issuer", " https://x", "white space around it"],
    ["--issuer", "https://x,", "a comma at its end"],
    ["--issuer", '["https://x"]', "quotes|JSON around it"],
    ["--aud", '"a"', "quotes around it"],
    ["--aud", "'a'", "quotes around it"],
    ["--aud", "{a}", "JSON around it"],
    ["--audience", "[a]", "JSON around it"],
  ])("refuses %s %s in one sentence, without a verdict", async (option, value, extra) => {
    const audience = option === "--issuer" ? ["--aud", "a"] : [];
    const issuer = option === "--issuer" ? [] : ["--issuer", "https://x"];
    const argv = [...issuer, ...audience, option, value, "--keys", "certs.json", await signed()];
    const { code, out, err } = await postern(["verify", ...argv], { files });
    const name = option.replace("audience", "aud");
    expect(err).toMatch(new RegExp(`^${name} must be given without (?:${extra})\\.\n`));
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("refuses braces around the AUD tag of a team", async () => {
    const { code, err } = await verify(await signed(), ["--aud", `{${AUD}}`]);
    expect(err).toContain("--aud must be given without JSON around it.");
    expect(code).toBe(2);
  });

  it("is undecided when no key is usable", async () => {
    const none = new Map([["certs.json", '{"keys":[{"kty":"EC"}]}']]);
    const { code, out } = await verify(await signed(), [], { files: none });
    expect(out).toContain("certs.json: no key in it can verify RS256");
    expect(code).toBe(3);
  });

  it("fetches the team's own keys", async () => {
    const { fetch } = issuer;
    const argv = ["verify", "--team", "acme", "--aud", AUD, await issuer.userToken()];
    const { code, out } = await postern(argv, { fetch });
    expect(out).toContain("of https://acme.cloudflareaccess.com/cdn-cgi/access/certs\n");
    expect(code).toBe(0);
    const unknown = await createTestIssuer({ decoyKeys: true, team: "other" });
    const { code: undecided, out: said } = await postern(argv, { fetch: unknown.fetch });
    expect(said).toContain("Access answers 404 for a team that does not exist");
    expect(undecided).toBe(3);
  });

  it("recognises a placeholder, the certs URL as team, and a cookie as token", async () => {
    const { code, out, err } = await postern(
      [
        "verify",
        ...["--team", "https://acme.cloudflareaccess.com/cdn-cgi/access/certs"],
        ...["--aud", "your-aud-tag", "--keys", "certs.json"],
        `Cookie: theme=dark; CF_Authorization=${await signed()}; CF_Binding=x`,
      ],
      { files },
    );
    expect(err).toBe(`\
note: used the cookie CF_Authorization
note: took https://acme.cloudflareaccess.com as the team: leave out /cdn-cgi/access/certs
note: check --aud: it looks like a placeholder that was not replaced
`);
    expect(out).toContain("Check the AUD tag that you gave: it looks like a placeholder");
    expect(code).toBe(1);
  });

  it("can judge a token at another time", async () => {
    const token = await signed();
    expect((await verify(token, ["--at", "2025-01-31T12:02Z"])).out).toContain("token_expired");
    expect((await verify(token, ["--at", String(CLAIMS.iat)])).code).toBe(0);
    expect((await verify(token, ["--at", "2025-01-31T12:00Z", "--tolerance", "0"])).code).toBe(1);
    expect((await verify(token, ["--at", "2025-01-31T12:02Z", "--tolerance", "300"])).code).toBe(0);
  });

  it("uses the given time, and does not blame this machine's clock", async () => {
    const token = await signed();
    for (const [at, says] of [
      ["2025-01-31T12:02Z", "It was expired at the time that --at gives."],
      ["2025-01-30T12:02Z", "It was not valid yet at the time that --at gives."],
    ] as const) {
      for (const json of [[], ["--json"]]) {
        const { out } = await verify(token, ["--at", at, ...json]);
        expect(out).toContain(says);
        expect(out).not.toMatch(/this machine's clock/i);
      }
    }
    const now = await verify(await signed({ exp: CLAIMS.iat + 1 }));
    expect(now.out).toContain("check this machine's clock");
  });

  it("checks a team's session token, and another issuer's token, on request", async () => {
    const org = await signed({ type: "org" });
    expect((await verify(org)).out).toContain("token_type_mismatch");
    expect((await verify(org, ["--type", "org"])).code).toBe(0);
    const iss = "https://issuer.example";
    const argv = ["verify", "--issuer", iss, "--aud", AUD, "--keys", "certs.json"];
    const { code, out } = await postern([...argv, await signed({ iss, type: undefined })], {
      files,
    });
    expect(code).toBe(0);
    expect(out).not.toContain("principal");
    expect(out).toMatch(/^accepted\n\n/);
  });

  it("accepts one of several audiences", async () => {
    const argv = [
      "verify",
      "--team",
      "acme",
      "--aud",
      `${OTHER_AUD}, ${AUD}`,
      "--keys",
      "certs.json",
    ];
    expect((await postern([...argv, await signed()], { files })).code).toBe(0);
  });

  it("gives the same as JSON", async () => {
    const accepted = JSON.parse((await verify(await signed(), ["--json"])).out);
    expect(accepted).toMatchObject({
      verdict: "accepted",
      principal: { kind: "user", email: "ada@example.com" },
      payload: CLAIMS,
    });
    expect(accepted.checks).toHaveLength(11);
    const refused = JSON.parse((await verify(await signed({ exp: 0 }), ["--json"])).out);
    expect(refused).toMatchObject({ verdict: "refused", code: "token_expired", status: 401 });
    const argv = ["--json", "--keys", "nowhere.json"];
    const undecided = JSON.parse((await verify(await signed(), argv)).out);
    expect(undecided).toMatchObject({ verdict: "undecided", code: "fetch_failed", status: 503 });
  });

  it.each([
    [
      "no team",
      ["--aud", AUD],
      /with --team. The token contains https:\/\/acme.*: is this the right one\?/,
    ],
    [
      "no audience",
      ["--team", "acme"],
      /with --aud. The token contains 4714c.*: is this the right one\?/,
    ],
    ["team and issuer", ["--team", "a", "--issuer", "b"], /with --team/],
    ["an issuer without keys", ["--issuer", "b", "--aud", "a"], /also give its keys with --keys/],
    ["an empty issuer", ["--issuer", "", "--aud", "a"], /--issuer needs a value/],
    ["a placeholder as team", ["--team", "<your-team>", "--aud", "a"], /placeholder/],
    ["an unknown type", ["--team", "a", "--aud", "a", "--type", "x"], /app, org or any/],
    ["a negative tolerance", ["--team", "a", "--aud", "a", "--tolerance=-1"], /from 0 to 300/],
    ["a tolerance in words", ["--team", "a", "--aud", "a", "--tolerance", "some"], /a number/],
    ["no time", ["--team", "a", "--aud", "a", "--at", "noon"], /--at must be a time/],
  ])("asks for what is missing or wrong: %s", async (_, options, expected) => {
    const { code, out, err } = await postern(["verify", ...options, await signed()]);
    expect(err).toMatch(expected);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("agrees with the verifier on every hostile token, and always names the fault", async () => {
    const world = { files: new Map([["certs.json", JSON.stringify(issuer.jwks())]]) };
    const verifier = createVerifier({
      team: "acme",
      audience: AUD,
      keys: issuer.jwks(),
      now: () => NOW,
    });
    await verifier.prefetch();
    let refused = 0;
    for (const { name, token } of await issuer.hostileTokens({ carrier: "string" })) {
      const meant = guessToken(token).token;
      if (meant === "") continue;
      const result = await verifier.safeVerify(meant);
      const { code, out } = await postern([...base, "--json", "--", token], world);
      const { verdict, code: reason, checks } = JSON.parse(out);
      const wrong = checks.filter(({ state }: { state: string }) => state === "wrong");
      if (result.ok) {
        // White space around a pasted token is not part of it.
        expect({ name, code, verdict, wrong }).toEqual({
          name,
          code: 0,
          verdict: "accepted",
          wrong: [],
        });
        expect(name).toMatch(/^spelling-/);
        continue;
      }
      refused++;
      expect({ name, code, verdict }).toEqual({ name, code: 1, verdict: "refused" });
      expect({ name, reason }).toEqual({ name, reason: result.error.code });
      expect(wrong.length, name).toBeGreaterThan(0);
      const { claim } = isTokenError(result.error) ? result.error : {};
      const line = { aud: "audience", iss: "issuer", exp: "expiry", nbf: "start", iat: "start" }[
        claim ?? ""
      ];
      if (line !== undefined)
        expect(
          wrong.map((it: { name: string }) => it.name),
          name,
        ).toContain(line);
    }
    expect(refused).toBeGreaterThan(230);
  });
});
