import { type ClientRequest, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { endToEnd, type Field } from "./fields.ts";
import { type Passage, unfit } from "./forward.ts";
import { breakOff, endConnection } from "./pipeline.ts";
import type { Refusal } from "./request-fault.ts";
import { toward } from "./target.ts";

/** Writes an answer to an upgrade on the raw socket, and closes it. */
export function answerOnSocket(
  socket: Duplex,
  status: number,
  fields: readonly Field[],
  body: string,
): void {
  const framed: Field[] = [
    ...fields,
    ["Content-Length", String(Buffer.byteLength(body))],
    ["Connection", "close"],
  ];
  socket.write(head(status, STATUS_CODES[status], framed));
  endConnection(socket, body);
}

/** Answers an upgrade with a text, and closes the socket. */
export function refuseUpgrade(
  socket: Duplex,
  { status, reason }: Refusal,
  added: readonly Field[] = [],
): void {
  const fields: Field[] = [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Cache-Control", "no-store"],
    ...added,
  ];
  answerOnSocket(socket, status, fields, `${reason}\n`);
}

/**
 * Forwards an upgrade to the target. The two sockets are joined only after it answered 101 for the requested
 * protocol. Before that, it receives nothing that the client sends.
 */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  early: Buffer,
  { target, fields, fail }: Pick<Passage, "target" | "fields" | "fail">,
): void {
  if (socket.destroyed) return;
  const protocol = request.headers.upgrade ?? "";
  const switched: Field[] = [
    ["Connection", "Upgrade"],
    ["Upgrade", protocol],
  ];
  let upstream: ClientRequest;
  try {
    upstream = toward(target, request, [...fields, ...switched], false);
  } catch {
    // Node accepts some paths that it refuses to send.
    fail({ status: 400, reason: "The request cannot be forwarded." });
    return;
  }
  let isAnswered = false;
  const refuse = (failure: Refusal): void => {
    if (isAnswered) {
      socket.destroy();
      return;
    }
    isAnswered = true;
    upstream.destroy();
    fail(failure);
  };
  upstream.on("upgrade", ({ headers, rawHeaders }, other, first) => {
    other.on("error", () => other.destroy());
    if (headers.upgrade?.toLowerCase() !== protocol.toLowerCase()) {
      other.destroy();
      return refuse({ status: 502, reason: "The application switched to another protocol." });
    }
    isAnswered = true;
    other.setTimeout(0);
    socket.write(head(101, undefined, [...endToEnd(rawHeaders), ...switched]));
    socket.write(first);
    other.write(early);
    join(socket, other);
  });
  upstream.on("response", (incoming) => {
    const problem = unfit(incoming);
    if (problem !== undefined) {
      incoming.destroy();
      return refuse({ status: 502, reason: problem });
    }
    isAnswered = true;
    const { statusCode = 502, statusMessage, rawHeaders } = incoming;
    const close: Field = ["Connection", "close"];
    socket.write(head(statusCode, statusMessage, [...endToEnd(rawHeaders), close]));
    // The end of the connection is the end of the body (RFC 9112 section 6.3).
    incoming.pipe(socket, { end: false });
    incoming.on("end", () => endConnection(socket));
    incoming.on("error", () => breakOff(socket));
  });
  upstream.on("timeout", () => {
    if (!isAnswered) refuse({ status: 504, reason: "The application did not answer in time." });
  });
  upstream.on("error", () => refuse({ status: 502, reason: "The application did not answer." }));
  socket.on("close", () => upstream.destroy());
  upstream.end();
}

function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

function head(status: number, message: string | undefined, fields: readonly Field[]): Buffer {
  const line = `HTTP/1.1 ${status} ${message ?? STATUS_CODES[status] ?? ""}\r\n`;
  const text = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  // One byte for each character, as Node read it.
  return Buffer.from(`${line}${text}\r\n`, "latin1");
}
