import { randomBytes } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { dial, exchange, head, read, statusOf } from "../local/support.ts";
import { rawTarget } from "../proxy/support.ts";
import { AUD, application, bearing, guard, OTHER_AUD, type Seen, team } from "./support.ts";

const issuer = await team();
const token = await issuer.userToken({ email: "ada@acme.com", sub: "u1" });
const ASSERTION = `Cf-Access-Jwt-Assertion: ${token}`;
const app = await application();
const proxy = await guard({ target: app.url, headers: { "X-WEBAUTH-USER": "email" } });
const { port, url } = proxy;

/** The fields that the application received for a request with these fields. */
async function seen(...fields: string[]): Promise<Seen> {
  app.seen.length = 0;
  const answer = await exchange(port, head(port, "GET /path?q=1", ASSERTION, ...fields));
  expect(statusOf(answer)).toBe(200);
  return app.seen[0] as Seen;
}

/** The values of every field whose folded name is this one. */
function under({ rawHeaders }: Seen, name: string): string[] {
  const fold = (text: string): string => text.toLowerCase().replace(/[^a-z\d]/g, "_");
  return rawHeaders.filter(
    (_, at) => at % 2 === 1 && fold(rawHeaders[at - 1] ?? "") === fold(name),
  );
}

describe("what the application receives", () => {
  it("is the identity, and where the request came from", async () => {
    const request = await seen("X-Own: 1", "Cookie: a=b; CF_Authorization=other");
    expect(request).toMatchObject({ method: "GET", url: "/path?q=1" });
    expect(request.headers).toMatchObject({
      "x-auth-request-user": "u1",
      "x-auth-request-email": "ada@acme.com",
      "x-auth-request-name": "",
      "x-auth-request-kind": "user",
      "x-webauth-user": "ada@acme.com",
      "cf-access-authenticated-user-email": "ada@acme.com",
      "cf-access-jwt-assertion": token,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": `127.0.0.1:${port}`,
      host: `127.0.0.1:${port}`,
      "x-own": "1",
      cookie: `CF_Authorization=${token}; a=b`,
    });
  });

  it("is the outer proxy's protocol and host, with the peer appended", async () => {
    const { headers } = await seen(
      "X-Forwarded-For: 203.0.113.7",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: app.example",
      "CF-Connecting-IP: 203.0.113.7",
    );
    expect(headers).toMatchObject({
      "x-forwarded-for": "203.0.113.7, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "app.example",
      "cf-connecting-ip": "203.0.113.7",
    });
  });

  it.each([
    ["GET / HTTP/1.0", [], ""],
    ["POST / HTTP/1.0", ["Content-Length: 3"], "abc"],
    ["HEAD / HTTP/1.0", ["X-Forwarded-Host: evil.example"], ""],
    ["GET / HTTP/1.0", ["Connection: close, host"], ""],
  ])("has one Host, which is empty when a client has none: %s %j", async (line, fields, body) => {
    app.seen.length = 0;
    const request = [line, ASSERTION, ...fields, "", body].join("\r\n");
    const answer = await exchange(port, request);
    expect(answer).toMatch(/^HTTP\/1\.[01] 200 /);
    expect(under(app.seen[0] as Seen, "host")).toEqual([""]);
    expect(app.seen[0]).toMatchObject({ body });
  });

  it.each(["", "app.example", "APP.example:80"])("has the client's Host: %j", async (host) => {
    for (const version of ["1.0", "1.1"]) {
      app.seen.length = 0;
      const fields = [`Host: ${host}`, "Connection: close, host", ASSERTION];
      await exchange(port, [`GET / HTTP/${version}`, ...fields, "", ""].join("\r\n"));
      expect(app.seen[0] && under(app.seen[0], "host")).toEqual([host]);
    }
  });

  const NAMES = [
    "X-Auth-Request-User",
    "X-Auth-Request-Groups",
    "X-WEBAUTH-USER",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "Remote-User",
    "Remote-Groups",
    "Cf-Access-Authenticated-User-Email",
  ];
  const spellings = NAMES.flatMap((name) =>
    [
      name,
      name.toLowerCase(),
      name.replaceAll("-", "_"),
      name.replaceAll("-", "."),
      name.replace("-", "!"),
    ].map((spelling) => [spelling, name] as const),
  );
  it.each(spellings)("is never the client's value in %s", async (spelling, name) => {
    const request = await seen(`${spelling}: evil`, `${spelling}: evil`, `Connection: ${name}`);
    expect(request.rawHeaders).not.toContain("evil");
    expect(under(request, name).length).toBeLessThanOrEqual(1);
  });

  it.each([
    "Cf_Access_Jwt_Assertion",
    "CF_Connecting_IP",
    "X_Forwarded_For",
    "X.Forwarded.Host",
    "Content_Length",
    "Transfer_Encoding",
    "Proxy",
  ])("is nothing in %s, which some servers read as the real field", async (name) => {
    const request = await seen(`${name}: evil`);
    expect(request.rawHeaders).not.toContain("evil");
  });

  it("is one assertion when a client sends the same twice", async () => {
    expect(under(await seen(ASSERTION), "cf-access-jwt-assertion")).toEqual([token]);
  });

  const SPELLINGS = [
    "CF_Authorization=evil",
    "cf_authorization=evil",
    "CF-Authorization=evil",
    "CF.Authorization=evil",
    "CF_Authorization =evil",
    "CF_Authorization[0]=evil",
    'CF_Authorization="evil"',
    '"CF_Authorization"=evil',
    "%43F%5fAuthorization=evil",
    "c=d, CF_Authorization=evil",
    "c=d CF_Authorization=evil",
  ];
  it.each(SPELLINGS)("is no other token than the verified one in a cookie: %s", async (cookie) => {
    for (const text of [cookie, `a=b; ${cookie}`, `${cookie}; CF_Authorization=${token}`]) {
      const { headers } = await seen(`Cookie: ${text}`, "Cookie: e=f;");
      expect(headers.cookie).not.toContain("evil");
      expect(headers.cookie?.match(/CF_Authorization=[^;]*/g)).toEqual([
        `CF_Authorization=${token}`,
      ]);
      expect(headers.cookie).toMatch(/; e=f;$/);
    }
  });

  it("is the verified one of several tokens in cookies", async () => {
    const forged = `${token.slice(0, -4)}AAAA`;
    for (const pair of [
      [forged, token],
      [token, forged],
    ]) {
      app.seen.length = 0;
      const cookies = pair.map((each) => `CF_Authorization=${each}`).join("; ");
      await exchange(port, head(port, "GET /", `Cookie: ${cookies}; a=b`));
      expect(app.seen[0]?.headers.cookie).toBe(`CF_Authorization=${token}; a=b`);
      expect(app.seen[0]?.headers).not.toHaveProperty("cf-access-jwt-assertion");
    }
  });

  it.each(["a=b;c=d ;  e", "a=b;", "my_cf_authorizations=1", "a=100%; b=%zz"])(
    "is every cookie as it was when none has a token: %s",
    async (cookie) => {
      expect((await seen(`Cookie: ${cookie}`)).headers.cookie).toBe(cookie);
    },
  );

  it("is no token when the token option is off", async () => {
    const { port: stripping } = await guard({ target: app.url, stripToken: true });
    app.seen.length = 0;
    const cookies = `Cookie: a=b; CF_Authorization=${token}; cf_authorization=x`;
    await exchange(stripping, head(stripping, "GET /", ASSERTION, cookies));
    await exchange(stripping, head(stripping, "GET /", `Cookie: CF_Authorization=${token}`));
    expect(JSON.stringify(app.seen)).not.toContain(token);
    expect(app.seen.map(({ headers }) => headers.cookie)).toEqual(["a=b", undefined]);
    expect(app.seen[1]?.headers).toMatchObject({ "x-auth-request-user": "u1" });
  });

  it("is the same for a service, without an email address", async () => {
    app.seen.length = 0;
    const service = await issuer.serviceToken({ common_name: "ci.access" });
    await fetch(url, {
      headers: bearing(service, { "cf-access-authenticated-user-email": "a@b.c" }),
    });
    const { headers } = app.seen[0] as Seen;
    expect(headers).toMatchObject({
      "x-auth-request-kind": "service",
      "x-auth-request-name": "ci.access",
      "x-auth-request-email": "",
    });
    expect(headers).not.toHaveProperty("cf-access-authenticated-user-email");
  });

  it("is an address in UTF-8", async () => {
    app.seen.length = 0;
    const umlaut = await issuer.userToken({ email: "ädä@acme.com" });
    await fetch(url, { headers: bearing(umlaut) });
    await fetch(url, { method: "POST", body: "x", headers: bearing(umlaut) });
    for (const { headers } of app.seen) {
      for (const name of ["x-auth-request-email", "cf-access-authenticated-user-email"]) {
        expect(Buffer.from(headers[name] as string, "latin1").toString()).toBe("ädä@acme.com");
      }
    }
  });

  it("is every identity header, empty and without a token, on public paths", async () => {
    const open = await guard({ target: app.url, publicPaths: ["/open"], optional: true });
    app.seen.length = 0;
    await fetch(`${open.url}/open`, {
      headers: bearing("garbage", { "x-auth-request-user": "evil" }),
    });
    await fetch(`${open.url}/other`);
    for (const { headers } of app.seen) {
      expect(headers).toMatchObject({ "x-auth-request-user": "", "x-auth-request-kind": "" });
      expect(headers).not.toHaveProperty("cf-access-jwt-assertion");
    }
    expect(app.seen).toHaveLength(2);
    expect((await fetch(`${open.url}/other`, { headers: bearing("garbage") })).status).toBe(401);
    expect(open.lines.map(({ decision }) => decision)).toEqual(["public", "public", "refused"]);
  });
});

