import { describe, expect, it } from "vitest";
import { claimAt, claimPath } from "../../src/adapters/claim-path.ts";
import { identityFields } from "../../src/adapters/identity-headers.ts";

const issuer = "https://acme.cloudflareaccess.com";
const accessOf = (payload: object, principal: object = { kind: "user", id: "ada" }) =>
  ({ issuer, principal, payload }) as never;
const valueFor = (fact: string, payload: object, principal?: object): string | undefined =>
  identityFields({ "X-Fact": fact }).values(accessOf(payload, principal)).at(-1);

const EXPECTED =
  'headers must be an object with a fact for each header name, such as { "X-WEBAUTH-USER": "email" }, got';
const NAME = "headers must not contain a name that is not valid or not allowed";

describe("the headers of an identity", () => {
  it("are the same four by default, and empty without a token", () => {
    const fields = identityFields(undefined);
    expect(fields.names).toEqual([
      "X-Auth-Request-User",
      "X-Auth-Request-Email",
      "X-Auth-Request-Name",
      "X-Auth-Request-Kind",
    ]);
    expect(fields.values(undefined)).toEqual(["", "", "", ""]);
    const principal = { kind: "user", id: "ada", email: "ada@acme.com", name: "Ada" };
    expect(fields.values(accessOf({}, principal))).toEqual(["ada", "ada@acme.com", "Ada", "user"]);
  });

  it("are made once for a token", () => {
    const { values } = identityFields({});
    const access = accessOf({});
    expect(values(access)).toBe(values(access));
    expect(values(accessOf({}))).not.toBe(values(access));
  });

  it("have the facts of the principal and the token", () => {
    const principal = { kind: "user", id: "ada", country: "PT" };
    expect(valueFor("country", {}, principal)).toBe("PT");
    expect(valueFor("issuer", {})).toBe(issuer);
    expect(valueFor("sub", { sub: "s" })).toBe("s");
    expect(valueFor("exp", { exp: 7 })).toBe("7");
  });

  it("have bytes of UTF-8 only where there is no ASCII", () => {
    expect(valueFor("custom.a", { custom: { a: "a ~" } })).toBe("a ~");
    expect(valueFor("custom.a", { custom: { a: "\u00a0" } })).toBe("\u00c2\u00a0");
    expect(valueFor("custom.a", { custom: { a: ["b", "\u20ac,"] } })).toBe(
      "b,\u00e2\u0082\u00ac%2C",
    );
    expect(() => valueFor("custom.a", { custom: { a: "b\u007f" } })).toThrow(
      "a claim contains a control character, so it cannot be in a header",
    );
  });

  it("may be of any length", () => {
    const long = "\u00e9".repeat(200_000);
    expect(valueFor("custom.a", { custom: { a: long } })).toBe("\u00c3\u00a9".repeat(200_000));
  });

  it.each([" admin", "admin ", " ", "  admin"])(
    "are a fault for a text that a recipient would shorten: %j",
    (name) => {
      expect(() => valueFor("custom.a", { custom: { a: name } })).toThrow(
        "a claim begins or ends with a space, so it cannot be in a header",
      );
      // In a list, the spaces around an item count as little.
      const encoded = name.replace(/^ | $/g, "%20");
      expect(valueFor("custom.a", { custom: { a: ["b c", name] } })).toBe(`b c,${encoded}`);
      expect(valueFor("custom.a", { custom: { a: [name] } })).toBe(encoded);
    },
  );

  it.each([
    "X-Host",
    "Host-X",
    "X-Proxy-User",
    "X-Cf-Access-Email",
    "Proxy",
    "Date-Of-Birth",
    "X-TE",
    "!#$%&'*+.^`|~-_09azAZ",
    "a".repeat(128),
  ])("may be: %s", (name) => {
    expect(identityFields({ [name]: "id" }).names).toContain(name);
  });

  it.each([
    "Connection",
    "Content-Length",
    "Cookie",
    "Host",
    "Keep-Alive",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Expect",
    "Date",
    "Proxy-Authorization",
    "Proxy-",
    "Cf-Access-Client-Id",
    "CF_Authorization",
    "",
    "a b",
    "a:b",
    " a",
    "b ",
    "a".repeat(129),
  ])("may not be: %j", (name) => {
    expect(() => identityFields({ [name]: "id" })).toThrow(new TypeError(NAME));
  });

  it.each<[unknown, string]>([
    [null, `${EXPECTED} null`],
    [["X-A"], `${EXPECTED} an array`],
    ["X-A", `${EXPECTED} string`],
    [{ "X-A": 7 }, `${EXPECTED} number`],
    [{ "X-A": "id", x_a: "email" }, "headers must not contain the same name twice"],
    [{ "X-A": "emial" }, 'headers must name facts, did you mean "email"?'],
    [{ "X-A": "emai" }, 'headers must name facts, did you mean "email"?'],
    [{ "X-A": "emails" }, 'headers must name facts, did you mean "email"?'],
    [{ "X-A": "" }, 'headers must be a path into the claims, such as "custom.groups"'],
  ])("are refused at once: %j", (given, message) => {
    expect(() => identityFields(given as never)).toThrow(new TypeError(message));
  });

  it.each([
    "aud",
    "ids",
    "common_name",
    "email_verified",
    "surname",
    "is_warp_connected",
    "subs",
    "exps",
    "emailed",
  ])("may have a claim that is no mistyped fact: %s", (claim) => {
    expect(valueFor(claim, { [claim]: "x" })).toBe("x");
  });
});

describe("a path into the claims", () => {
  const MESSAGE = 'headers must be a path into the claims, such as "custom.groups"';
  const long = "a".repeat(128);

  it.each([
    ["sub", ["sub"]],
    [`${long}.${long}`, [long, long]],
    ["a.b.c.d.e.f.g.h.i", [..."abcdefghi"]],
    ["https://x/y", ["https://x/y"]],
  ])("is split at its dots: %s", (text, path) => {
    expect(claimPath("headers", text)).toEqual(path);
  });

  it.each([
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "a b",
    " a",
    "a.b ",
    `${long}a`,
    `a.${long}a`,
    "a.b.c.d.e.f.g.h.i.j",
  ])("is refused: %j", (text) => {
    expect(() => claimPath("headers", text)).toThrow(new TypeError(MESSAGE));
  });

  it("leads through own members of objects only", () => {
    expect(claimAt({ a: { b: { c: 0 } } }, ["a", "b", "c"])).toBe(0);
    const others = [{ a: null }, { a: "text" }, { a: ["b"] }, { a: Object.create({ b: 1 }) }, {}];
    for (const claims of others) {
      expect(claimAt(claims, ["a", "b"])).toBe(undefined);
      expect(claimAt(claims, ["a", "length"])).toBe(undefined);
    }
    expect(claimAt({ a: { b: undefined } }, ["a", "b", "c"])).toBe(undefined);
  });
});
