// Starts origins: in this process, or as programs in other languages.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { freePort } from "../../support/free-port.js";

/** A server with one listener for every request, and another for the sockets of handshakes. */
export async function serve(listener, upgrade) {
  const counts = { requests: 0, methods: new Set() };
  const count = (request) => {
    counts.requests++;
    counts.methods.add(request.method);
  };
  const server = createServer((request, response) => {
    count(request);
    Promise.resolve(listener(request, response)).catch(() => response.writeHead(500).end());
  });
  if (upgrade !== undefined) {
    server.on("upgrade", (request, socket) => {
      count(request);
      socket.on("error", () => {});
      // Nothing is sent over it: it ends when the client leaves.
      socket.on("end", () => socket.destroy()).resume();
      Promise.resolve(upgrade(request, socket)).catch(() => socket.destroy());
    });
  }
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counts,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An origin of steps: the guard first, for requests and for handshakes, then the application. */
export function serveSteps(steps) {
  return serve(
    async (request, response) => {
      if (await steps.admits(request))
        return application(steps.route?.(request) ?? request.url, request, response);
      return response.writeHead(401).end("Access denied");
    },
    async (request, socket) => {
      const isIn = await (steps.admitsSocket ?? steps.admits).call(steps, request);
      answerHandshake(request, socket, isIn);
    },
  );
}

/** Pages under their plain paths, and no other paths. */
export function application(target, request, response) {
  let path = "/";
  try {
    path = decodeURIComponent(new URL(target, "http://app.test").pathname).replace(/;[^/]*/g, "");
  } catch {
    return response.writeHead(400).end();
  }
  const plain = path
    .replace(/\/+/g, "/")
    .replace(/(.)\/$/, "$1")
    .toLowerCase();
  const pages = {
    "/": "home",
    "/admin": "secret",
    "/healthz": "ok",
    "/public": "public",
    "/admin/x.css": "secret",
  };
  const page = Object.hasOwn(pages, plain) ? pages[plain] : undefined;
  response.writeHead(page === undefined ? 404 : 200, { "Content-Type": "text/plain" });
  return response.end(request.method === "HEAD" ? undefined : (page ?? "not found"));
}

export function answerHandshake(request, socket, isIn) {
  if (!isIn)
    return socket.end(
      "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  return socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

/**
 * Starts a program that listens on the given port, or on the one in its environment, and waits
 * until it does.
 */
export async function serveProgram(command, args, environment, given) {
  const port = given ?? (await freePort());
  const child = spawn(command, args, {
    env: { ...process.env, ...environment, PORT: String(port) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-4000);
  });
  const exited = once(child, "exit");
  for (let tries = 0; tries < 150 && child.exitCode === null; tries++) {
    if (await listens(port)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
  return {
    url: `http://127.0.0.1:${port}`,
    counts: undefined,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
