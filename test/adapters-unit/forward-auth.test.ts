import { describe, expect, it, test, vi } from "vitest";
import { forwardAuth } from "../../src/adapters/forward-auth.ts";
import { createVerifier, type KeySetError, type TokenError } from "../../src/index.ts";
import { type ClaimOverrides, createTestIssuer } from "../../src/testing/index.ts";

const issuer = await createTestIssuer({ team: "acme", audience: "4714c1358e65fe4b" });
const team = { team: "acme", audience: issuer.audience, remote: { fetch: issuer.fetch } };
const verifier = createVerifier(team);

function ask(token?: string, path = "/", more: Record<string, string> = {}): Request {
  const headers = { ...more, ...(token ? { "cf-access-jwt-assertion": token } : {}) };
  return new Request(`http://guard.example${path}`, { headers });
}

/** What a header says, read as the bytes that it is. */
function text(response: Response, name: string): string | null {
  const value = response.headers.get(name);
  return value === null
    ? null
    : new TextDecoder().decode(Uint8Array.from(value, (one) => one.charCodeAt(0)));
}

const NAMES = ["user", "email", "name", "kind"].map((name) => `x-auth-request-${name}`);
const identity = (response: Response): (string | null)[] =>
  NAMES.map((name) => text(response, name));

describe("forwardAuth", () => {
  it("lets a person and a service in with exactly 200 and every identity header", async () => {
    const answer = forwardAuth(verifier);
    const person = await answer(ask(await issuer.userToken({ sub: "u1", email: "ada@acme.com" })));
    expect([person.status, identity(person)]).toEqual([200, ["u1", "ada@acme.com", "", "user"]]);
    const service = await answer(ask(await issuer.serviceToken({ common_name: "ci.access" })));
    expect([service.status, identity(service)]).toEqual([
      200,
      ["ci.access", "", "ci.access", "service"],
    ]);
    expect(await service.text()).toBe("");
  });

  it.each(["GET", "HEAD", "POST", "OPTIONS", "DELETE", "PROPFIND"])("takes %s", async (method) => {
    const { headers } = ask(await issuer.userToken());
    const request = new Request("http://guard.example/", { method, headers });
    expect((await forwardAuth(verifier)(request)).status).toBe(200);
  });

  it("refuses as the adapters do, with constant bodies", async () => {
    const seen: string[] = [];
    const answer = forwardAuth(verifier, {
      onReject: (error) => seen.push((error as TokenError | KeySetError).code),
    });
    const none = await answer(ask());
    expect([none.status, none.headers.get("www-authenticate"), await none.text()]).toEqual([
      401,
      'Bearer realm="Cloudflare Access"',
      "Unauthorized\n",
    ]);
    const stranger = await createTestIssuer({ team: "acme", audience: issuer.audience });
    expect((await answer(ask(await stranger.userToken()))).status).toBe(401);
    const down = createVerifier({ ...team, remote: { fetch: () => Promise.reject(new Error()) } });
    const unknown = await forwardAuth(down)(ask(await issuer.userToken()));
    expect([unknown.status, unknown.headers.has("retry-after")]).toEqual([503, true]);
    const picky = createVerifier({ ...team, check: () => false });
    expect((await forwardAuth(picky)(ask(await issuer.userToken()))).status).toBe(403);
    expect(seen[0]).toBe("token_missing");
  });

  it("refuses every hostile token", async () => {
    const answer = forwardAuth(verifier);
    for (const { name, token } of await issuer.hostileTokens()) {
      const request = new Request("http://guard.example/");
      try {
        request.headers.set("cf-access-jwt-assertion", token);
      } catch {
        continue; // no header can hold it
      }
      const { status, headers } = await answer(request);
      expect([name, status === 401 || status === 403]).toEqual([name, true]);
      expect(headers.has("x-auth-request-user")).toBe(false);
    }
  });

  it("reads nothing of the query, of X-Forwarded-* or of X-Original-URI", async () => {
    const answer = forwardAuth(verifier, { publicPaths: ["/open"] });
    const lies = {
      "x-forwarded-uri": "/open",
      "x-original-uri": "/open",
      "x-original-url": "/open",
      "x-forwarded-prefix": "/open",
      "x-auth-request-user": "admin",
    };
    const query = `/auth?cf-access-jwt-assertion=${await issuer.userToken()}&path=/open`;
    for (const path of ["/", query, "/?/open"]) {
      expect((await answer(ask(undefined, path, lies))).status).toBe(401);
    }
  });

  it("looks for public paths in the one header that is named, and sets every header empty there", async () => {
    const answer = forwardAuth(verifier, {
      publicPaths: ["/open"],
      originalUriHeader: "X-Original-URI",
      headers: { "X-Groups": "custom.groups" },
    });
    const open = await answer(ask(undefined, "/", { "x-original-uri": "/open?a=b" }));
    expect([open.status, identity(open), text(open, "x-groups")]).toEqual([
      200,
      ["", "", "", ""],
      "",
    ]);
    for (const uri of ["/open/..%2fadmin", "/open/", "//open", "/admin", "/open, /admin", ""]) {
      const closed = await answer(ask(undefined, "/open", { "x-original-uri": uri }));
      expect([uri, closed.status]).toEqual([uri, 401]);
    }
    expect((await answer(ask(undefined, "/open"))).status).toBe(401);
  });
});

