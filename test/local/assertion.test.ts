import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createVerifier } from "../../src/index.ts";
import type { LocalAccess } from "../../src/local/index.ts";
import {
  type Application,
  exchange,
  head,
  logIn,
  type Seen,
  startAll,
  statusOf,
} from "./support.ts";

let app: Application;
let access: LocalAccess;
let port: number;
let token: string;
let cookie: string;
beforeAll(async () => {
  ({ app, access, port, token, cookie } = await startAll());
});
beforeEach(() => {
  app.seen.length = 0;
});

/** The fields that the application receives for a request with these fields. */
async function seenWith(fields: readonly string[], line = "GET /", body = ""): Promise<Seen> {
  const answer = await exchange(port, head(port, line, `Cookie: ${cookie}`, ...fields) + body);
  expect(statusOf(answer)).toBe(200);
  const [seen] = app.seen;
  if (seen === undefined) throw new Error("nothing came through");
  return seen;
}

function named(seen: Seen, pattern: RegExp): string[] {
  return seen.rawHeaders.filter((name, at) => at % 2 === 0 && pattern.test(name));
}

describe("the assertion", () => {
  it("is the session's token, once, and postern accepts it", async () => {
    const seen = await seenWith([]);
    expect(seen.headers["cf-access-jwt-assertion"]).toBe(token);
    expect(seen.headers["cf-access-authenticated-user-email"]).toBe("ada@example.com");
    expect(named(seen, /assertion/i)).toHaveLength(1);
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    const { principal } = await verifier.verifyRequest({ headers: seen.headers });
    expect(principal).toMatchObject({ kind: "user", email: "ada@example.com" });
  });

  it("cannot be set by the client, in any spelling that an application might read", async () => {
    const seen = await seenWith([
      "Cf-Access-Jwt-Assertion: forged",
      "CF-ACCESS-JWT-ASSERTION: forged",
      "cf-access-jwt-assertion: forged",
      "Cf_Access_Jwt_Assertion: forged",
      "CF-Access_Jwt-Assertion: forged",
      "Cf-Access-Authenticated-User-Email: root@example.com",
      "Cf-Access-Token: forged",
      "Cf-Access-Anything: forged",
      "CF-Connecting-IP: 203.0.113.9",
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/forged|root@|203\.0\.113\.9/);
    expect(named(seen, /^cf[-_]access/i)).toHaveLength(2);
  });

  it("does not log the client in when the client sets it", async () => {
    const fields = [`Cf-Access-Jwt-Assertion: ${token}`, `Authorization: Bearer ${token}`];
    const answer = await exchange(port, head(port, `GET /?token=${token}`, ...fields));
    expect(statusOf(answer)).toBe(302);
    expect(app.seen).toEqual([]);
  });

  it.each([
    "Cf-Access-Jwt-Assertion",
    "close, cf-access-jwt-assertion, Cookie, Host, Via",
    "keep-alive,Cf-Access-Jwt-Assertion ,\tcookie",
    "Content-Length, Transfer-Encoding, X-Forwarded-For, CF-Connecting-IP",
  ])("is still there when Connection names %s", async (connection) => {
    const seen = await seenWith(
      [`Connection: ${connection}`, "Content-Length: 3"],
      "POST /",
      "abc",
    );
    expect(seen.headers["cf-access-jwt-assertion"]).toBe(token);
    expect(seen.headers.cookie).toBe(cookie);
    expect(seen.headers.host).toBe(`127.0.0.1:${port}`);
    expect(seen.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(seen.headers["cf-connecting-ip"]).toBe("127.0.0.1");
    expect(seen.body).toBe("abc");
  });

  it("cannot be overridden by a trailer field", async () => {
    const body = [
      "3\r\nabc\r\n0",
      "Cf-Access-Jwt-Assertion: forged",
      "Cf_Access_Jwt_Assertion: forged",
      "Cookie: CF_Authorization=forged",
      "Authorization: forged",
      "Host: forged",
      "X-Forwarded-Host: forged",
      "Checksum: 900150983cd24fb0",
      "\r\n",
    ].join("\r\n");
    const announced = "Trailer: Checksum, Cf-Access-Jwt-Assertion, Content-Length";
    const seen = await seenWith(["Transfer-Encoding: chunked", announced], "POST /", body);
    expect(seen.trailers).toEqual({ checksum: "900150983cd24fb0" });
    expect(seen.headers.trailer).toBe("Checksum");
    expect(seen.headers["cf-access-jwt-assertion"]).toBe(token);
  });
});

describe("the cookie for the application", () => {
  it("holds the token once, whatever the client sends under that name, and leaves other cookies alone", async () => {
    const others = ["theme=dark", "CF_AppSession=n", "x=CF_Authorization=y"];
    const seen = await seenWith([
      `Cookie: theme=dark; CF_Authorization=forged; CF_AppSession=n;CF_Authorization=forged`,
      `Cookie: cf_authorization=forged;  CF_Authorization = forged; CF_Authorization; x=CF_Authorization=y`,
      `Cookie: CF_Binding=forged`,
    ]);
    expect(seen.headers.cookie).toBe([cookie, ...others].join("; "));
  });

  it("holds the valid session's token when the client sends several", async () => {
    const grace = await logIn(access, { email: "grace@example.com" });
    const answer = await exchange(
      port,
      head(port, "GET /", `Cookie: CF_Authorization=old; CF_Authorization=${grace}`),
    );
    expect(statusOf(answer)).toBe(200);
    expect(app.seen[0]?.headers.cookie).toBe(`CF_Authorization=${grace}`);
    expect(app.seen[0]?.headers["cf-access-authenticated-user-email"]).toBe("grace@example.com");
  });

  it("is found among the first eight, and no later one", async () => {
    const crowd = Array.from({ length: 8 }, (_, at) => `CF_Authorization=${at}`).join("; ");
    const answer = await exchange(port, head(port, "GET /", `Cookie: ${crowd}; ${cookie}`));
    expect(statusOf(answer)).toBe(302);
  });
});

describe("the other fields of a request", () => {
  it("have a proxy's additions, and no fields of the client's connection", async () => {
    const seen = await seenWith([
      "Connection: X-Private",
      "X-Private: 1",
      "Keep-Alive: timeout=5",
      "Proxy-Authorization: Basic eA==",
      "Proxy-Connection: keep-alive",
      "TE: gzip",
      "Upgrade: h2c",
      "X-Forwarded-For: 203.0.113.7",
      "X-Forwarded-Host: evil.example",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Port: 443",
      "X_Forwarded_Host: evil.example",
      "Forwarded: for=203.0.113.8;host=evil.example",
      "Via: 1.0 fred",
      "Authorization: Basic YTpi",
      "X-Twice: 1",
      "X-Twice: 2",
    ]);
    expect(seen.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      "x-forwarded-for": "203.0.113.7, 127.0.0.1",
      "x-forwarded-host": `127.0.0.1:${port}`,
      "x-forwarded-proto": "http",
      via: "1.0 fred, 1.1 postern-local",
      authorization: "Basic YTpi",
      "x-twice": "1, 2",
    });
    expect(JSON.stringify(seen)).not.toMatch(/evil|203\.0\.113\.8|h2c/);
    expect(named(seen, /^(?:x-private|keep-alive|proxy-.*|te|upgrade|x-forwarded-port)$/i)).toEqual(
      [],
    );
  });

  it("announce trailers when the client does", async () => {
    const seen = await seenWith(["TE: trailers, deflate;q=0.5", "Connection: TE"]);
    expect(seen.headers.te).toBe("trailers");
    expect(String(seen.headers.connection).toLowerCase()).toContain("te");
  });
});

it("refuses to be its own target", async () => {
  const answer = await exchange(
    port,
    head(port, "GET /", `Cookie: ${cookie}`, "Via: 1.1 postern-local"),
  );
  expect(statusOf(answer)).toBe(508);
});
