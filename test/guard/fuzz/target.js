import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { BAD, EARLY, GOOD } from "./answers.js";
import { RequestReader } from "./request-reader.js";

/** What a good answer says of the request it answers. */
export function echo({ method, path, body }) {
  const [, id] = /^\/\w+\/\d+\/(\w+)/.exec(path) ?? [];
  const hash = createHash("sha256").update(body).digest("base64url");
  return `~id=${id}~ ${method} ${body.length} ${hash}\n`;
}

/**
 * Records every request that reaches it, read by a strict reader of its own, and answers as the last part
 * of the path says: well, badly, too early or not at all.
 *
 * @param onRequest is told of each request when its head is there
 * @param onFault is told of bytes that are no request
 */
export async function startTarget({ onRequest, onFault }) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const reader = new RequestReader({
      head(request) {
        onRequest(request);
        const answer = EARLY[modeOf(request)];
        if (request.all("upgrade").length > 0) {
          reader.isRaw = true;
          switchOrAnswer(socket, request);
        } else if (answer !== undefined) {
          answer(socket, echo(request));
        }
      },
      end(request) {
        request.isComplete = true;
        const mode = modeOf(request);
        if (EARLY[mode] !== undefined || !socket.writable) return;
        if (request.method === "HEAD" && BAD[mode] === undefined) {
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
          return;
        }
        (GOOD[mode] ?? BAD[mode] ?? GOOD.ok)(socket, echo(request));
      },
      fault: onFault,
      raw: (chunk) => socket.emit("raw", chunk),
    });
    socket.on("data", (chunk) => reader.push(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function modeOf({ path }) {
  return /^\/\w+\/\d+\/\w+\/(\w+)/.exec(path)?.[1] ?? "ok";
}

/** An upgrade: what comes after it is sent back, with the request's id. */
function switchOrAnswer(socket, request) {
  const mode = modeOf(request);
  const bad = BAD[mode === "unaskedSwitch" ? "otherSwitch" : mode];
  if (bad !== undefined) {
    bad(socket, echo(request));
    return;
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.all("upgrade")[0]}\r\n\r\n`,
  );
  request.afterSwitch = Buffer.alloc(0);
  socket.on("raw", (chunk) => {
    request.afterSwitch = Buffer.concat([request.afterSwitch, chunk]);
    socket.write(chunk);
  });
}
