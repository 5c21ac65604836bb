import { X509Certificate } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import {
  createVerifier,
  decodeUnverified,
  importJwk,
  jwkThumbprint,
  type Verifier,
} from "../../src/index.ts";
import {
  createPrivateJwk,
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
} from "../../src/testing/index.ts";

// Making an RSA key has no time limit.
vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;

function verifierOf(issuer: TestIssuer, now?: () => number): Verifier<unknown> {
  const { issuer: team, audience, fetch } = issuer;
  return createVerifier({ team, audience, remote: { fetch }, now });
}

const shared = await createTestIssuer({ team: "acme" });

describe("a test issuer", () => {
  it("signs a person's token as Access shapes it", async () => {
    const issuer = await createTestIssuer({ team: "acme", now: () => 1_700_000_000_123 });
    const { header, payload } = decodeUnverified(await issuer.userToken());
    expect(header).toEqual({ alg: "RS256", kid: issuer.kid, typ: "JWT" });
    expect(payload).toEqual({
      aud: [issuer.audience],
      email: "user@example.com",
      exp: 1_700_086_400,
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      iss: "https://acme.cloudflareaccess.com",
      type: "app",
      identity_nonce: expect.stringMatching(/^[\w-]{16}$/),
      sub: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      country: "US",
    });
    expect(issuer.audience).toMatch(/^[0-9a-f]{64}$/);
    expect(issuer.kid).toMatch(/^[0-9a-f]{64}$/);
  });

  it("signs a service's token as Access shapes it: no email, no nbf, an empty sub", async () => {
    const issuer = await createTestIssuer({ now: () => 1_700_000_000_000 });
    const { payload } = decodeUnverified(await issuer.serviceToken());
    expect(payload).toEqual({
      type: "app",
      aud: [issuer.audience],
      exp: 1_700_086_400,
      iat: 1_700_000_000,
      iss: issuer.issuer,
      common_name: expect.stringMatching(/^[0-9a-f]{32}\.access$/),
      sub: "",
    });
  });

  it("signs the authentication domain's token: same issuer and key, another audience", async () => {
    const issuer = shared;
    const token = await issuer.orgToken({ email: "ada@example.com" });
    const { header, payload } = decodeUnverified(token);
    expect(header["kid"]).toBe(issuer.kid);
    expect(payload).toMatchObject({
      iss: issuer.issuer,
      type: "org",
      identity: { email: "ada@example.com" },
    });
    const [audience] = payload["aud"] as string[];
    expect(audience).not.toBe(issuer.audience);
    await expect(verifierOf(issuer).verify(token)).rejects.toMatchObject({
      code: "token_type_mismatch",
    });
    const { issuer: team, fetch } = issuer;
    const domain = {
      team,
      audience: audience as string,
      tokenType: "org",
      remote: { fetch },
    } as const;
    await expect(createVerifier(domain).verify(token)).resolves.toMatchObject({
      principal: { kind: "user", email: "ada@example.com" },
    });
  });

  it("adds and replaces claims, and leaves out undefined ones", async () => {
    const issuer = shared;
    const token = await issuer.userToken({ custom: { groups: ["ops"] }, country: undefined });
    const { payload } = decodeUnverified(token);
    expect(payload).toMatchObject({ custom: { groups: ["ops"] }, type: "app" });
    expect(payload).not.toHaveProperty("country");
    await expect(verifierOf(issuer).verify(token)).resolves.toBeDefined();
  });

  it("gives one person one sub, and another person another", async () => {
    const issuer = shared;
    const subOf = async (email: string) =>
      decodeUnverified(await issuer.userToken({ email })).payload["sub"];
    expect(await subOf("ada@example.com")).toBe(await subOf("ada@example.com"));
    expect(await subOf("ada@example.com")).not.toBe(await subOf("bob@example.com"));
  });

  it("signs exactly the given claims, whatever the header says", async () => {
    const issuer = shared;
    const token = await issuer.sign({ a: 1 }, { alg: "none", typ: undefined, x: 2 });
    const { header, payload } = decodeUnverified(token);
    expect(header).toEqual({ alg: "none", kid: issuer.kid, x: 2 });
    expect(payload).toEqual({ a: 1 });
    expect(token.split(".")[2]).toHaveLength(342);
  });

  it("has each key as a JWK and as a self-signed certificate", async () => {
    const issuer = await createTestIssuer({ team: "acme", now: () => Date.UTC(2024, 1, 29) });
    const { keys, public_cert, public_certs } = issuer.jwks();
    expect(keys).toHaveLength(2);
    expect(public_cert.kid).toBe(issuer.kid);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
      expect(await jwkThumbprint(key)).toMatch(/^[\w-]{43}$/);
      const certificate = new X509Certificate(
        public_certs.find(({ kid }) => kid === key.kid)?.cert ?? "",
      );
      const { n, e } = certificate.publicKey.export({ format: "jwk" });
      expect({ n, e }).toEqual({ n: key.n, e: key.e });
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.checkIssued(certificate)).toBe(true);
      expect(certificate.subject).toBe("CN=acme.cloudflareaccess.com");
      expect(Date.parse(certificate.validFrom)).toBe(Date.UTC(2024, 1, 29));
    }
  });

  it("dates a certificate past 2049 as well", async () => {
    const issuer = await createTestIssuer({ now: () => Date.UTC(2060, 0, 1) });
    const { validFrom } = new X509Certificate(issuer.jwks().public_cert.cert);
    expect(Date.parse(validFrom)).toBe(Date.UTC(2060, 0, 1));
  });

  it("returns a new JWK set each time, so that a test may change one", async () => {
    const issuer = shared;
    Object.assign(issuer.jwks().keys[0] as object, { kty: "oct" });
    expect(issuer.jwks().keys[0]?.kty).toBe("RSA");
  });

  it("puts five keys that are not for RS256 around its own, on request", async () => {
    const issuer = await createTestIssuer({ decoyKeys: true });
    const { keys, public_certs } = issuer.jwks();
    const taken = await Promise.allSettled(keys.map((jwk) => importJwk(jwk)));
    const [rejected, fulfilled] = ["rejected", "fulfilled"];
    expect(taken.map(({ status }) => status)).toEqual([
      ...[rejected, rejected, fulfilled, fulfilled],
      ...[rejected, rejected, rejected],
    ]);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(7);
    expect(public_certs).toHaveLength(2);
    expect(issuer.jwks()).toEqual(issuer.jwks());
    expect(() => issuer.withdraw(keys[0]?.kid ?? "")).toThrow(TypeError);
    const { issuer: team, audience, fetch } = issuer;
    for (const from of [{ keys: issuer.jwks() }, { remote: { fetch } }]) {
      const { verify } = createVerifier({ team, audience, ...from });
      expect((await verify(await issuer.userToken())).issuer).toBe(team);
    }
  });

  it("answers its certs endpoint, and every other address with HTML", async () => {
    const issuer = shared;
    const origin = "https://acme.cloudflareaccess.com";
    for (const url of [
      `${origin}/cdn-cgi/access/certs`,
      new URL(`${origin}/cdn-cgi/access/certs?x=1`),
      new Request(`${origin}/cdn-cgi/access/certs`),
    ]) {
      const response = (await issuer.fetch(url)) as Response;
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(await response.json()).toEqual(issuer.jwks());
    }
    for (const url of [`${origin}/`, "https://other.cloudflareaccess.com/cdn-cgi/access/certs"]) {
      const response = (await issuer.fetch(url)) as Response;
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toContain("text/html");
    }
  });

  it("rotates as Access does: the previous key stays, the one before is removed", async () => {
    let now = Date.now();
    const issuer = await createTestIssuer({ now: () => now });
    const verifier = verifierOf(issuer, () => now);
    const first = await issuer.userToken();
    const firstKid = issuer.kid;
    await expect(verifier.verify(first)).resolves.toBeDefined();

    await issuer.rotate();
    now += HOUR_MS;
    expect(issuer.kid).not.toBe(firstKid);
    expect(
      issuer
        .jwks()
        .keys.map(({ kid }) => kid)
        .sort(),
    ).toEqual([firstKid, issuer.kid].sort());
    const second = await issuer.userToken();
    await expect(verifier.verify(second)).resolves.toBeDefined();
    await expect(verifier.verify(first)).resolves.toBeDefined();

    await issuer.rotate();
    now += HOUR_MS;
    await expect(verifier.verify(second)).resolves.toBeDefined();
    await expect(verifier.verify(await issuer.userToken())).resolves.toBeDefined();
    await expect(verifierOf(issuer, () => now).verify(first)).rejects.toMatchObject({
      code: "key_not_found",
    });
  });

  it("lists the current key first and last in turn, because the order means nothing", async () => {
    const issuer = await createTestIssuer();
    const places: number[] = [];
    for (let rotation = 0; rotation < 3; rotation++) {
      places.push(issuer.jwks().keys.findIndex(({ kid }) => kid === issuer.kid));
      await issuer.rotate();
    }
    expect(places).toEqual([1, 0, 1]);
  });

  it("withdraws a key at once, as after a leak", async () => {
    const issuer = await createTestIssuer();
    const token = await issuer.userToken();
    const leaked = issuer.kid;
    await issuer.rotate();
    await expect(verifierOf(issuer).verify(token)).resolves.toBeDefined();
    issuer.withdraw(leaked);
    expect(issuer.jwks().keys.map(({ kid }) => kid)).toEqual([issuer.kid]);
    await expect(verifierOf(issuer).verify(token)).rejects.toMatchObject({ code: "key_not_found" });
    await expect(verifierOf(issuer).verify(await issuer.userToken())).resolves.toBeDefined();
    expect(() => issuer.withdraw(leaked)).toThrow(TypeError);
  });

  it("still signs with a withdrawn key until the next rotation", async () => {
    const issuer = await createTestIssuer();
    const leaked = issuer.kid;
    issuer.withdraw(leaked);
    expect(decodeUnverified(await issuer.userToken()).header["kid"]).toBe(leaked);
    await issuer.rotate();
    expect(issuer.jwks().keys.map(({ kid }) => kid)).toEqual([issuer.kid]);
  });

  it("starts with a given key, under the same kid in every process", async () => {
    const privateJwk = await createPrivateJwk();
    const [one, other] = await Promise.all([
      createTestIssuer({ privateJwk, audience: "app" }),
      createTestIssuer({ privateJwk, audience: "app" }),
    ]);
    expect(one.kid).toBe(other.kid);
    await expect(verifierOf(one).verify(await other.userToken())).resolves.toBeDefined();
    expect(JSON.stringify(one.jwks())).not.toContain(privateJwk.d);
  });

  it("has its own keys and audience", async () => {
    const [one, other] = await Promise.all([createTestIssuer(), createTestIssuer()]);
    expect(one.issuer).toBe(other.issuer);
    expect(one.audience).not.toBe(other.audience);
    const { audience } = one;
    await expect(
      verifierOf(one).verify(await other.userToken({ aud: [audience] })),
    ).rejects.toThrow();
  });

  it.each<[string, TestIssuerOptions]>([
    ["options", null as never],
    ["team", { team: "https://acme.cloudflareaccess.com/cdn-cgi/access/certs" }],
    ["audience", { audience: "" }],
    ["audience", { audience: ["a"] as never }],
    ["now", { now: 1 as never }],
    ["privateJwk", { privateJwk: { kty: "RSA" } as never }],
  ])("refuses a wrong %s with a message", async (option, options) => {
    await expect(createTestIssuer(options)).rejects.toThrow(
      expect.objectContaining({ name: "TypeError", message: expect.stringContaining(option) }),
    );
  });

  it.each<[string, object, object?]>([
    ["claims", ["not claims"]],
    ["header", {}, ["no header"]],
  ])("refuses %s that are no object", async (option, claims, header) => {
    await expect(shared.sign(claims, header as never)).rejects.toThrow(option);
  });
});
