import { createPublicKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createVerifier, decodeUnverified, getIdentity, type JwkSet } from "../../src/index.ts";
import type { LocalAccess } from "../../src/local/index.ts";
import { type Application, logIn, startApplication, startEmulator } from "./support.ts";

let app: Application;
let access: LocalAccess;
beforeAll(async () => {
  app = await startApplication();
  access = await startEmulator(app.url);
});

async function certs(): Promise<{
  keys: (JwkSet["keys"][number] & { kid: string })[];
  public_cert: { kid: string; cert: string };
  public_certs: { kid: string; cert: string }[];
}> {
  const answer = await fetch(`${access.url}/cdn-cgi/access/certs`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  return (await answer.json()) as Awaited<ReturnType<typeof certs>>;
}

describe("the certs endpoint", () => {
  it("has two RS256 keys, and nothing private of them", async () => {
    const { keys } = await certs();
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
      expect(key).toMatchObject({ kty: "RSA", alg: "RS256", use: "sig", e: "AQAB" });
      expect(key.kid).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it("has each key also as a self-signed certificate", async () => {
    const { keys, public_cert, public_certs } = await certs();
    expect(public_certs).toContainEqual(public_cert);
    for (const { kid, cert } of public_certs) {
      const read = new X509Certificate(cert);
      expect(read.verify(read.publicKey)).toBe(true);
      expect(read.subject).toBe(`CN=${new URL(access.url).host}`);
      expect(Date.parse(read.validFrom)).toBeLessThanOrEqual(Date.now());
      expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now());
      const jwk = keys.find((key) => key.kid === kid);
      const same = createPublicKey({ key: { ...jwk } as never, format: "jwk" });
      expect(read.publicKey.equals(same)).toBe(true);
    }
  });

  it("answers every client, and only GET and HEAD", async () => {
    const post = await fetch(`${access.url}/cdn-cgi/access/certs`, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("has a signing key that no other start has, and its own secrets", async () => {
    const other = await startEmulator(app.url);
    const answer = await fetch(`${other.url}/cdn-cgi/access/certs`);
    const kids = ((await answer.json()) as JwkSet).keys.map(({ kid }) => kid);
    // This is the key that signs. The previous key has never signed anything.
    expect(kids).not.toContain(decodeUnverified(await logIn(access)).header.kid);
    expect(other.serviceToken).not.toEqual(access.serviceToken);
    expect(other.controls.secret).not.toBe(access.controls.secret);
    // It is configuration, not a secret, so an application needs no change after a restart.
    expect(other.audience).toBe(access.audience);
  });
});

describe("the identity endpoint", () => {
  it("returns the owner of a session", async () => {
    const fields = { groups: "navy, compilers", country: "US", custom: '{"role":"editor"}' };
    const token = await logIn(access, { email: "grace@example.com", ...fields });
    const identity = await getIdentity(token, { team: access.issuer });
    expect(identity).toMatchObject({
      email: "grace@example.com",
      name: "grace",
      groups: [
        { id: "navy", name: "navy" },
        { id: "compilers", name: "compilers" },
      ],
      geo: { country: "US" },
      idp: { type: "onetimepin" },
      oidc_fields: { role: "editor" },
      iat: expect.any(Number),
    });
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    const { payload } = await verifier.verify(token);
    expect(identity["user_uuid"]).toBe(payload.sub);
  });

  it("refuses a token that it has not issued, and a missing one", async () => {
    const answer = await fetch(`${access.url}/cdn-cgi/access/get-identity`);
    expect([answer.status, await answer.json()]).toEqual([400, { err: "no app token set" }]);
    const unknown = getIdentity("a.b.c", { team: access.issuer });
    await expect(unknown).rejects.toMatchObject({ code: "identity_refused", upstreamStatus: 403 });
  });
});

describe("the log-out", () => {
  it("ends the session at the edge only", async () => {
    const token = await logIn(access);
    const cookie = `CF_Authorization=${token}`;
    const answer = await fetch(`${access.url}/cdn-cgi/access/logout`, { headers: { cookie } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toBe(
      "CF_Authorization=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
    );
    const again = await fetch(access.url, { headers: { cookie }, redirect: "manual" });
    expect(again.status).toBe(302);
    await expect(getIdentity(token, { team: access.issuer })).rejects.toThrow();
    // What a guard sees offline: the token is still valid.
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    expect((await verifier.verify(token)).principal).toMatchObject({ kind: "user" });
  });

  it("leaves other sessions alone", async () => {
    const [ada, grace] = [await logIn(access), await logIn(access, { email: "grace@example.com" })];
    await fetch(`${access.url}/cdn-cgi/access/logout`, {
      headers: { cookie: `CF_Authorization=${ada}` },
    });
    const cookie = `CF_Authorization=${grace}`;
    expect((await fetch(access.url, { headers: { cookie }, redirect: "manual" })).status).toBe(200);
  });
});

describe("a service token", () => {
  const withCredentials = (
    clientId: string,
    clientSecret: string,
    { url }: LocalAccess = access,
  ): Promise<Response> =>
    fetch(url, {
      headers: { "CF-Access-Client-Id": clientId, "CF-Access-Client-Secret": clientSecret },
      redirect: "manual",
    });

  it("is let in, with an assertion that postern accepts, and its secret stays hidden from the application", async () => {
    const { clientId, clientSecret } = access.serviceToken;
    app.seen.length = 0;
    const answer = await withCredentials(clientId, clientSecret);
    expect(answer.status).toBe(200);
    const headers = app.seen[0]?.headers ?? {};
    expect(JSON.stringify(app.seen)).not.toContain(clientSecret);
    expect(headers["cf-access-authenticated-user-email"]).toBeUndefined();
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    const { principal, payload } = await verifier.verifyRequest({ headers });
    expect(principal).toEqual({
      kind: "service",
      id: clientId,
      name: clientId,
      issuer: access.issuer,
    });
    expect(payload).toMatchObject({ sub: "", type: "app" });
    expect(payload).not.toHaveProperty("email");
    expect(payload).not.toHaveProperty("nbf");
  });

  it("may continue with its cookie when service tokens are not strict", async () => {
    const lenient = await startEmulator(app.url, { strictServiceTokens: false });
    const { clientId, clientSecret } = lenient.serviceToken;
    const first = await withCredentials(clientId, clientSecret, lenient);
    const [cookie = ""] = (first.headers.get("set-cookie") ?? "").split(";");
    const again = await fetch(lenient.url, { headers: { cookie }, redirect: "manual" });
    expect(again.status).toBe(200);
    expect(await getIdentity(cookie.slice(17), { team: lenient.issuer })).toMatchObject({
      common_name: clientId,
    });
  });

  it("is one session, however often it is used", async () => {
    const { clientId, clientSecret } = access.serviceToken;
    const user = await logIn(access);
    app.seen.length = 0;
    for (let times = 0; times < 20; times++) await withCredentials(clientId, clientSecret);
    const tokens = app.seen.map(({ headers }) => headers["cf-access-jwt-assertion"]);
    expect(new Set(tokens).size).toBe(1);
    const cookie = `CF_Authorization=${user}`;
    expect((await fetch(access.url, { headers: { cookie }, redirect: "manual" })).status).toBe(200);
  });

  it("is refused with any other secret or id, or half of it", async () => {
    const { clientId, clientSecret } = access.serviceToken;
    app.seen.length = 0;
    for (const [id, secret] of [
      [clientId, ""],
      [clientId, clientSecret.slice(1)],
      [clientId, clientSecret.toUpperCase()],
      ["", clientSecret],
      [clientId.replace(".access", ""), clientSecret],
      [clientSecret, clientId],
      ["undefined", "undefined"],
    ] as const) {
      expect((await withCredentials(id, secret)).status).toBe(401);
    }
    const alone = await fetch(access.url, { headers: { "CF-Access-Client-Secret": clientSecret } });
    expect(alone.status).toBe(401);
    expect(app.seen).toEqual([]);
  });
});

it("keeps all of /cdn-cgi/ for itself, and requests no log-in there", async () => {
  app.seen.length = 0;
  const cookie = `CF_Authorization=${await logIn(access)}`;
  for (const path of [
    "/cdn-cgi/",
    "/cdn-cgi/trace",
    "/cdn-cgi/access/",
    "/cdn-cgi/access/nothing",
    "/cdn-cgi/access/__proto__",
    "/cdn-cgi/access/constructor",
    "/cdn-cgi/access/Certs",
  ]) {
    expect((await fetch(`${access.url}${path}`, { headers: { cookie } })).status, path).toBe(404);
  }
  expect(app.seen).toEqual([]);
});

it("asks for a log-in when the spelling is not the endpoint's own", async () => {
  for (const path of [
    "/CDN-CGI/access/certs",
    "/cdn-cgi%2Faccess/certs",
    "//cdn-cgi/access/certs",
  ]) {
    const answer = await fetch(`${access.url}${path}`, { redirect: "manual" });
    expect(answer.status, path).toBe(302);
  }
});
