import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { endToEnd, type Field, toApplication } from "./fields.ts";
import { isSameOrigin, type Refusal } from "./own-origin.ts";
import { type Passage, toward } from "./proxy.ts";

/**
 * What an upgrade may not be: anything but a WebSocket (RFC 6455 section 4.1), or a WebSocket that a
 * page of another origin opens with this browser's cookie.
 */
export function upgradeRefusal(request: IncomingMessage): Refusal | undefined {
  const { method, httpVersion, headers } = request;
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return { status: 400, reason: "The only upgrade is to websocket." };
  }
  const hasBody =
    headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  if (method !== "GET" || httpVersion !== "1.1" || hasBody) {
    return { status: 400, reason: "A WebSocket begins with a GET of HTTP/1.1 without a body." };
  }
  // Whoever is no browser need not send one.
  if (headers.origin !== undefined && !isSameOrigin(request)) {
    return { status: 403, reason: "The Origin of a WebSocket must be this server." };
  }
  return undefined;
}

/** Answers an upgrade on the bare socket, and closes it. */
export function refuseUpgrade(
  socket: Duplex,
  { status, reason }: Refusal,
  added: readonly Field[] = [],
): void {
  const body = `${reason}\n`;
  const fields: Field[] = [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(Buffer.byteLength(body))],
    ["Cache-Control", "no-store"],
    ["Connection", "close"],
    ...added,
  ];
  socket.write(head(status, STATUS_CODES[status], fields));
  socket.end(body);
}

/**
 * Hands an upgrade to the application. The two sockets are joined only after it has answered 101:
 * until then nothing that the client sends reaches it.
 */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  early: Buffer,
  { target, session }: Omit<Passage, "added">,
): void {
  if (socket.destroyed) return;
  const upstream = toward(target, request, [
    ...toApplication(request, session),
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
  ]);
  let isAnswered = false;
  upstream.on("upgrade", ({ headers, rawHeaders }, other, first) => {
    isAnswered = true;
    if (headers.upgrade?.toLowerCase() !== "websocket") {
      other.destroy();
      return refuseUpgrade(socket, {
        status: 502,
        reason: "The application switched to something else.",
      });
    }
    const switched: Field[] = [
      ["Connection", "Upgrade"],
      ["Upgrade", "websocket"],
    ];
    socket.write(head(101, undefined, [...endToEnd(rawHeaders), ...switched]));
    socket.write(first);
    other.write(early);
    join(socket, other);
  });
  upstream.on("response", (incoming) => {
    isAnswered = true;
    const { statusCode = 502, statusMessage, rawHeaders } = incoming;
    const close: Field = ["Connection", "close"];
    socket.write(head(statusCode, statusMessage, [...endToEnd(rawHeaders), close]));
    // The end of the connection is the end of the body (RFC 9112 section 6.3).
    incoming.pipe(socket);
    incoming.on("error", () => socket.destroy());
  });
  upstream.on("error", () => {
    if (isAnswered) socket.destroy();
    else refuseUpgrade(socket, { status: 502, reason: "The application does not answer." });
  });
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
  // As Node read it: a byte for every character.
  return Buffer.from(`${line}${text}\r\n`, "latin1");
}
