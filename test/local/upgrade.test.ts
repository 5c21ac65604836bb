import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createVerifier } from "../../src/index.ts";
import type { LocalAccess } from "../../src/local/index.ts";
import { type Application, dial, exchange, read, startAll, statusOf } from "./support.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

let app: Application;
let access: LocalAccess;
let port: number;
let cookie: string;
/** Every upgrade that reached the application, and its socket. */
const upgrades: { headers: Record<string, unknown>; socket: Socket; early: string }[] = [];

beforeAll(async () => {
  ({ app, access, port, cookie } = await startAll());
  app.server.on("upgrade", (request, socket, early) => {
    upgrades.push({ headers: request.headers, socket: socket as Socket, early: early.toString() });
    socket.on("error", () => {});
    if (request.url === "/refuses") {
      socket.end("HTTP/1.1 403 Forbidden\r\nX-Why: closed\r\nContent-Length: 6\r\n\r\nclosed");
      return;
    }
    if (request.url === "/hangs-up") {
      socket.destroy();
      return;
    }
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const protocol = request.url === "/other" ? "other" : "websocket";
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nfirst`,
    );
    socket.pipe(socket);
  });
});
beforeEach(() => {
  upgrades.length = 0;
});

function upgrade(path: string, changed: Record<string, string | undefined> = {}): string {
  const fields: Record<string, string | undefined> = {
    Host: `127.0.0.1:${port}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    Origin: access.url,
    Cookie: cookie,
    ...changed,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

describe("a WebSocket", () => {
  it("is opened with the assertion, and carries bytes both ways", async () => {
    const socket = await dial(port);
    socket.write(upgrade("/chat?room=1"));
    const answer = await read(socket, /\r\n\r\nfirst/);
    expect(answer).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(answer).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    expect(answer.match(/^Connection: Upgrade\r$/gm)).toHaveLength(1);
    expect(answer.match(/^Upgrade: websocket\r$/gm)).toHaveLength(1);
    socket.write("\x81\x85\x00\x00\x00\x00hello");
    expect(await read(socket, /hello/)).toContain("hello");
    const verifier = createVerifier({ team: access.issuer, audience: access.audience });
    const headers = upgrades[0]?.headers as Record<string, string>;
    const { principal } = await verifier.verifyRequest({ headers });
    expect(principal).toMatchObject({ email: "ada@example.com" });
    expect(headers).toMatchObject({ cookie, "x-forwarded-proto": "http", connection: "Upgrade" });
  });

  it("may be opened by a program without an origin", async () => {
    const socket = await dial(port);
    const { clientId, clientSecret } = access.serviceToken;
    socket.write(
      upgrade("/", {
        Origin: undefined,
        Cookie: undefined,
        "CF-Access-Client-Id": clientId,
        "CF-Access-Client-Secret": clientSecret,
      }),
    );
    expect(statusOf(await read(socket, /first/))).toBe(101);
    expect(JSON.stringify(upgrades[0]?.headers)).not.toContain(clientSecret);
  });

  it("ends on both sides when one side ends", async () => {
    for (const end of ["client", "application"]) {
      upgrades.length = 0;
      const socket = await dial(port);
      socket.write(upgrade("/"));
      await read(socket, /first/);
      const [opened] = upgrades;
      if (opened === undefined) throw new Error("no upgrade");
      const [one, other] = end === "client" ? [socket, opened.socket] : [opened.socket, socket];
      one.destroy();
      await expect.poll(() => other.destroyed).toBe(true);
    }
  });

  it("is refused by the application with its own answer", async () => {
    const answer = await exchange(port, upgrade("/refuses"));
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\nX-Why: closed\r\n.*\r\n\r\nclosed$/s);
  });

  it("is a 502 when the application closes the connection, or switches to another protocol", async () => {
    expect(statusOf(await exchange(port, upgrade("/hangs-up")))).toBe(502);
    expect(statusOf(await exchange(port, upgrade("/other")))).toBe(502);
  });
});

describe("an upgrade that is an attack", () => {
  it.each([
    "http://evil.example",
    "http://127.0.0.1:1",
    "https://127.0.0.1:PORT",
    "http://localhost:PORT",
    "null",
    "",
  ])("is refused when a page of %j opens it with this browser's cookie", async (origin) => {
    const attack = upgrade("/", { Origin: origin.replace("PORT", String(port)) });
    expect(statusOf(await exchange(port, attack))).toBe(403);
    expect(upgrades).toEqual([]);
  });

  it.each(["h2c", "websocket, h2c", "h2c, websocket", "TLS/1.0", "websocket/13"])(
    "is refused when it is to %s",
    async (protocol) => {
      const attack = upgrade("/", { Upgrade: protocol, "HTTP2-Settings": "AAMAAABkAAQAAP__" });
      expect(statusOf(await exchange(port, attack))).toBe(400);
      expect(upgrades).toEqual([]);
    },
  );

  it.each([
    ["a length", { "Content-Length": "40" }],
    ["chunks", { "Transfer-Encoding": "chunked" }],
    ["a length of nothing", { "Content-Length": "0" }],
  ])("is refused with a body in %s, in which a request could hide", async (_title, fields) => {
    const attack = `${upgrade("/", fields)}GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await exchange(port, attack);
    expect(statusOf(answer)).toBe(400);
    expect(answer.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1);
    expect([upgrades, app.seen]).toEqual([[], []]);
  });

  it("is refused by another method, or in HTTP/1.0", async () => {
    const attack = upgrade("/");
    expect(statusOf(await exchange(port, attack.replace("GET", "POST")))).toBe(400);
    expect(statusOf(await exchange(port, attack.replace("HTTP/1.1", "HTTP/1.0")))).toBe(400);
    expect(upgrades).toEqual([]);
  });

  it("is refused without a session, or with a wrong secret", async () => {
    expect(statusOf(await exchange(port, upgrade("/", { Cookie: undefined })))).toBe(401);
    const forged = { Cookie: undefined, "Cf-Access-Jwt-Assertion": cookie.slice(17) };
    expect(statusOf(await exchange(port, upgrade("/", forged)))).toBe(401);
    const wrong = { "CF-Access-Client-Id": "x", "CF-Access-Client-Secret": "y" };
    expect(statusOf(await exchange(port, upgrade("/", wrong)))).toBe(401);
    expect(upgrades).toEqual([]);
  });

  it("passes no bytes on before the application has agreed", async () => {
    const answer = await exchange(
      port,
      `${upgrade("/refuses")}GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(403);
    expect(upgrades.map(({ early }) => early)).toEqual([""]);
    expect(app.seen).toEqual([]);
  });

  it("reaches no endpoint of Access in the application either", async () => {
    const answer = await exchange(port, upgrade("/cdn-cgi/access/certs"));
    expect(statusOf(answer)).toBe(404);
    expect(upgrades).toEqual([]);
  });

  it("that breaks off has no effect on others", async () => {
    for (const path of ["/", "/refuses", "/other"]) {
      const socket = await dial(port);
      socket.write(upgrade(path));
      socket.resetAndDestroy();
    }
    const socket = await dial(port);
    socket.write(upgrade("/"));
    expect(statusOf(await read(socket, /first/))).toBe(101);
  });
});
