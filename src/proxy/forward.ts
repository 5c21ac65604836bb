import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
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
import { hasTooManyFields, type Refusal } from "./request-fault.ts";
import { type Target, toward } from "./target.ts";

/** An accepted request's way on. */
export interface Passage {
  readonly target: Target;
  /** The request's fields as the target gets them, framing apart. */
  readonly fields: readonly Field[];
  /** Names that no trailer may have. */
  readonly isReserved: Reserved;
  /** Fields for the response that the target knows nothing of. */
  readonly added: readonly Field[];
  /** Answers in place of a target that cannot: 502, 504, or 408 for a client that stalls. */
  readonly fail: (failure: Refusal) => void;
}

const SILENT: Refusal = { status: 504, reason: "The application does not answer in time." };
const STALLED: Refusal = { status: 408, reason: "The rest of the request does not come." };

/** Hands a request to the target and its response back, both as they come. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  passage: Passage,
): void {
  // It may have gone while its entry was being decided.
  if (response.destroyed) return;
  const fields = [...passage.fields, ...framing(request, passage.isReserved)];
  let asks = expectsContinue(request);
  if (asks && fields.some(([, value]) => /[^\0-\x7f]/.test(value))) {
    // Node sends a head that asks at once, and as UTF-8: the bytes would not be these any more.
    askForBody(response);
    asks = false;
  }
  if (asks) fields.push(["Expect", "100-continue"]);
  // A kept connection may end just now. What has no effect may be asked again (RFC 9110 section 9.2.2).
  const isRepeatable = /^(?:GET|HEAD|OPTIONS)$/.test(request.method ?? "") && !hasBody(request);
  exchange(request, response, { ...passage, fields }, { asks, isRepeatable });
}

interface Terms {
  /** Whether the client waits to be told that its body is wanted (RFC 9110 section 10.1.1). */
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
    // Node reads some paths that it does not write.
    passage.fail({ status: 400, reason: "The request cannot be passed on." });
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
    // A client that was not told to go on may or may not send its body now.
    if (isBodyAwaited) response.shouldKeepAlive = false;
    relay(incoming, response, passage, fail);
  });
  upstream.on("upgrade", (_incoming, socket) => {
    socket.destroy();
    fail({ status: 502, reason: "The application switched protocols unasked." });
  });
  upstream.on("timeout", () => {
    // An answer that has begun may pause for as long as it likes: events are sent when there are some.
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
    fail({ status: 502, reason: `The application at ${origin} does not answer (${code}).` });
  });
  response.on("close", () => {
    isOver = true;
    if (!response.writableFinished) upstream.destroy();
  });
  if (isRepeatable) {
    upstream.end();
    return;
  }
  // Node tells no request that its client has gone once its answer is complete, and that may come early.
  const { socket } = request;
  const leave = (): void => {
    if (!request.complete) upstream.destroy();
  };
  socket.once("close", leave);
  upstream.once("close", () => socket.off("close", leave));
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
  // The head goes at once, whenever the first byte of the body may come (server-sent events). By an
  // empty write, because flushHeaders() sends it as UTF-8 and not byte for byte.
  response.write(new Uint8Array());
  incoming.on("end", () => response.addTrailers(trailers(incoming.rawTrailers, isReserved)));
  // A body that broke off must not look like one that ended.
  incoming.on("close", () => {
    if (!incoming.complete) response.destroy();
  });
  incoming.on("error", () => response.destroy());
  incoming.pipe(response);
}

function unfit(incoming: IncomingMessage): string | undefined {
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
    // Node reads some characters in a head that it does not write.
    return "The application's response head cannot be passed on.";
  }
}

/**
 * "100 Continue", once earlier requests on the connection are answered. Before that Node keeps what is
 * written, with the final head in front: it would arrive inside the body.
 */
function askForBody(response: ServerResponse): void {
  if (response.socket === null) response.once("socket", () => askForBody(response));
  else if (!response.headersSent) response.writeContinue();
}

/** Early hints (RFC 8297): the only interim response that is for the client. Dropped while it cannot be sent. */
function relayHints(response: ServerResponse, fields: readonly Field[]): void {
  const links = fields
    .filter(([name]) => name.toLowerCase() === "link")
    .flatMap(([, value]) => value.split(/,\s*(?=<)/));
  const cannotBeSent = response.socket === null || response.headersSent;
  if (links.length === 0 || response.req.httpVersion !== "1.1" || cannotBeSent) return;
  try {
    response.writeEarlyHints({ link: links });
  } catch {
    // Node writes only some of the links that it reads, and a hint is nothing to fail for.
  }
}
