import { beforeAll, describe, expect, it } from "vitest";
import { createVerifier } from "../../src/index.ts";
import type { LocalAccess } from "../../src/local/index.ts";
import {
  exchange,
  head,
  logIn,
  portOf,
  postLogin,
  startApplication,
  startEmulator,
  statusOf,
} from "./support.ts";

let access: LocalAccess;
let port: number;
beforeAll(async () => {
  const app = await startApplication();
  access = await startEmulator(app.url, {
    team: "Acme & Sons",
  });
  port = portOf(access);
});

async function payloadOf(fields: Record<string, string>): Promise<unknown> {
  const verifier = createVerifier({ team: access.issuer, audience: access.audience });
  return (await verifier.verify(await logIn(access, fields))).payload;
}

describe("a request without a session", () => {
  it("is sent to the log-in page, and back from there", async () => {
    const asked = await fetch(`${access.url}/report?year=2026&q=a%20b`, { redirect: "manual" });
    expect(asked.status).toBe(302);
    expect(asked.headers.get("cache-control")).toBe("no-store");
    const login = new URL(asked.headers.get("location") ?? "", access.url);
    expect(login.pathname).toBe(`/cdn-cgi/access/login/127.0.0.1:${port}`);
    expect(login.searchParams.get("kid")).toBe(access.audience);
    const page = await (await fetch(login)).text();
    const [, hidden = ""] = /name="redirect_url" value="([^"]*)"/.exec(page) ?? [];
    expect(hidden).toBe("/report?year=2026&amp;q=a%20b");
    const back = await postLogin(access, {
      email: "ada@example.com",
      redirect_url: hidden.replace("&amp;", "&"),
    });
    expect([back.status, back.headers.get("location")]).toEqual([303, "/report?year=2026&q=a%20b"]);
  });

  it("gets 401 instead of a redirect when a script made it", async () => {
    for (const name of ["XMLHttpRequest", "xmlhttprequest"]) {
      const answer = await fetch(`${access.url}/data`, { headers: { "x-requested-with": name } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe(
        `Cloudflare-Access resource_metadata="${access.url}/.well-known/cloudflare-access-protected-resource/data"`,
      );
    }
  });

  it("has its body left unread", async () => {
    const request = head(port, "POST /upload", "Content-Length: 10000000", "Expect: 100-continue");
    const answer = await exchange(port, request.replace("Connection: close\r\n", ""));
    expect(answer).toMatch(/^HTTP\/1\.1 302 .*\r\nConnection: close\r\n/s);
  });
});

