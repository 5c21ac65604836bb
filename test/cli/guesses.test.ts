import { describe, expect, it } from "vitest";
import { columns } from "../../src/cli/paint.ts";
import { guessTeam, isPlaceholder, oddAudience } from "../../src/explain/guess-team.ts";
import { guessToken } from "../../src/explain/guess-token.ts";
import { describeTime, distance, duration } from "../../src/explain/human-time.ts";
import { postern } from "./fake-terminal.ts";
import { AUD } from "./fixtures.ts";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2lnbmF0dXJl";

describe("a pasted token is found", () => {
  it.each([
    ["as it is", TOKEN],
    ["with white space around it", `\n  ${TOKEN}\r\n`],
    ["in double quotes", `"${TOKEN}"`],
    ["in single quotes", `'${TOKEN}'`],
    ["as a bearer token", `Bearer ${TOKEN}`],
    ["in an Authorization field", `authorization: bearer ${TOKEN}`],
    ["in the assertion field", `Cf-Access-Jwt-Assertion: ${TOKEN}`],
    ["as a cookie", `CF_Authorization=${TOKEN}`],
    ["in a Cookie field", `Cookie: a=b; CF_Authorization=${TOKEN}; CF_AppSession=c`],
    [
      "twice in a Cookie field, and the same",
      `CF_Authorization=${TOKEN}; CF_Authorization=${TOKEN}`,
    ],
    ["in a Set-Cookie field", `Set-Cookie: CF_Authorization=${TOKEN}; Path=/; HttpOnly`],
    ["in a curl command", `curl -H 'cf-access-jwt-assertion: ${TOKEN}' https://app.example`],
    ["in JSON", `{"token":"${TOKEN}"}`],
    [
      "in the address of a log-in page",
      `https://acme.cloudflareaccess.com/cdn-cgi/access/login/app.example?kid=a&meta=${TOKEN}&redirect_url=%2F`,
    ],
    ["broken into lines", TOKEN.replace(/.{20}/g, "$&\n")],
  ])("%s", (_, pasted) => {
    const { token, note } = guessToken(pasted);
    expect(token).toBe(TOKEN);
    expect(note === undefined).toBe(pasted.trim() === TOKEN);
  });

  it.each([
    ["padding", `${TOKEN}=`],
    ["a fourth part", `${TOKEN}.x`],
    ["a letter too many", `${TOKEN}!`],
    ["percent signs", TOKEN.replaceAll(".", "%2E")],
    ["nothing like a token", "hello"],
    ["several words", "hello world"],
  ])("but not repaired when it has %s, because the checks report that", (_, pasted) => {
    expect(guessToken(pasted)).toEqual({ token: pasted });
  });

  it("but not chosen among several", () => {
    expect(() => guessToken(`a=${TOKEN} b=${TOKEN}x`)).toThrow("This contains 2 different tokens");
    expect(() => guessToken(`CF_Authorization=${TOKEN}; CF_Authorization=x`)).toThrow(
      "2 different",
    );
  });

  it("and CF_AppSession is named as the wrong cookie", () => {
    expect(() => guessToken("Cookie: CF_AppSession=abc")).toThrow("CF_AppSession is not a token");
  });
});

describe("the secret of a service token", () => {
  const SECRET = `cfast_${"a1B2".repeat(10)}0f9e8d7c`;
  const pasted: readonly (readonly [string, string])[] = [
    ["as it is", SECRET],
    ["in capitals", SECRET.toUpperCase()],
    ["in quotes", `"${SECRET}"`],
    ["in its header", `CF-Access-Client-Secret: ${SECRET}`],
    ["in a curl command", `curl -H 'CF-Access-Client-Secret: ${SECRET}' https://app.example`],
    ["cut", SECRET.slice(0, 20)],
    ["beside a token", `${SECRET} CF_Authorization=${TOKEN}`],
    ["of the older format, in its header", `cf-access-client-secret: ${"0a".repeat(32)}`],
    ["of the older format, in JSON", `{"CF-Access-Client-Secret":"${"0a".repeat(32)}"}`],
  ];

  it.each(pasted)("is recognised %s, and never repeated", async (_, text) => {
    expect(() => guessToken(text)).toThrow("the secret of a service token");
    for (const command of ["decode", "verify"]) {
      for (const argv of [[text], ["-"], [text, "--json"], ["-", "--json"]]) {
        const more = command === "verify" ? ["--team", "acme", "--aud", AUD] : [];
        const { code, out, err } = await postern([command, ...argv, ...more], { stdin: text });
        expect(code).toBe(2);
        expect(err).toContain("the secret of a service token");
        expect(out + err).not.toMatch(/cfast_|0a0a/i);
      }
    }
  });

  it("is never repeated, for any option and command", async () => {
    for (const argv of [
      [SECRET],
      ["decode", `--${SECRET}`],
      ["decode", "--json", SECRET],
      ["verify", "--team", SECRET, "--aud", AUD, TOKEN],
      ["verify", "--team", "acme", "--aud", SECRET, TOKEN],
      ["verify", "--team", "acme", `--aud=${SECRET}`, TOKEN],
      ["verify", "--issuer", SECRET, "--keys", SECRET, "--aud", AUD, TOKEN],
      ["keys", SECRET],
      ["pem", SECRET],
      ["local", SECRET],
      ["local", "3000", "--email", SECRET],
      ["token", "--from", SECRET],
      ["token", "--team", "acme", "--aud", SECRET],
      ["token", "--team", "acme", "--aud", AUD, "--service", SECRET],
      ["help", SECRET],
    ]) {
      const { code, out, err } = await postern(argv);
      expect(code, argv[0]).toBe(2);
      expect(out + err).not.toContain("cfast_");
    }
  });
});

