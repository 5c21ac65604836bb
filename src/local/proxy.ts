import {
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from "node:http";
import {
  announced,
  endToEnd,
  expectsContinue,
  type Field,
  flat,
  framing,
  toApplication,
  trailers,
} from "./fields.ts";
import { sendText } from "./page.ts";
import type { Session } from "./sessions.ts";

/** The request as the application gets it, not yet sent. A connection serves one exchange only. */
export function toward(
  target: URL,
  { method, url }: IncomingMessage,
  fields: readonly Field[],
): ClientRequest {
  return send({
    host: target.hostname.replace(/[[\]]/g, ""),
    port: target.port,
    method,
    path: url,
    headers: flat(fields),
    agent: false,
    insecureHTTPParser: false,
  });
}

/** An accepted request's way on. */
export interface Passage {
  readonly target: URL;
  /** `undefined` where the request goes on without having been judged. */
  readonly session: Session | undefined;
  /** Fields for the response that the application knows nothing of. */
  readonly added: readonly Field[];
}

/** Hands a request to the application and its response back, both as they come. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { target, session, added }: Passage,
): void {
  // It may have gone while its entry was being decided.
  if (response.destroyed) return;
  const upstream = toward(target, request, [
    ...toApplication(request, session),
    ...framing(request),
  ]);
  // The application decides whether it wants the body (RFC 9110 section 10.1.1).
  let isBodyAwaited = expectsContinue(request);
  upstream.on("continue", () => {
    if (isBodyAwaited) response.writeContinue();
    isBodyAwaited = false;
  });
  upstream.on("information", ({ statusCode, rawHeaders }) => {
    if (statusCode === 103) relayHints(response, endToEnd(rawHeaders));
  });
  upstream.on("response", (incoming) => {
    // A client that was not told to go on may or may not send its body now.
    if (isBodyAwaited) response.shouldKeepAlive = false;
    relay(incoming, response, added);
  });
  upstream.on("upgrade", (_incoming, socket) => {
    socket.destroy();
    sendText(response, 502, "The application switched protocols unasked.");
  });
  upstream.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (response.headersSent) response.destroy();
    else sendText(response, 502, `The application at ${target.origin} does not answer (${code}).`);
  });
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.on("end", () => upstream.addTrailers(trailers(request.rawTrailers)));
  request.pipe(upstream);
}

function relay(incoming: IncomingMessage, response: ServerResponse, added: readonly Field[]): void {
  const problem = unfit(incoming) ?? writeHead(incoming, response, added);
  if (problem !== undefined) {
    incoming.destroy();
    sendText(response, 502, problem);
    return;
  }
  // The head goes at once, whenever the first byte of the body may come (server-sent events). By an
  // empty write, because flushHeaders() sends it as UTF-8 and not byte for byte.
  response.write(new Uint8Array());
  incoming.on("end", () => response.addTrailers(trailers(incoming.rawTrailers)));
  // A body that broke off must not look like one that ended.
  incoming.on("close", () => {
    if (!incoming.complete) response.destroy();
  });
  incoming.on("error", () => response.destroy());
  incoming.pipe(response);
}

function unfit({ headers }: IncomingMessage): string | undefined {
  const coding = headers["transfer-encoding"]?.toLowerCase() ?? "chunked";
  return coding === "chunked" ? undefined : "The application's transfer coding is not chunked.";
}

function writeHead(
  { statusCode = 502, statusMessage, headers, rawHeaders }: IncomingMessage,
  response: ServerResponse,
  added: readonly Field[],
): string | undefined {
  const { method, httpVersion } = response.req;
  const inChunks = headers["transfer-encoding"] !== undefined && httpVersion === "1.1";
  const trailer = inChunks && method !== "HEAD" ? announced(headers.trailer) : [];
  const fields = flat([...endToEnd(rawHeaders), ...added, ...trailer]);
  try {
    response.writeHead(statusCode, statusMessage, fields);
    return undefined;
  } catch {
    // Node reads some characters in a head that it does not write.
    return "The application's response head cannot be passed on.";
  }
}

/** Early hints (RFC 8297): the only interim response that is for the client. */
function relayHints(response: ServerResponse, fields: readonly Field[]): void {
  const links = fields
    .filter(([name]) => name.toLowerCase() === "link")
    .flatMap(([, value]) => value.split(/,\s*(?=<)/));
  if (links.length === 0 || response.req.httpVersion !== "1.1") return;
  try {
    response.writeEarlyHints({ link: links });
  } catch {
    // Node writes only some of the links that it reads, and a hint is nothing to fail for.
  }
}