describe("the log-in page", () => {
  it("allows no script, no frame and no other origin, and lets a form send its origin", async () => {
    const { headers } = await fetch(`${access.url}/cdn-cgi/access/login`);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("strict-origin");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  it("has no script, and names the team", async () => {
    const page = await (await fetch(`${access.url}/cdn-cgi/access/login`)).text();
    expect(page).not.toMatch(/<script|\son\w+=|style=|javascript:/i);
    expect(page).toContain("<h1>Log in to Acme &amp; Sons</h1>");
    expect(page).toContain('name="viewport"');
  });

  it("shows what was typed as text, never as markup", async () => {
    const attack = `"><script>alert(1)</script>'&`;
    const fields = {
      email: attack,
      groups: attack,
      country: attack,
      custom: attack,
      session: attack,
    };
    const answer = await postLogin(access, { ...fields, redirect_url: `/${attack}` });
    const page = await answer.text();
    expect(answer.status).toBe(400);
    expect(page).not.toContain("<script");
    expect(page).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;");
  });

  it.each([
    ["email", { email: "" }],
    ["email", { email: "ada" }],
    ["email", { email: "ada@example.com\r\nSet-Cookie: a=b" }],
    ["email", { email: `ada@${"e".repeat(300)}.com` }],
    ["email", { as: "nobody", email: "ada@example.com" }],
    ["country", { country: "Portugal" }],
    ["custom", { custom: "{" }],
    ["custom", { custom: "[1]" }],
    ["custom", { custom: JSON.stringify({ long: "x".repeat(2048) }) }],
    ["custom", { custom: `{"n":[${"1e20,".repeat(300)}1]}` }],
    ["session", { session: "0" }],
    ["session", { session: "-1" }],
    ["session", { session: "1.5" }],
    ["session", { session: "NaN" }],
    ["session", { session: "9999999" }],
  ])("says what is wrong with the %s of %o, and keeps the other fields", async (field, fields) => {
    const answer = await postLogin(access, { email: "ada@example.com", groups: "kept", ...fields });
    const page = await answer.text();
    expect(answer.status).toBe(400);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(page).toMatch(new RegExp(`name="${field}"[^>]* aria-invalid="true"`));
    expect(page).toContain('value="kept"');
  });
});

describe("a log-in", () => {
  it("is kept in a cookie that no script reads and no other site sends", async () => {
    const answer = await postLogin(access, { email: "ada@example.com", session: "900" });
    expect(answer.headers.get("set-cookie")).toMatch(
      /^CF_Authorization=[\w.-]+; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it("makes a token with the claims of a user", async () => {
    const payload = await payloadOf({
      email: "grace@example.com",
      groups: "navy, compilers",
      country: "us",
      custom: '{"role":"editor","nested":{"__proto__":1}}',
      session: "60",
    });
    expect(payload).toEqual({
      aud: [access.audience],
      email: "grace@example.com",
      exp: expect.any(Number),
      iat: expect.any(Number),
      nbf: expect.any(Number),
      iss: access.issuer,
      type: "app",
      identity_nonce: expect.any(String),
      sub: expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      country: "US",
      custom: JSON.parse('{"role":"editor","nested":{"__proto__":1}}'),
    });
    const { exp, iat } = payload as { exp: number; iat: number };
    expect(exp - iat).toBe(60);
  });

  it("gives the same person the same sub", async () => {
    const subs = await Promise.all(
      ["ada@example.com", "ada@example.com", "grace@example.com"].map(
        async (email) => ((await payloadOf({ email })) as { sub: string }).sub,
      ),
    );
    expect(subs[0]).toBe(subs[1]);
    expect(subs[0]).not.toBe(subs[2]);
  });

  it("uses the button's person before the field's", async () => {
    const payload = await payloadOf({ as: "alan@example.com", email: "half-typed" });
    expect(payload).toMatchObject({ email: "alan@example.com" });
  });

  it("ends when its time is over", async () => {
    const token = await logIn(access, { session: "1" });
    const ask = (): Promise<Response> =>
      fetch(access.url, { headers: { cookie: `CF_Authorization=${token}` }, redirect: "manual" });
    expect((await ask()).status).toBe(200);
    await expect.poll(async () => (await ask()).status, { timeout: 3000 }).toBe(302);
  });
});

describe("a log-in from another site", () => {
  it.each([
    ["another origin", "http://evil.example"],
    ["another port of this machine", "http://127.0.0.1:1"],
    ["the other scheme", "https://127.0.0.1:PORT"],
    ["the other name of this machine", "http://localhost:PORT"],
    ["a page that hides its origin", "null"],
    ["no origin at all", undefined],
    ["two origins", "http://127.0.0.1:PORT\r\nOrigin: http://evil.example"],
  ])("is refused from %s", async (_title, origin) => {
    const body = "email=ada%40example.com";
    const fields = origin === undefined ? [] : [`Origin: ${origin.replace("PORT", String(port))}`];
    const form = "Content-Type: application/x-www-form-urlencoded";
    const answer = await exchange(
      port,
      head(port, "POST /cdn-cgi/access/login", form, `Content-Length: ${body.length}`, ...fields) +
        body,
    );
    expect(statusOf(answer)).toBe(403);
    expect(answer).not.toMatch(/set-cookie/i);
  });

  it("is not possible with a GET", async () => {
    const answer = await fetch(`${access.url}/cdn-cgi/access/login?email=ada@example.com`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("is refused when the form is of another type, or too long, or breaks off", async () => {
    const post = (type: string, body: string): Promise<Response> =>
      fetch(`${access.url}/cdn-cgi/access/login`, {
        method: "POST",
        headers: { origin: access.url, "content-type": type },
        body,
      });
    expect((await post("text/plain", "email=ada@example.com")).status).toBe(415);
    const form = "application/x-www-form-urlencoded";
    expect((await post(form, `email=${"a".repeat(20_000)}`)).status).toBe(413);
    const answer = await exchange(
      port,
      head(
        port,
        "POST /cdn-cgi/access/login",
        `Origin: ${access.url}`,
        `Content-Type: ${form}`,
        "Content-Length: 5",
        "Expect: 100-continue",
      ),
      /100 Continue\r\n\r\n/,
    );
    expect(statusOf(answer)).toBe(100);
  });
});

describe("the way back after a log-in", () => {
  it.each([
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\r\nLocation: https://evil.example/",
    "javascript:alert(1)",
    "evil.example",
    "",
    " /",
    "/cdn-cgi/access/logout",
    "/x/../cdn-cgi/access/logout",
    "/%2e%2e/cdn-cgi/access/login",
    `/${"a".repeat(5000)}`,
  ])("is / instead of %j", async (redirect_url) => {
    const answer = await postLogin(access, { email: "ada@example.com", redirect_url });
    expect(answer.headers.get("location")).toBe("/");
    const query = new URLSearchParams({ redirect_url });
    const page = await (await fetch(`${access.url}/cdn-cgi/access/login?${query}`)).text();
    expect(page).toContain('name="redirect_url" value="/"');
  });

  it.each([
    "/.//evil.example/",
    "/@evil.example",
    "/a?b=https://evil.example/",
    "/;//evil.example",
  ])("stays on this origin with %j", async (redirect_url) => {
    const answer = await postLogin(access, { email: "ada@example.com", redirect_url });
    const location = answer.headers.get("location") ?? "";
    expect(location).toBe(redirect_url);
    expect(new URL(location, access.url).origin).toBe(access.url);
  });

  it("is / for a request whose path would be another host's", async () => {
    const answer = await exchange(port, head(port, "GET //evil.example/x"));
    expect(statusOf(answer)).toBe(302);
    expect(answer).toMatch(/Location: \S+redirect_url=%2F\r\n/);
  });
});
