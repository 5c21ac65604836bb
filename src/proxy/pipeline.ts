import type { ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * The most unanswered requests of one connection. Each gets a connection to the target, and clients that send
 * many at once do not wait for answers anyway.
 */
const MOST_OWED = 32;

/** The unanswered requests of one connection. Node emits pipelined requests all at once. */
interface Pipeline {
  readonly owed: Set<ServerResponse>;
  /** Whether its last answer is known. Bytes after that are not a request (RFC 9112 section 9.6). */
  isEnded: boolean;
  /** Whether it had too many. The connection ends after them. */
  isFull: boolean;
}

const pipelines = new WeakMap<Duplex, Pipeline>();

/**
 * Registers a request.
 *
 * @returns `false` when the connection ends after an earlier answer, so this request must be ignored
 */
export function takeTurn(response: ServerResponse): boolean {
  const { socket } = response.req;
  const pipeline = pipelineOf(socket);
  const { owed } = pipeline;
  if (owed.size === MOST_OWED && !pipeline.isFull) {
    pipeline.isFull = true;
    // What Node has read already still becomes requests, but no more than that.
    socket.pause();
    endsAfterOwed(socket);
  }
  if (pipeline.isFull || pipeline.isEnded) return false;
  owed.add(response);
  response.once("close", () => owed.delete(response));
  return true;
}

/** The same for a request that is checked some time after it arrived. */
export function hasTurn(response: ServerResponse): boolean {
  const { owed, isEnded } = pipelineOf(response.req.socket);
  return owed.has(response) && !isEnded;
}

/** Ends the connection after this answer, because its further bytes cannot be parsed safely. */
export function answerLast(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  pipelineOf(response.req.socket).isEnded = true;
}

/**
 * Ends a connection after its unanswered requests are answered, if there are any. An upgrade's own answer
 * would arrive before theirs, and the client would mix them up.
 *
 * @returns whether there are unanswered requests
 */
export function endsAfterOwed(socket: Duplex): boolean {
  const last = [...pipelineOf(socket).owed].at(-1);
  last?.once("close", () => endConnection(socket));
  return last !== undefined;
}

const LINGER_MS = 2000;

/** Ends a connection after sending all data, even if the client keeps its own side open. */
export function endConnection(socket: Duplex, text = ""): void {
  socket.end(text);
  // Read the rest of the data. Otherwise the end becomes a reset, and the client could lose the answer.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

/**
 * Ends a connection in the middle of an answer. Where the end of the connection is the end of the body, such
 * as in HTTP/1.0, only a reset shows that something is missing. A unix socket has none.
 */
export function breakOff(socket: Duplex | null): void {
  if (socket instanceof Socket && socket.remoteAddress !== undefined) socket.resetAndDestroy();
  else socket?.destroy();
}

function pipelineOf(socket: Duplex): Pipeline {
  const known = pipelines.get(socket);
  if (known !== undefined) return known;
  const pipeline: Pipeline = { owed: new Set(), isEnded: false, isFull: false };
  pipelines.set(socket, pipeline);
  socket.once("close", () => {
    // Node closes only the current response. The ones after it would never emit "close".
    for (const response of pipeline.owed) if (response.socket === null) response.emit("close");
  });
  return pipeline;
}