describe("an identity header", () => {
  const say = async (fact: string, claims: ClaimOverrides): Promise<string | number | null> => {
    const token = await issuer.userToken(claims);
    const response = await forwardAuth(verifier, { headers: { "X-Fact": fact } })(ask(token));
    return response.status === 200 ? text(response, "x-fact") : response.status;
  };

  test.each([
    ["id", { sub: "u1" }, "u1"],
    ["sub", { sub: "u1" }, "u1"],
    ["country", { country: "PT" }, "PT"],
    ["country", { country: undefined }, ""],
    ["issuer", {}, "https://acme.cloudflareaccess.com"],
    ["exp", { exp: 4102444800 }, "4102444800"],
    ["email", { email: "ada@exämple.com" }, "ada@exämple.com"],
    ["custom.groups", { custom: { groups: ["a", "b"] } }, "a,b"],
    ["custom.groups", { custom: { groups: ["a,b", "50%", "ß"] } }, "a%2Cb,50%25,ß"],
    ["custom.groups", { custom: { groups: [1, true, null, {}, ["x"], ""] } }, "1,true,"],
    ["custom.groups", { custom: { groups: "a,b%" } }, "a,b%"],
    ["custom.groups", { custom: { groups: { a: 1 } } }, ""],
    ["custom.groups", { custom: { groups: [] } }, ""],
    ["custom.groups", {}, ""],
    ["custom.groups", { custom: ["groups"] }, ""],
    ["custom.length", { custom: ["a"] }, ""],
    ["custom.toString", { custom: {} }, ""],
    ["constructor", {}, ""],
    ["custom.level", { custom: { level: 0 } }, "0"],
    ["custom.email", { custom: { email: "ada@home.example" } }, "ada@home.example"],
    ["custom.name", { custom: { name: "Ada" } }, "Ada"],
    ["common_name", { common_name: "laptop" }, "laptop"],
    ["email_verified", { email_verified: true }, "true"],
    ["iss", {}, "https://acme.cloudflareaccess.com"],
    ["sid", { sid: "s1" }, "s1"],
    ["jti", { jti: "j1" }, "j1"],
    ["custom.admin", { custom: { admin: false } }, "false"],
    ["custom.a", { custom: { a: "x\r\nSet-Cookie: y" } }, 500],
    ["custom.a", { custom: { a: ["x\0"] } }, 500],
    ["custom.a", { custom: { a: "\u0085" } }, 500],
    ["custom.a", { custom: { a: "\ud800" } }, 500],
  ])("says %s of %j", async (fact, claims, expected) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await say(fact, claims)).toBe(expected);
    log.mockRestore();
  });

  test.each([
    { Host: "id" },
    { "Transfer-Encoding": "id" },
    { transfer_encoding: "id" },
    { Cookie: "id" },
    { "Cf-Access-Jwt-Assertion": "id" },
    { "X Y": "id" },
    { "": "id" },
    { "X-A": "id", x_a: "email" },
    { "X-A": "emial" },
    { "X-A": "Email" },
    { "X-A": "emails" },
    { "X-A": "contry" },
    { "X-A": "custom..groups" },
    { "X-A": "" },
    { "X-A": 1 },
    ["X-A"],
  ])("is refused at once: %j", (headers) => {
    expect(() => forwardAuth(verifier, { headers: headers as never })).toThrow(TypeError);
  });

  it("may stand in for one that is always set", async () => {
    const answer = forwardAuth(verifier, { headers: { x_auth_request_user: "email" } });
    const response = await answer(ask(await issuer.userToken({ email: "ada@acme.com" })));
    expect(response.headers.has("x-auth-request-user")).toBe(false);
    expect(response.headers.get("x_auth_request_user")).toBe("ada@acme.com");
  });
});
