import { beforeAll, describe, expect, it } from "vitest";
import { inspect } from "../../src/explain/inspect.ts";
import { describeMembers } from "../../src/explain/members.ts";
import { readKeys } from "../../src/explain/read-keys.ts";
import { timeline } from "../../src/explain/timeline.ts";
import { jwkToPem } from "../../src/keys/pem.ts";
import { createTestIssuer, type TestIssuer } from "../../src/testing/index.ts";

const NOW = Date.UTC(2025, 0, 31, 9);
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await createTestIssuer({ decoyKeys: true, team: "acme", now: () => NOW });
}, 30_000);

const expected = (more: object = {}) => ({
  now: NOW,
  toleranceSeconds: 60,
  issuer: issuer.issuer,
  audience: [issuer.audience],
  tokenType: "app" as const,
  ...more,
});
const held = () => ({ from: "the keys", entries: issuer.jwks().keys });

describe("an inspection", () => {
  it("accepts a genuine token, and says which key signed it", async () => {
    const found = await inspect(await issuer.userToken(), expected(), held());
    expect(found.verdict).toBe("accepted");
    expect(found.signer?.kid).toBe(issuer.kid);
    expect(found.checks.every(({ state }) => state === "ok")).toBe(true);
  });

  it("calls a token genuine, and leaves open what was not given", async () => {
    const found = await inspect(
      await issuer.userToken(),
      expected({ audience: undefined }),
      held(),
    );
    expect(found.verdict).toBe("genuine");
    expect(found.checks.find(({ name }) => name === "audience")?.state).toBe("unknown");
  });

  it("proves nothing without keys", async () => {
    const found = await inspect(await issuer.userToken(), expected());
    expect(found.verdict).toBe("unproven");
    expect(found.checks.find(({ name }) => name === "signature")?.says).toBe("needs the key set");
  });

  it("gives its reasons in whole sentences", async () => {
    const says = async (claims: object, more: object = {}): Promise<string | undefined> =>
      (await inspect(await issuer.userToken({ ...claims }), expected(more), held())).reason?.says;
    const audience = ["tag"];
    expect(await says({ aud: ["x"] }, { audience })).toBe("It is for x, not tag.");
    expect(await says({ aud: 7 })).toBe("The audience is neither a string nor a list of strings.");
    expect(await says({ aud: undefined })).toBe("It has no audience.");
    expect(await says({ iss: "https://x.example" })).toBe(
      `It was issued by https://x.example, not ${issuer.issuer}.`,
    );
    expect(await says({ type: "org" })).toBe("Its type is org, not app.");
    expect(await says({ type: undefined })).toBe("Its type is absent.");
    expect(await says({ exp: NOW / 1000 - 7200 })).toBe(
      "It expired 2 hours ago, at 2025-01-31 07:00:00 UTC.",
    );
    expect(await says({ exp: "soon" })).toBe("Its expiry is not a number of seconds.");
    expect(await says({ nbf: NOW / 1000 + 7200 })).toBe(
      "Its nbf is 2 hours in the future: 2025-01-31 11:00:00 UTC, in 2 hours.",
    );
    expect(await says({ sub: undefined })).toBe(
      "It names neither a user (sub and email) nor a service (common_name).",
    );
    expect((await inspect("a.b.c", expected(), held())).reason?.says).toBe(
      "It has one part that is not JSON in base64url.",
    );
    expect((await inspect("a.b", expected(), held())).reason?.says).toBe(
      "It has 1 dot, where a token has 2.",
    );
  });

  it.each([
    ["another application's", { aud: ["x"] }, "audience", "audience_mismatch"],
    ["expired", { exp: NOW / 1000 - 3600 }, "expiry", "token_expired"],
    ["another team's", { iss: "https://other.cloudflareaccess.com" }, "issuer", "issuer_mismatch"],
    ["the team's session", { type: "org" }, "type", "token_type_mismatch"],
    ["from the future", { nbf: NOW / 1000 + 3600 }, "start", "token_not_yet_valid"],
  ])(
    "refuses one that is %s, and gives the reason in plain words",
    async (_, claims, check, code) => {
      const found = await inspect(await issuer.userToken(claims), expected(), held());
      expect(found).toMatchObject({ verdict: "refused", code, status: 401, reason: { check } });
      expect(found.reason?.fix).toBeTruthy();
    },
  );

  it("refuses a forged one, and names no signer", async () => {
    const [header, payload] = (await issuer.userToken({ sub: "x" })).split(".");
    const signature = (await issuer.userToken()).split(".")[2];
    const found = await inspect(`${header}.${payload}.${signature}`, expected(), held());
    expect(found).toMatchObject({ verdict: "refused", code: "signature_invalid" });
    expect(found.signer).toBeUndefined();
  });

  it("decides nothing when no key is usable", async () => {
    const found = await inspect(await issuer.userToken(), expected(), { from: "x", entries: [] });
    expect(found).toMatchObject({ verdict: "undecided", code: "no_usable_keys", status: 503 });
  });

  it("calls an input that is no token unreadable", async () => {
    expect(await inspect("x.y", expected())).toMatchObject({ verdict: "unreadable" });
  });
});