describe("a request that is refused", () => {
  it("never reaches the application, with any of the hostile tokens", async () => {
    app.seen.length = 0;
    for (const { name, token } of await issuer.hostileTokens()) {
      if (/[^\x21-\x7e]/.test(token)) continue;
      const answer = await exchange(port, head(port, "GET /", `Cf-Access-Jwt-Assertion: ${token}`));
      expect([name, [401, 403, 431].includes(statusOf(answer))]).toEqual([name, true]);
    }
    expect(app.seen).toEqual([]);
  });

  it("gets only the status, and its body is not read as the next request", async () => {
    const hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    app.seen.length = 0;
    const request = head(port, "POST /", "Content-Length: 999999").replace("close", "keep-alive");
    const answer = await exchange(port, `${request}${hidden}`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 .*\r\nConnection: close\r\n\r\nUnauthorized\n$/s);
    expect(app.seen).toEqual([]);
  });

  it("gets no 100 Continue", async () => {
    const answer = await exchange(
      port,
      head(port, "POST /", "Expect: 100-continue", "Content-Length: 3"),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401/);
  });
});

describe("several applications", () => {
  it("are found by their host, each with its own audience, and other hosts get 421 before any 401", async () => {
    const wiki = await application();
    const shop = await application();
    const { port, lines } = await guard({
      apps: {
        wiki: { audience: AUD, hosts: ["wiki.example", "docs.example"], target: wiki.url },
        shop: { audience: OTHER_AUD, hosts: ["shop.example"], target: shop.url },
      },
    });
    const ask = async (host: string, ...fields: string[]): Promise<number> =>
      statusOf(
        await exchange(
          port,
          `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields.join("\r\n")}\r\n\r\n`,
        ),
      );
    expect(await ask("wiki.example", ASSERTION)).toBe(200);
    expect(await ask("DOCS.example:8443", ASSERTION)).toBe(200);
    expect(await ask("shop.example", ASSERTION)).toBe(401);
    const other = await issuer.userToken({ aud: [OTHER_AUD] });
    expect(await ask("shop.example", `Cf-Access-Jwt-Assertion: ${other}`)).toBe(200);
    for (const host of [
      "",
      "evil.example",
      "wiki.example.",
      "wiki.example@evil",
      "wiki.example:x",
      "wiki.example, shop.example",
    ]) {
      expect([host, await ask(host)]).toEqual([host, 421]);
    }
    expect(await ask("evil.example", ASSERTION, "X-Forwarded-Host: wiki.example")).toBe(421);
    expect([wiki.seen.length, shop.seen.length]).toEqual([2, 1]);
    expect(lines.filter(({ code }) => code === "unknown_host").length).toBe(7);
  });
});

