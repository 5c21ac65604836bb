import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { discardRest } from "./discard-rest.ts";
import {
  announced,
  endToEnd,
  expectsContinue,
  type Field,
  flat,
  framing,
  hasBody,
  type Reserved,
  trailers,
} from "./fields.ts";
import { breakOff } from "./pipeline.ts";
import { hasTooManyFields, type Refusal } from "./request-fault.ts";
import { type Target, toward } from "./target.ts";

/** How to forward an accepted request. */
export interface Passage {
  readonly target: Target;
  /** The fields for the target, without those about the body. */
  readonly fields: readonly Field[];
  /** Names that no trailer may have. */
  readonly isReserved: Reserved;
  /** Fields to add to the target's response. */
  readonly added: readonly Field[];
  /** Answers when the target cannot: 502, 504, or 408 for a client that stalls. */
  readonly fail: (failure: Refusal) => void;
}

const SILENT: Refusal = { status: 504, reason: "The application did not answer in time." };
const STALLED: Refusal = { status: 408, reason: "The rest of the request did not arrive." };

/** Streams a request to the target, and its response back. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  passage: Passage,
): void {
  // The client may have left while the request was checked.
  if (response.destroyed) return;
  const fields = [...passage.fields, ...framing(request, passage.isReserved)];
  let asks = expectsContinue(request);
  if (asks && fields.some(([, value]) => /[^\0-\x7f]/.test(value))) {
    // With Expect, Node sends the headers immediately and as UTF-8, which would change these bytes.
    askForBody(response);
    asks = false;
  }
  if (asks) fields.push(["Expect", "100-continue"]);
  // A kept connection may close at this moment. A safe request may be repeated (RFC 9110 section 9.2.2).
  const isRepeatable = /^(?:GET|HEAD|OPTIONS)$/.test(request.method ?? "") && !hasBody(request);
  exchange(request, response, { ...passage, fields }, { asks, isRepeatable });
}

interface Terms {
  /** Whether the client waits for "100 Continue" (RFC 9110 section 10.1.1). */
  readonly asks: boolean;
  readonly isRepeatable: boolean;
}

function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  passage: Passage,
  { asks, isRepeatable }: Terms,
): void {
  const { target, fields, isReserved } = passage;
  let upstream: ClientRequest;
  try {
    upstream = toward(target, request, fields, true);
  } catch {
    // Node accepts some paths that it refuses to send.
    passage.fail({ status: 400, reason: "The request cannot be forwarded." });
    return;
  }
  let isBodyAwaited = asks;
  let isOver = false;
  const fail = (failure: Refusal): void => {
    if (isOver) return;
    isOver = true;
    upstream.destroy();
    if (response.headersSent) response.destroy();
    else passage.fail(failure);
  };
  // The target decides whether it wants the body.
  upstream.on("continue", () => {
    if (isBodyAwaited) askForBody(response);
    isBodyAwaited = false;
  });
  upstream.on("information", ({ statusCode, rawHeaders }) => {
    if (statusCode === 103) relayHints(response, endToEnd(rawHeaders));
  });
  upstream.on("response", (incoming) => {
    // Without "100 Continue" the client may send its body or not, so the connection cannot be used again.
    if (isBodyAwaited) response.shouldKeepAlive = false;
    relay(incoming, response, passage, fail);
  });
  upstream.on("upgrade", (_incoming, socket) => {
    socket.destroy();
    fail({ status: 502, reason: "The application switched protocols without a request." });
  });
  upstream.on("timeout", () => {
    // After the answer has begun, pauses are normal, for example between events.
    if (response.headersSent) return;
    const isClientsTurn = !request.complete && !isBodyAwaited && !upstream.writableNeedDrain;
    fail(isClientsTurn ? STALLED : SILENT);
  });
  upstream.on("error", ({ code }: NodeJS.ErrnoException) => {
    const hasEnded = code === "ECONNRESET" || code === "EPIPE";
    if (hasEnded && isRepeatable && upstream.reusedSocket && !response.headersSent && !isOver) {
      isOver = true;
      exchange(request, response, passage, { asks, isRepeatable });
      return;
    }
    const { origin } = target.url;
    fail({ status: 502, reason: `The application at ${origin} did not answer (${code}).` });
  });
  response.on("close", () => {
    isOver = true;
    if (!response.writableFinished) upstream.destroy();
  });
  if (isRepeatable) {
    upstream.end();
    return;
  }
  // After a complete answer, which may come early, Node does not report that the client has left.
  const { socket } = request;
  const leave = (): void => {
    if (!request.complete) upstream.destroy();
  };
  socket.once("close", leave);
  upstream.once("close", () => {
    socket.off("close", leave);
    // The target may answer and leave before it has the whole body.
    discardRest(request);
  });
  request.on("end", () => upstream.addTrailers(trailers(request.rawTrailers, isReserved)));
  request.pipe(upstream);
}