describe("the check of a header", () => {
  const media = [
    "JWT",
    "jwt",
    "at+jwt",
    "application/jwt",
    "APPLICATION/JWT",
    "application/at+jwt",
  ];
  const odd = [
    "",
    "application/",
    "application/jwt/x",
    "application/x/jwt",
    "x/jwt",
    "JOSE",
    "b",
    1,
  ];
  const headers = [
    ...["typ", "cty"].flatMap((name) =>
      [...media, ...odd, null, []].map((value) => ({ [name]: value })),
    ),
    ...["crit", "b64", "enc", "zip", "jwk", "x"].flatMap((name) =>
      [undefined, null, true, [], ["exp"]].map((value) => ({ [name]: value })),
    ),
    { typ: "application/application/jwt" },
    { cty: "application/application/jwt" },
  ];

  it.each(headers)("says without keys what a guard decides: %j", async (header) => {
    const token = await issuer.sign({ aud: issuer.audience }, header);
    for (const tokenType of ["app", undefined] as const) {
      const asked = expected({ tokenType });
      const { checks } = await inspect(token, asked);
      const { code } = await inspect(token, asked, held());
      const { state } = checks.find(({ name }) => name === "header") ?? {};
      expect({ tokenType, state }).toEqual({
        tokenType,
        state: code === "header_unsupported" ? "wrong" : "ok",
      });
    }
  });
});

describe("the length of a token", () => {
  it.each([
    [16_384, "0 dots"],
    [16_385, "too long"],
  ])("of %i characters is called %s", async (length, says) => {
    const { reason } = await inspect("e".repeat(length), expected());
    expect(reason?.says).toContain(says);
  });
});