describe("a message that is an attack", () => {
  const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  it.each<[string, string[], string]>([
    ["both lengths", ["Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${HIDDEN}`],
    ["two lengths", ["Content-Length: 0", "Content-Length: 37"], HIDDEN],
    ["a list of lengths", ["Content-Length: 3, 3"], "abc"],
    ["a space before the colon", ["Transfer-Encoding : chunked"], `0\r\n\r\n${HIDDEN}`],
    ["a folded coding", ["Transfer-Encoding:", " chunked"], `0\r\n\r\n${HIDDEN}`],
    ["another coding", ["Transfer-Encoding: xchunked"], `0\r\n\r\n${HIDDEN}`],
    ["two codings", ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], HIDDEN],
    ["a bare line feed", ["X: a\nContent-Length: 3"], "abc"],
    ["a NUL", ["X: a\0b"], ""],
    ["a second Host", ["Host: evil.example"], ""],
    ["more fields than are looked at", Array.from({ length: 1001 }, (_, at) => `a${at}: b`), ""],
  ])("is refused with %s", async (_title, fields, body) => {
    app.seen.length = 0;
    const answer = await exchange(port, head(port, "POST /", ASSERTION, ...fields) + body);
    expect([400, 431, 501]).toContain(statusOf(answer));
    expect(app.seen).toEqual([]);
  });

  it.each(["GET http://evil.example/", "OPTIONS *", "CONNECT evil.example:443", "GET evil"])(
    "is refused as %s",
    async (line) => {
      app.seen.length = 0;
      expect(statusOf(await exchange(port, head(port, line, ASSERTION)))).toBeGreaterThanOrEqual(
        400,
      );
      expect(app.seen).toEqual([]);
    },
  );

  it.each(["", " HTTP/2.0", " HTTP/1.2"])("is refused with the version %j", async (version) => {
    app.seen.length = 0;
    const request = head(port, "GET /", ASSERTION).replace(" HTTP/1.1", version);
    expect(statusOf(await exchange(port, request))).toBeGreaterThanOrEqual(400);
    expect(app.seen).toEqual([]);
  });

  it("has no identity in its trailers", async () => {
    app.seen.length = 0;
    const fields = ["Transfer-Encoding: chunked", "Trailer: X_Auth_Request_User, Checksum"];
    const body =
      "3\r\nabc\r\n0\r\nX_Auth_Request_User: evil\r\nX-WebAuth-User: evil\r\nChecksum: 1\r\n\r\n";
    await exchange(port, head(port, "POST /", ASSERTION, ...fields) + body);
    expect(app.seen[0]?.trailers).toEqual({ checksum: "1" });
    expect(JSON.stringify(app.seen)).not.toContain("evil");
  });
});

describe("an upgrade", () => {
  const upgrade = (protocol: string, ...fields: string[]): string =>
    head(port, "GET /chat", `Upgrade: ${protocol}`, ...fields).replace("close", "Upgrade");

  it.each(["websocket", "tcp"])(
    "to %s carries bytes both ways, with the identity",
    async (protocol) => {
      let told: unknown;
      app.server.removeAllListeners("upgrade").on("upgrade", (request, socket) => {
        told = request.headers["x-auth-request-user"];
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\nfirst`,
        );
        socket.pipe(socket);
      });
      const socket = await dial(port);
      socket.write(upgrade(protocol, ASSERTION, "X_Auth_Request_User: evil"));
      expect(statusOf(await read(socket, /first/))).toBe(101);
      socket.write("hello");
      await read(socket, /hello/);
      expect(told).toBe("u1");
      socket.destroy();
    },
  );

  it.each(["h2c", "H2C", "h2", "HTTP/2.0", "websocket, h2c", "h2c, websocket", "TLS/1.0"])(
    "to %s is refused",
    async (protocol) => {
      let reached = 0;
      app.server.removeAllListeners("upgrade").on("upgrade", () => reached++);
      const settings = "HTTP2-Settings: AAMAAABkAAQAAP__";
      expect(statusOf(await exchange(port, upgrade(protocol, ASSERTION, settings)))).toBe(400);
      expect(reached).toBe(0);
    },
  );

  it.each([
    ["is a switch to nothing", "101 Switching Protocols\r\n\r\n"],
    ["has a status below 100", "099 A\r\nContent-Length: 0\r\n\r\n"],
    ["is coded", "200 A\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
  ])("is answered 502 when the application's answer %s", async (_title, bytes) => {
    const target = await rawTarget((socket) => {
      socket.once("data", () => socket.end(`HTTP/1.1 ${bytes}`));
    });
    const before = await guard({ target: `http://127.0.0.1:${target}` });
    const answer = await exchange(before.port, upgrade("websocket", ASSERTION));
    expect(answer).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n.*\r\n\r\nBad Gateway\n$/s);
  });

  it("gets a reset when the application's other answer breaks off, because its end means the body's end", async () => {
    const part = "HTTP/1.1 404 A\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    const target = await rawTarget((socket) => {
      socket.once("data", () => socket.write(part));
      setTimeout(() => socket.end(), 100);
    });
    const before = await guard({ target: `http://127.0.0.1:${target}` });
    const socket = await dial(before.port);
    const ended = new Promise((resolve) => {
      socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code)).on("end", resolve);
    });
    socket.resume().write(upgrade("websocket", ASSERTION));
    expect(await ended).toBe("ECONNRESET");
  });

  it("is refused without a token, with a body, and at an unknown host", async () => {
    let reached = 0;
    app.server.removeAllListeners("upgrade").on("upgrade", () => reached++);
    const answer = await exchange(port, `${upgrade("websocket")}GET /hidden HTTP/1.1\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 .*www-authenticate: Bearer.*\r\n\r\nUnauthorized\n$/s);
    expect(
      statusOf(await exchange(port, upgrade("websocket", ASSERTION, "Content-Length: 3"))),
    ).toBe(400);
    expect(reached).toBe(0);
  });
});

it("answers 502 for a missing target and 504 for a silent one, with constant bodies", async () => {
  const silent = await application(() => {});
  const gone = await guard({ target: "http://127.0.0.1:1" });
  const slow = await guard({ target: silent.url, targetTimeoutSeconds: 0.3 });
  const none = await fetch(gone.url, { headers: bearing(token) });
  expect([none.status, await none.text()]).toEqual([502, "Bad Gateway\n"]);
  const late = await fetch(slow.url, { headers: bearing(token) });
  expect([late.status, await late.text()]).toEqual([504, "Gateway Timeout\n"]);
});

it("carries bodies of many megabytes both ways", async () => {
  const echo = await application((request, response) => request.pipe(response));
  const { url } = await guard({ target: echo.url });
  const body = randomBytes(20 * 1024 * 1024);
  const answer = await fetch(url, { method: "POST", headers: bearing(token), body });
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
});

it("serves five hundred users at once, each with their own identity", async () => {
  const people = await Promise.all(
    Array.from({ length: 500 }, async (_, at) => {
      const email = `user${at}@acme.com`;
      return { email, token: await issuer.userToken({ email, sub: `u${at}` }) };
    }),
  );
  const told = await Promise.all(
    people.map(
      async ({ token }) => (await fetch(url, { headers: bearing(token) })).json() as Promise<Seen>,
    ),
  );
  expect(told.map(({ headers }) => headers["x-auth-request-email"])).toEqual(
    people.map(({ email }) => email),
  );
});

it("lets requests under way end when it closes, and upgraded connections last", async () => {
  let finish = (): void => {};
  const slow = await application((_request, response) => {
    response.write("first,");
    finish = () => response.end("last");
  });
  slow.server.on("upgrade", (_request, socket) => {
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nopen",
    );
    socket.on("error", () => {});
  });
  const { port, close } = await guard({ target: slow.url, drainTimeoutSeconds: 10 });
  const upgraded = await dial(port);
  upgraded.write(head(port, "GET /", ASSERTION, "Upgrade: websocket").replace("close", "Upgrade"));
  await read(upgraded, /open/);
  const socket = await dial(port);
  socket.write(head(port, "GET /", ASSERTION).replace("close", "keep-alive"));
  await read(socket, /first,/);
  const rest = read(socket);
  const closed = close();
  await expect(dial(port)).rejects.toThrow("ECONNREFUSED");
  expect(upgraded.destroyed).toBe(false);
  finish();
  expect(await rest).toContain("last");
  await closed;
  await expect.poll(() => upgraded.destroyed).toBe(true);
});

it("says on standard error that an application does not answer, once a minute, and counts it", async () => {
  const written = vi.spyOn(console, "error").mockReturnValue();
  const none = "http://127.0.0.1:1";
  const broken = await guard({ target: none, admin: "127.0.0.1:0" });
  const get = (): Promise<Response> =>
    fetch(broken.url, { headers: { "Cf-Access-Jwt-Assertion": token } });
  for (const _ of [1, 2, 3]) expect((await get()).status).toBe(502);
  expect((await fetch(broken.url)).status).toBe(401);
  expect(written.mock.calls).toEqual([
    [
      `postern guard: The application at ${none} did not answer (ECONNREFUSED). Callers get 502 or 504 until it answers (default).`,
    ],
  ]);
  const metrics = await (await fetch(`${broken.adminUrl}/metrics`)).text();
  expect(metrics).toContain('postern_target_failures_total{app="default"} 3\n');
  written.mockRestore();
});
