// The behaviour of a guarded WebSocket server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { PATHS } from "./lib/attacks.js";
import { withToken } from "./lib/http.js";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** Resolves to the first message, or to the refusal with its status line and headers. */
function open(app, headers, path = "/") {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${app.port}${path}`, { headers, timeout: 30_000 });
    ws.once("message", (data) => resolve({ ws, greeting: String(data) }));
    ws.once("unexpected-response", (_request, response) => {
      resolve({ status: response.statusCode, headers: response.headers });
      response.destroy();
    });
    ws.once("error", reject);
  });
}

async function refused(app, headers, status) {
  const answer = await open(app, headers);
  answer.ws?.terminate();
  assert.equal(answer.status, status, `status ${answer.status} ${answer.greeting}`);
  assert.match(answer.headers["cache-control"] ?? "", /no-store/);
  assert.equal(answer.headers["connection"], "close");
  if (status === 401) assert.match(answer.headers["www-authenticate"] ?? "", /^Bearer /);
  if (status === 503) assert.match(answer.headers["retry-after"] ?? "", /^[1-9]\d*$/);
}

async function greets(app, token, greeting) {
  const answer = await open(app, withToken(token));
  answer.ws?.terminate();
  assert.equal(answer.greeting, greeting);
}

/**
 * The bytes of an upgrade to a request target exactly as spelt, and whether the connection was
 * ended.
 */
function upgradeRaw(port, target) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setTimeout(10_000, () => socket.destroy(new Error("the socket is left open")));
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.includes("101 Switching")) socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(text));
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`,
    );
  });
}

export const SOCKET_CHECKS = [
  [
    "answers 503 with Retry-After while there are no keys",
    async (app) => {
      await refused(app, withToken(await app.issuer.userToken()), 503);
      app.issuer.up();
      await new Promise((resolve) => setTimeout(resolve, 2500));
    },
  ],
  [
    "accepts users and services, each with their own identity",
    async (app) => {
      await greets(
        app,
        await app.issuer.userToken({ email: "ada@example.com" }),
        "user ada@example.com",
      );
      const service = await app.issuer.serviceToken({ common_name: "backup.access" });
      await greets(app, service, "service backup.access");
      const names = Array.from({ length: 24 }, (_, index) => `user${index % 6}@example.com`);
      await Promise.all(
        names.map(async (email) =>
          greets(app, await app.issuer.userToken({ email }), `user ${email}`),
        ),
      );
    },
  ],
  [
    "refuses with 401 and 403, and ends the connection",
    async (app) => {
      await refused(app, {}, 401);
      const iat = Math.floor(Date.now() / 1000) - 7200;
      const expired = await app.issuer.userToken({ iat, nbf: iat, exp: iat + 3600 });
      await refused(app, withToken(expired), 401);
      await refused(
        app,
        withToken(await app.issuer.userToken({ email: "mallory@evil.example" })),
        403,
      );
      assert.match(await upgradeRaw(app.port, "/"), /^HTTP\/1\.1 401 Unauthorized\r\n/);
    },
  ],
  [
    "refuses every hostile token",
    async (app) => {
      for (const { name, token } of await app.issuer.hostileTokens()) {
        const { ws, status } = await open(app, withToken(token));
        ws?.terminate();
        assert.equal(status, 401, name);
      }
    },
  ],
  [
    "refuses when verification throws a value that is no error, and when a client leaves meanwhile",
    async (app) => {
      const token = await app.issuer.userToken({ email: "fault@example.com" });
      await refused(app, withToken(token), 500);
      for (let times = 0; times < 20; times++) {
        const socket = connect(app.port, "127.0.0.1");
        await once(socket, "connect");
        socket.write(
          `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        );
        socket.resetAndDestroy();
      }
      await refused(app, {}, 401);
    },
  ],
  [
    "opens the public path and no other, in any spelling",
    async (app) => {
      assert.match(await upgradeRaw(app.port, "/public"), /101 Switching/);
      for (const target of PATHS) {
        // A query is not part of a path: this is the public one.
        if (target.startsWith("/public?")) continue;
        const text = await upgradeRaw(app.port, target);
        assert.doesNotMatch(text, /101 Switching/, target);
      }
    },
  ],
  [
    "closes a connection when its token ends, and not before",
    async (app) => {
      const now = Math.floor(Date.now() / 1000);
      // Within the tolerance for clocks, this one ends at once, and the other stays open.
      const brief = await open(app, withToken(await app.issuer.userToken({ exp: now + 2 })));
      const long = await open(
        app,
        withToken(await app.issuer.userToken({ exp: now + 40 * 86_400 })),
      );
      const [code] = await once(brief.ws, "close");
      assert.equal(code, 1008);
      long.ws.send("still here");
      const [data] = await once(long.ws, "message");
      assert.equal(String(data), "still here");
      long.ws.terminate();
    },
  ],
];