describe("a team is found", () => {
  it.each([
    ["acme", "https://acme.cloudflareaccess.com"],
    ["ACME", "https://acme.cloudflareaccess.com"],
    ['"acme"', "https://acme.cloudflareaccess.com"],
    ["acme.cloudflareaccess.com", "https://acme.cloudflareaccess.com"],
    ["acme.cloudflareaccess.com/", "https://acme.cloudflareaccess.com"],
    ["http://acme.cloudflareaccess.com", "https://acme.cloudflareaccess.com"],
    ["https://acme.cloudflareaccess.com/cdn-cgi/access/certs", "https://acme.cloudflareaccess.com"],
    ["acme.cloudflareaccess.com/cdn-cgi/access/certs", "https://acme.cloudflareaccess.com"],
    [
      "https://acme.fed.cloudflareaccess.com/cdn-cgi/access/login/app.example?kid=x",
      "https://acme.fed.cloudflareaccess.com",
    ],
    ["localhost:8788", "http://localhost:8788"],
    ["http://127.0.0.1:8788/page", "http://127.0.0.1:8788"],
  ])("in %s", (given, issuer) => {
    expect(guessTeam(given).issuer).toBe(issuer);
  });

  it.each([
    "",
    "app.example.com",
    "https://app.example.com/",
    "ftp://acme.cloudflareaccess.com",
    "a b",
    "acme.cloudflareaccess.com.attacker.example",
  ])("but not in %j", (given) => {
    expect(() => guessTeam(given)).toThrow(/A team is a name like "acme"/);
  });

  it.each(["<your-team>", "YOUR_TEAM_NAME", "$TEAM", "{team}", "…"])(
    "and %s is a placeholder",
    (given) => {
      expect(isPlaceholder(given)).toBe(true);
      expect(() => guessTeam(given)).toThrow("was not replaced");
    },
  );

  it.each(["your-team", "team-name", "undefined", "xxx", "team-here"])(
    "and %s may be one, or a real team name",
    (given) => {
      expect(isPlaceholder(given)).toBe(true);
      expect(guessTeam(given)).toMatchObject({
        name: given,
        note: "the team looks like a placeholder",
      });
    },
  );

  it.each([
    ["https://acme.cloudflareaccess.com/cdn-cgi/access/certs", ": leave out /cdn-cgi/access/certs"],
    ["acme.cloudflareaccess.com/cdn-cgi/access/certs/", ": leave out /cdn-cgi/access/certs/"],
    ["https://acme.cloudflareaccess.com/warp", ": leave out /warp"],
    [
      "https://acme.cloudflareaccess.com/cdn-cgi/access/login/app.example?kid=x",
      ": leave out everything after the host",
    ],
    [`https://acme.cloudflareaccess.com/${TOKEN}`, ": leave out everything after the host"],
    ["https://acme.cloudflareaccess.com?x#y", ": leave out everything after the host"],
    ["http://acme.cloudflareaccess.com", ""],
  ])("in %s, and the note says what to leave out", (given, surplus) => {
    expect(guessTeam(given).note).toBe(
      `took https://acme.cloudflareaccess.com as the team${surplus}`,
    );
  });

  it.each(["my-team", "yourself", "audio", "teams"])("and %s is none", (given) => {
    expect(guessTeam(given).note).toBeUndefined();
  });
});

describe("an AUD tag", () => {
  it.each([
    [AUD, undefined],
    [AUD.toUpperCase(), /lower case/],
    ["POLICY_AUD", /placeholder/],
    ["https://app.example.com", /address/],
    ["app.example.com", /address/],
    ["7335d417-61da-459d-899c-0a01c76a2f94", /the application.s id/],
    ["my-api", /it has 6 characters, but an AUD tag of Access is 64 hexadecimal digits/],
    [AUD.slice(32), /it has 32 characters/],
    [`"${AUD}"`, /quotes/],
    [`'${AUD}'`, /quotes/],
    [`${AUD} ${AUD}`, /white space/],
    [`${AUD}\n`, /white space/],
  ])("%s", (tag, expected) => {
    const odd = oddAudience(tag);
    if (expected === undefined) expect(odd).toBeUndefined();
    else expect(odd).toMatch(expected);
  });
});

describe("a time is shown in plain words", () => {
  const now = Date.UTC(2025, 0, 31, 9);

  it.each([
    [0, "0 seconds"],
    [1, "1 second"],
    [119, "119 seconds"],
    [120, "2 minutes"],
    [7199, "119 minutes"],
    [7200, "2 hours"],
    [172_799, "47 hours"],
    [172_800, "2 days"],
  ])("%d as %s", (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });

  it("before, after and now", () => {
    expect(distance(now / 1000, now)).toBe("now");
    expect(distance(now / 1000 + 60, now)).toBe("in 60 seconds");
    expect(distance(now / 1000 - 7200, now)).toBe("2 hours ago");
  });

  it.each([
    [now / 1000, "2025-01-31 09:00:00 UTC, now"],
    [now, /^\+?\d+-.* UTC, in \d+ days, perhaps in milliseconds$/],
    [Number.NaN, "outside the range of dates"],
    [-1e20, "outside the range of dates"],
    ["1", "not a number of seconds"],
    [null, "not a number of seconds"],
  ])("%j", (value, expected) => {
    expect(describeTime(value, now)).toMatch(expected);
  });
});

describe("columns", () => {
  it("are as wide as the widest name on screen", () => {
    const column = columns(["a", "\u001b", ""]);
    expect([column("a"), column("\u001b"), column("")]).toEqual(["a     ", "\\u001b", "      "]);
  });
});