function relay(
  incoming: IncomingMessage,
  response: ServerResponse,
  { added, isReserved }: Passage,
  fail: (failure: Refusal) => void,
): void {
  const problem = unfit(incoming) ?? writeHead(incoming, response, added);
  if (problem !== undefined) {
    incoming.destroy();
    fail({ status: 502, reason: problem });
    return;
  }
  // Send the headers now, because the first byte of the body may come much later (server-sent events). Use
  // an empty write, because flushHeaders() sends UTF-8 and not the same bytes.
  response.write(new Uint8Array());
  incoming.on("end", () => response.addTrailers(trailers(incoming.rawTrailers, isReserved)));
  // An incomplete body must not look like a complete one.
  const end = (): void => {
    breakOff(response.socket);
    response.destroy();
  };
  incoming.on("error", end);
  incoming.on("close", () => {
    if (!incoming.complete) end();
  });
  incoming.pipe(response);
}

/** Why an answer of the target cannot be forwarded. */
export function unfit(incoming: IncomingMessage): string | undefined {
  // Without a field "Upgrade", Node takes a switch for an answer.
  const { statusCode = 0 } = incoming;
  if (statusCode < 200) return "The application's status is not that of an answer.";
  const coding = incoming.headers["transfer-encoding"]?.toLowerCase() ?? "chunked";
  if (coding !== "chunked") return "The application's transfer coding is not chunked.";
  return hasTooManyFields(incoming) ? "The application's response has too many fields." : undefined;
}

function writeHead(
  { statusCode = 502, statusMessage, headers, rawHeaders }: IncomingMessage,
  response: ServerResponse,
  added: readonly Field[],
): string | undefined {
  const { method, httpVersion } = response.req;
  const inChunks = headers["transfer-encoding"] !== undefined && httpVersion === "1.1";
  const trailer = inChunks && method !== "HEAD" ? announced(headers.trailer, () => false) : [];
  const fields = flat([...endToEnd(rawHeaders), ...added, ...trailer]);
  try {
    response.writeHead(statusCode, statusMessage, fields);
    return undefined;
  } catch {
    // Node accepts some characters in headers that it refuses to send. It keeps the text of the status, which
    // the answer about this must not have.
    response.statusMessage = "";
    return "The headers of the application's response cannot be forwarded.";
  }
}

/**
 * Sends "100 Continue" after earlier requests on the connection are answered. Until then Node buffers it
 * behind the final headers, and it would arrive inside the body.
 */
function askForBody(response: ServerResponse): void {
  if (response.socket === null) response.once("socket", () => askForBody(response));
  else if (!response.headersSent) response.writeContinue();
}

/** Forwards early hints (RFC 8297), the only interim response for the client, if they can be sent now. */
function relayHints(response: ServerResponse, fields: readonly Field[]): void {
  const links = fields
    .filter(([name]) => name.toLowerCase() === "link")
    .flatMap(([, value]) => value.split(/,\s*(?=<)/));
  const cannotBeSent = response.socket === null || response.headersSent;
  if (links.length === 0 || response.req.httpVersion !== "1.1" || cannotBeSent) return;
  try {
    response.writeEarlyHints({ link: links });
  } catch {
    // Node refuses to send some of the links that it accepts. A hint is not important enough to fail.
  }
}