describe("a claim that no guard can be told", () => {
  const open = { issuer: undefined, audience: undefined };
  const NUL = String.fromCharCode(0);
  const texts = [
    ...[
      "",
      " ",
      " x",
      "x ",
      "a b",
      "a,",
      ",",
      "a,b",
      ";",
      '"x"',
      "'x'",
      "`x`",
      "“x”",
      "[x]",
      '["x"]',
    ],
    ...[
      '{"a":1}',
      "[]",
      "{}",
      NUL,
      `${NUL}x`,
      "\u001b[2J",
      "\u202e",
      "\ufeffx",
      "\ud800",
      "\r\n",
      "é",
      "nobody",
    ],
    ...["https://x", '"https://x"', "https://acme.cloudflareaccess.com ", "http://127.0.0.1:99999"],
    ...["http://127.0.0.1:1", "https://[", "__proto__", "-", "x".repeat(6000)],
  ];
  const values = [
    ...texts,
    ...texts.map((text) => [text]),
    ...[texts, null, 0, -1, 1e300, true, [], [[]], [null], [1, "x"], [[" x"]], {}, { length: 1 }],
    Array.from({ length: 1500 }, (_, at) => ` ${at}`),
  ];

  const few = values.filter((_, at) => at % 6 === 0);

  it.each(["iss", "aud", "type", "sub", "email", "common_name", "exp", "nbf", "iat", "custom"])(
    "gets a verdict, in %s",
    async (claim) => {
      // The first two are what a verifier is told.
      const isTold = claim === "iss" || claim === "aud";
      for (const value of isTold ? values : few) {
        const token = await issuer.userToken({ [claim]: value });
        for (const more of isTold ? [open, { ...open, tokenType: undefined }] : [open]) {
          const { verdict, checks } = await inspect(token, expected(more), held());
          expect(["refused", "genuine", "accepted", "unreadable"]).toContain(verdict);
          expect(checks.length).toBeGreaterThan(0);
          expect((await inspect(token, expected(more))).checks.length).toBeGreaterThan(0);
        }
      }
    },
  );

  it.each(["kid", "alg", "typ", "cty", "crit", "b64", "jwk", "jku"])(
    "gets a verdict, in %s of the header",
    async (parameter) => {
      for (const value of few) {
        const token = await issuer.sign({ aud: issuer.audience }, { [parameter]: value });
        const { verdict } = await inspect(token, expected(open), held());
        expect(["refused", "genuine", "unreadable"]).toContain(verdict);
      }
    },
  );

  it.each([
    [{ iss: " x" }, "issuer"],
    [{ iss: '"https://x"' }, "issuer"],
    [{ aud: ["a b"] }, "audience"],
    [{ aud: '"a"' }, "audience"],
  ])("is what the refusal of %j names", async (claims, check) => {
    const found = await inspect(await issuer.userToken(claims), expected(open), held());
    expect(found).toMatchObject({ verdict: "refused", reason: { check } });
    expect(found.signer?.kid).toBe(issuer.kid);
  });

  it("does not keep another tag of the list from being used", async () => {
    const token = await issuer.userToken({ aud: ["a b", "c"] });
    expect((await inspect(token, expected(open), held())).verdict).toBe("genuine");
  });
});

describe("an expected value that no guard can be told", () => {
  it.each([
    [{ audience: [`"${"a".repeat(64)}"`] }, "audience"],
    [{ audience: ["a b"] }, "audience"],
    [{ audience: [""] }, "audience"],
    [{ issuer: '"https://x"', tokenType: undefined }, "issuer"],
    [{ issuer: " ", tokenType: undefined }, "issuer"],
  ])("makes the token refused for it: %j", async (more, check) => {
    for (const claims of [{}, { aud: "nobody" }, { iss: "nobody" }]) {
      const found = await inspect(await issuer.userToken(claims), expected(more), held());
      expect(found.verdict).toBe("refused");
      expect(found.checks.find(({ name }) => name === check)?.state).toBe("wrong");
    }
  });
});

describe("pasted keys", () => {
  it("are read as a set, a single JWK, PEM and certificates", async () => {
    const { keys, public_cert } = issuer.jwks();
    const first = keys.find(({ kid }) => kid === issuer.kid);
    if (first === undefined) throw new Error("no key");
    expect((await readKeys(JSON.stringify({ keys }))).entries).toHaveLength(keys.length);
    expect((await readKeys(JSON.stringify(first))).entries).toEqual([first]);
    const fromPem = await readKeys(await jwkToPem(first));
    expect(fromPem).toMatchObject({ nameless: true, entries: [{ n: first.n, e: first.e }] });
    const signing = keys.find(({ kid }) => kid === public_cert.kid);
    expect((await readKeys(public_cert.cert)).entries).toMatchObject([{ n: signing?.n }]);
  });

  it.each([
    ["hello", "neither a JWK set"],
    ["{}", 'no array "keys"'],
    ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "private key"],
    ["-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----", "no RSA public key"],
  ])("are refused with a reason when they are none: %s", async (text, says) => {
    await expect(readKeys(text)).rejects.toThrow(says);
  });
});

