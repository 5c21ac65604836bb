import { describe, expect, it } from "vitest";
import { postern } from "./fake-terminal.ts";
import { AUD, CLAIMS, signed } from "./fixtures.ts";

describe("postern decode", () => {
  it("shows header and claims with readable times, and says UNVERIFIED", async () => {
    const { code, out, err } = await postern(["decode", await signed()]);
    expect(out).toBe(`\
UNVERIFIED: anyone can write such a token. \`postern verify\` checks whether it is genuine.

Header
  alg  "RS256"
  kid  "key-1"
  typ  "JWT"

Claims
  aud    ["${AUD}"]
  email  "ada@example.com"
  exp    1738324800  2025-01-31 12:00:00 UTC, in 3 hours
  iat    1738306800  2025-01-31 07:00:00 UTC, 2 hours ago
  nbf    1738306800  2025-01-31 07:00:00 UTC, 2 hours ago
  iss    "https://acme.cloudflareaccess.com"
  type   "app"
  sub    "7335d417-61da-459d-899c-0a01c76a2f94"

At a glance
  nothing is wrong, as far as can be seen without a key
`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  it("lists what is wrong at a glance, and what would help", async () => {
    const token = await signed(
      { exp: CLAIMS.iat, type: "org", email: undefined },
      { alg: "none", crit: ["x"], kid: undefined },
    );
    const { code, out } = await postern(["decode", token]);
    expect(out.slice(out.indexOf("At a glance"))).toBe(`\
At a glance
  ✗ algorithm  none: it is not signed
               Access signs only with RS256: this is another issuer's token, or a forged one.
  ✗ header     crit is not supported by a guard
               No token of Access has this: it is a token of another kind.
  ✗ type       org, not app
               It is the token of the team domain. The application's own token is in the cookie of the same name on the application's host.
  ✗ expiry     expired 2 hours ago, at 2025-01-31 07:00:00 UTC
               Log in again. If the token should still be valid, check this machine's clock.
  ✗ principal  neither a user (sub and email) nor a service (common_name)
               No token of Access is like this: it is a token of another kind.
`);
    expect(code).toBe(0);
  });

  it.each([
    ["in milliseconds", CLAIMS.exp * 1000, /perhaps in milliseconds/],
    ["in a string", String(CLAIMS.exp), /exp +"1738324800" {2}not a number of seconds/],
    ["outside the range of dates", 1e300, /outside the range of dates/],
    ["absent", undefined, /✗ expiry +it has no expiry/],
  ])("recognises an expiry that is %s", async (_, exp, expected) => {
    const { out } = await postern(["decode", await signed({ exp })]);
    expect(out).toMatch(expected);
  });

  it("recognises a token that is not yet valid", async () => {
    const { out } = await postern(["decode", await signed({ nbf: CLAIMS.exp })]);
    expect(out).toMatch(
      /✗ start +nbf is 3 hours in the future: 2025-01-31 12:00:00 UTC, in 3 hours/,
    );
  });

  it("does not expect an Access token's claims of another issuer's token", async () => {
    const token = await signed({
      iss: "https://issuer.example",
      type: undefined,
      email: undefined,
    });
    expect((await postern(["decode", token])).out).toContain("nothing is wrong");
  });

  it("gives the same as JSON", async () => {
    const { code, out } = await postern(["decode", "--json", await signed({ exp: 0 })]);
    const { verified, header, payload, times, problems } = JSON.parse(out);
    expect(code).toBe(0);
    expect(verified).toBe(false);
    expect(header).toEqual({ alg: "RS256", kid: "key-1", typ: "JWT" });
    expect(payload).toEqual({ ...CLAIMS, exp: 0 });
    expect(times).toMatchObject({ exp: "1970-01-01 00:00:00 UTC", iat: "2025-01-31 07:00:00 UTC" });
    expect(problems).toMatchObject([{ name: "expiry", state: "wrong" }]);
  });

  it("reads standard input for -", async () => {
    const { out } = await postern(["decode", "-"], { stdin: `${await signed()}\n` });
    expect(out).toContain("ada@example.com");
  });

  it.each([
    ["cut in its payload", (token: string) => token.slice(0, 200), "1 dot, where a token has 2"],
    ["three dots", (token: string) => `${token}.`, "3 dots, where a token has 2"],
    ["a foreign letter", (token: string) => `${token}!`, "characters that no token contains"],
    ["a letter too many", (token: string) => `A${token}`, "one part that is not JSON in base64url"],
    ["much too long", (token: string) => token.repeat(30), "characters, which is too long"],
  ])("refuses an input that is no token: %s", async (_, spoil, expected) => {
    const spoilt = spoil(await signed());
    const { code, out } = await postern(["decode", spoilt]);
    expect(code).toBe(1);
    expect(out).toContain("This is not a token.");
    expect(out).toContain(expected);
    const { out: json } = await postern(["decode", "--json", spoilt]);
    expect(JSON.parse(json)).toMatchObject({ verified: false, problems: [{ name: "spelling" }] });
  });
});
