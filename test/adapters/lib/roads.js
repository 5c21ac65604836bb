// The functions that several pages' tests share: whether a request reached guarded code.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocket } from "ws";
import { send, sendRaw } from "./http.js";

/** A text in every answer of an application's guarded code and files. */
export const SECRET = "the admin area";

/** Whether a request is answered by guarded code, in the body or in a header. */
export async function tells(url, headers, init = {}) {
  const answer = await send(url, { ...init, headers: { ...init.headers, ...headers } });
  return answer.text.includes(SECRET) || JSON.stringify(answer.headers).includes(SECRET);
}

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Whether a path is answered by guarded code, for any method. */
export const tellsEveryMethod = (url, headers, methods = METHODS) =>
  every(
    Object.fromEntries(methods.map((method) => [method, () => tells(url, headers, { method })])),
  );

const HOSTS = [
  "x/admin?",
  "x/public?",
  "x/admin#",
  "x#",
  "user@x",
  "x\\admin",
  "a",
  "x/admin/..;/",
];
const TARGETS = ["/admin", "/public", "/public/admin", "/public?/admin"];

/**
 * Whether guarded code answers a request whose `Host` frameworks may join with the path. `/public`
 * is public, and so are all paths below it.
 */
export async function tellsByHost(port, headers) {
  const answers = [];
  for (const Host of HOSTS) {
    for (const target of TARGETS) {
      answers.push(await sendRaw(port, target, { Host, ...headers }));
      answers.push(await sendRaw(port, target, { "X-Forwarded-Host": Host, ...headers }));
    }
  }
  return answers.some(({ text }) => text.includes(SECRET));
}

/** The paths that `tellsByHost` treats as public. */
export const isBelowPublic = (path) => path === "/public" || path.startsWith("/public/");

/** Whether all variants of one route reach guarded code. An error when they disagree. */
export async function every(variants) {
  const answers = [];
  for (const [name, walk] of Object.entries(variants)) answers.push([name, await walk()]);
  const [[, first]] = answers;
  assert.ok(
    answers.every(([, answer]) => answer === first),
    `the variants disagree: ${JSON.stringify(answers)}`,
  );
  return first;
}

/** Whether a WebSocket opens and, if a text is given, whether the first message has it. */
export function connects(port, path, headers, secret) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers,
      handshakeTimeout: 10_000,
    });
    const end = (answer) => {
      ws.terminate();
      resolve(answer);
    };
    ws.once("unexpected-response", () => end(false));
    ws.once("open", () => (secret === undefined ? end(true) : ws.send("anybody there?")));
    ws.once("message", (data) => end(String(data).includes(secret)));
    ws.once("close", () => resolve(false));
    ws.once("error", (error) => {
      if (/ECONNREFUSED|handshake has timed out/.test(error.message)) reject(error);
      else end(false);
    });
  });
}

/** The code with which a server closes a WebSocket that it had opened. */
export async function closeCode(port, path, headers) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, handshakeTimeout: 10_000 });
  const [code] = await once(ws, "close");
  return code;
}

/** Listens on a free port of loopback. */
export async function listen(listener) {
  const server = typeof listener === "function" ? createServer(listener) : listener;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    server,
    port,
    at: (path) => `http://127.0.0.1:${port}${path}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