describe("the claims on the screen", () => {
  it("are escaped, cut and counted, and have readable times", () => {
    const shown = describeMembers(
      { exp: NOW / 1000, "a\u202eb": "\u001b[31m", long: "x".repeat(5000) },
      NOW,
    );
    expect(shown[0]).toMatchObject({ meaning: "expires", time: "2025-01-31 09:00:00 UTC, now" });
    expect(shown[1]).toMatchObject({ name: "a\\u202eb", value: "\\u001b[31m" });
    expect(shown[2]?.value).toMatch(/… and 4400 more characters$/);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`c${at}`, at]));
    expect(describeMembers(many, NOW).at(-1)?.value).toBe("and 40 more");
  });
});

describe("the time line", () => {
  const life = { iat: NOW / 1000, nbf: NOW / 1000, exp: NOW / 1000 + 86_400 };

  it.each([
    [-3600, "early"],
    [3600, "valid"],
    [86_430, "grace"],
    [90_000, "over"],
  ])("%d seconds after the issue is in phase %s", (later, phase) => {
    const line = timeline(life, { now: NOW + later * 1000, toleranceSeconds: 60 });
    expect(line?.phase).toBe(phase);
    expect(line?.moments.map(({ name }) => name)).toEqual(["issued, not before", "expires"]);
  });

  it("keeps now inside, however far off it is", () => {
    const line = timeline(life, { now: NOW + 1e12, toleranceSeconds: 60 });
    expect(line?.broken).toBe(true);
    expect(line?.now.at).toBeLessThan(1);
  });

  it("is not drawn for a token without an end", () => {
    expect(timeline({ iat: 1 }, { now: NOW, toleranceSeconds: 60 })).toBeUndefined();
  });
});

describe("the token of a visitor who is not logged in", () => {
  const claims = { iat: NOW / 1000, nbf: NOW / 1000 };

  it.each([
    ["as Access makes it", {}],
    ["without an end", { exp: undefined }],
    ["with an issuer", { iss: "https://acme.cloudflareaccess.com" }],
    [
      "with an issuer and a person",
      { iss: "https://acme.cloudflareaccess.com", sub: "1", email: "ada@example.com" },
    ],
  ])("is recognised and explained, %s, with keys and without", async (_, more) => {
    const token = await issuer.metaToken({ ...claims, ...more });
    for (const tokenType of ["app", "org", "any"] as const) {
      for (const keys of [held(), undefined]) {
        const { reason, checks, verdict } = await inspect(token, expected({ tokenType }), keys);
        expect(verdict).toBe(keys === undefined ? "unproven" : "refused");
        expect(reason?.headline).toBe("It is not a token for an application.");
        expect(reason?.fix).toMatch(/^It is the token of a visitor who is not logged in/);
        const explained = checks.filter(({ fix }) => fix?.includes("not logged in"));
        expect(explained).toHaveLength(1);
        expect(checks.some(({ fix }) => fix?.includes("another kind"))).toBe(false);
      }
    }
  });

  it("is recognised when no team was given", async () => {
    const open = { issuer: undefined, audience: undefined, tokenType: undefined };
    const { reason } = await inspect(await issuer.metaToken(claims), expected(open));
    expect(reason?.fix).toMatch(/not logged in/);
  });

  it("is called forged when its signature is wrong", async () => {
    const [header, payload] = (await issuer.metaToken(claims)).split(".");
    const [, , signature] = (await issuer.userToken()).split(".");
    const token = `${header}.${payload}.${signature}`;
    expect((await inspect(token, expected(), held())).reason?.check).toBe("signature");
  });
});
