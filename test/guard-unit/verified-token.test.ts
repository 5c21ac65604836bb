import { describe, expect, it } from "vitest";
import { dial, exchange, head, read, statusOf } from "../local/support.ts";
import { application, guard, type Seen, team } from "./support.ts";

const issuer = await team();
const ada = { email: "ada@acme.com", sub: "u1" };
const token = await issuer.userToken(ada);
/** The same claims without a signature, which only a careless application believes. */
const forged = `${part({ alg: "none" })}.${token.split(".")[1]}.`;
const ASSERTION = `Cf-Access-Jwt-Assertion: ${token}`;
const VERIFIED = `CF_Authorization=${token}`;
const FORGED = `CF_Authorization=${forged}`;
const app = await application();
const { port } = await guard({ target: app.url });

function part(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}

/** What the application received for a request with these fields. */
async function seen(fields: readonly string[], to: number = port): Promise<Seen> {
  app.seen.length = 0;
  expect(statusOf(await exchange(to, head(to, "GET /", ...fields)))).toBe(200);
  return app.seen[0] as Seen;
}

describe("the target gets only the verified token", () => {
  it.each([
    ["the verified one", VERIFIED, VERIFIED],
    ["the verified one, with spaces", `CF_Authorization = ${token}`, VERIFIED],
    ["a forged one", FORGED, VERIFIED],
    ["a forged one among others", `a=b; ${FORGED}; c=d`, `${VERIFIED}; a=b; c=d`],
    ["a forged one before it", `${FORGED}; ${VERIFIED}`, VERIFIED],
    ["a forged one after it", `${VERIFIED}; ${FORGED}`, VERIFIED],
    ["one in other case", `cf_authorization=${forged}; a=b`, `${VERIFIED}; a=b`],
    ["the verified one in other case", `CF_AUTHORIZATION=${token}; a=b`, `${VERIFIED}; a=b`],
    ["a quoted one", `CF_Authorization="${forged}"; a=b`, `${VERIFIED}; a=b`],
    ["the verified one in quotes", `CF_Authorization="${token}"; a=b`, `${VERIFIED}; a=b`],
    [
      "one with a space before the equals sign",
      `CF_Authorization \t=${forged}; a=b`,
      `${VERIFIED}; a=b`,
    ],
    ["a name alone", "CF_Authorization; a=b", `${VERIFIED}; a=b`],
    ["an empty one", "CF_Authorization=; a=b", `${VERIFIED}; a=b`],
    ["the verified one and more", `${VERIFIED}x; a=b`, `${VERIFIED}; a=b`],
    ["a dot in the name, as PHP reads it", `CF.Authorization=${forged}; a=b`, `${VERIFIED}; a=b`],
    ["a space in the name, as PHP reads it", `CF Authorization=${forged}; a=b`, `${VERIFIED}; a=b`],
    [
      "a bracket in the name, as PHP reads it",
      `CF[Authorization=${forged}; a=b`,
      `${VERIFIED}; a=b`,
    ],
    ["a list, as PHP reads it", `CF_Authorization[]=${forged}; a=b`, `${VERIFIED}; a=b`],
    ["a name that is encoded", `%43F%5fAuthorization=${forged}; a=b`, `${VERIFIED}; a=b`],
    [
      "a name that ends at an encoded NUL",
      `CF_Authorization%00=${forged}; a=b`,
      `${VERIFIED}; a=b`,
    ],
    ["one behind a space, as Python reads it", `a=b ${FORGED}; c=d`, `${VERIFIED}; c=d`],
    ["one behind a comma", `a=b,${FORGED}; c=d`, `${VERIFIED}; c=d`],
    ["one behind a quotation mark", `a="b"${FORGED}; c=d`, `${VERIFIED}; c=d`],
    [
      "other cookies with a similar name",
      "XCF_Authorization=1; CF_AuthorizationX=2; CF_AppSession=3",
      "XCF_Authorization=1; CF_AuthorizationX=2; CF_AppSession=3",
    ],
    [
      "other cookies that name it in their value",
      "next=%20CF_Authorization=1; x=CF_Authorization=2; y=%22CF_Authorization",
      "next=%20CF_Authorization=1; x=CF_Authorization=2; y=%22CF_Authorization",
    ],
  ])("when the assertion is good and the cookie is %s", async (_title, cookie, kept) => {
    const { headers } = await seen([ASSERTION, `Cookie: ${cookie}`]);
    expect(headers.cookie).toBe(kept);
    expect(headers["cf-access-jwt-assertion"]).toBe(token);
  });

  it.each([
    ["before", [FORGED, VERIFIED]],
    ["after", [VERIFIED, FORGED]],
    ["around", [FORGED, VERIFIED, `CF_Authorization=${part({ alg: "none" })}.${part(ada)}.`]],
  ])("when forged cookies are %s it", async (_title, cookies) => {
    const { headers } = await seen([`Cookie: ${cookies.join("; ")}`]);
    expect(headers).toMatchObject({ cookie: VERIFIED, "x-auth-request-user": "u1" });
    expect(headers).not.toHaveProperty("cf-access-jwt-assertion");
    // The same cookies, each in a field of its own.
    const { rawHeaders } = await seen(cookies.map((cookie) => `Cookie: ${cookie}`));
    const sent = rawHeaders.filter((text) => /authorization/i.test(text));
    expect(new Set(sent)).toEqual(new Set([VERIFIED]));
  });

  it("when any of the hostile tokens is next to it", async () => {
    for (const { name, token: hostile } of await issuer.hostileTokens()) {
      if (/[^\x21-\x3a\x3c-\x7e]/.test(hostile) || hostile.length > 16_384) continue;
      const other = `CF_Authorization=${hostile}`;
      const told = await seen([`Cookie: ${other}; ${VERIFIED}`]);
      expect([name, told.headers.cookie]).toEqual([name, VERIFIED]);
    }
  });

  it("when another genuine token of the same person is not allowed", async () => {
    const claims = { custom: { groups: ["admins"] } };
    const admin = await issuer.userToken({ ...ada, ...claims });
    const { port } = await guard({
      target: app.url,
      allow: { custom: { groups: ["admins"] } },
    });
    const cookie = `CF_Authorization=${admin}`;
    for (const cookies of [`${VERIFIED}; ${cookie}`, `${cookie}; ${VERIFIED}`]) {
      expect((await seen([`Cookie: ${cookies}`], port)).headers.cookie).toBe(cookie);
    }
  });

  it("when the token was verified for many requests at the same time", async () => {
    const fresh = await guard({ target: app.url });
    app.seen.length = 0;
    const request = head(fresh.port, "GET /", `Cookie: ${FORGED}; ${VERIFIED}`);
    await Promise.all(Array.from({ length: 20 }, () => exchange(fresh.port, request)));
    expect(app.seen.map(({ headers }) => headers.cookie)).toEqual(Array(20).fill(VERIFIED));
  });

  it("when no token was needed, which leaves none", async () => {
    const open = await guard({ target: app.url, publicPaths: ["/"], optional: true });
    const optional = await guard({ target: app.url, optional: true });
    const fields = [`Cookie: cf_authorization=${forged}; a=b`, `Cf-Access-Token: ${forged}`];
    for (const [to, ...more] of [
      [open.port, ASSERTION, `Cookie: ${VERIFIED}`],
      [optional.port],
    ] as const) {
      const { rawHeaders } = await seen([...fields, ...more], to);
      expect(rawHeaders.filter((text) => text.includes("eyJ"))).toEqual([]);
      expect(rawHeaders).toContain("a=b");
    }
    const refused = head(optional.port, "GET /", `Cookie: ${FORGED}`);
    expect(statusOf(await exchange(optional.port, refused))).toBe(401);
  });

  it("when other fields have a token, except what is the application's own", async () => {
    const own = `Bearer ${forged}`;
    const { headers } = await seen([
      ASSERTION,
      `Cf-Access-Token: ${forged}`,
      `Cf_Access_Token: ${forged}`,
      `Cf_Access_Jwt_Assertion: ${forged}`,
      `Authorization: ${own}`,
    ]);
    const { authorization, "cf-access-jwt-assertion": assertion, ...rest } = headers;
    expect([authorization, assertion]).toEqual([own, token]);
    expect(JSON.stringify(rest)).not.toContain(forged);
  });

  it("when a trailer has a token", async () => {
    app.seen.length = 0;
    const names = ["Cookie", "Cf-Access-Jwt-Assertion", "Cf-Access-Token"];
    const lines = names.map((name) => `${name}: ${forged}\r\n`).join("");
    const request = head(port, "POST /", ASSERTION, "Transfer-Encoding: chunked");
    expect(statusOf(await exchange(port, `${request}3\r\nabc\r\n0\r\n${lines}\r\n`))).toBe(200);
    expect(app.seen[0]).toMatchObject({ body: "abc", trailers: {} });
    expect(JSON.stringify(app.seen)).not.toContain(forged);
  });

  it("when the request is an upgrade", async () => {
    let cookie: unknown;
    app.server.removeAllListeners("upgrade").on("upgrade", (request, socket) => {
      cookie = request.headers.cookie;
      socket.end("HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nopen");
    });
    const socket = await dial(port);
    const fields = ["Upgrade: websocket", `Cookie: ${FORGED}; ${VERIFIED}; a=b`];
    socket.write(head(port, "GET /", ...fields).replace("close", "Upgrade"));
    await read(socket, /open/);
    expect(cookie).toBe(`${VERIFIED}; a=b`);
    socket.destroy();
  });
});
