import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** After so long without a byte a case is over: more than any limit that the guards have. */
const QUIET_MS = 15_000;
const MOST_MS = 30_000;

/** Sends a case's bytes, and gives all that came back. It never rejects. */
export function send({ port, parts, ending, pauseMs }) {
  return new Promise((resolve) => {
    const received = [];
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const limit = setTimeout(() => socket.destroy(), MOST_MS);
    socket.setTimeout(QUIET_MS, () => socket.destroy());
    socket.on("data", (chunk) => received.push(chunk));
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.once("close", () => {
      clearTimeout(limit);
      resolve(Buffer.concat(received));
    });
    socket.once("connect", async () => {
      for (const [at, part] of parts.entries()) {
        if (!socket.writable) return;
        socket.write(part);
        if (pauseMs > 0 && at < 20) await sleep(pauseMs);
        else if (at % 8 === 7) await new Promise(setImmediate);
      }
      if (ending === "half-close") socket.end();
      if (ending === "leave") setTimeout(() => socket.destroy(), pauseMs * 2);
    });
  });
}

/** Whether a genuine request on a fresh connection is served. */
export async function isServed({ port, host, welcome: [{ index, token }] }) {
  const head = `GET /g/${index}/probe/ok HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nCf-Access-Jwt-Assertion: ${token}\r\n\r\n`;
  const received = await send({ port, parts: [Buffer.from(head)], ending: "wait", pauseMs: 0 });
  return received.toString("latin1").startsWith("HTTP/1.1 200 ");
}
