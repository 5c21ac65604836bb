import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** The unanswered requests of one connection. Node emits pipelined requests all at once. */
interface Pipeline {
  readonly owed: Set<ServerResponse>;
  /** Whether its last answer is known. Bytes after that are not a request (RFC 9112 section 9.6). */
  isEnded: boolean;
}

const pipelines = new WeakMap<Duplex, Pipeline>();

/**
 * Registers a request.
 *
 * @returns `false` when an earlier answer is the last of the connection, so this request must be ignored
 */
export function takeTurn(response: ServerResponse): boolean {
  const pipeline = pipelineOf(response.req.socket);
  pipeline.owed.add(response);
  response.once("close", () => pipeline.owed.delete(response));
  return hasTurn(response);
}

/** The same for a registered request that is checked some time after it arrived. */
export function hasTurn(response: ServerResponse): boolean {
  return !pipelineOf(response.req.socket).isEnded;
}

/** Ends the connection after this answer, because its further bytes cannot be parsed safely. */
export function answerLast(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  pipelineOf(response.req.socket).isEnded = true;
}

/**
 * Checks for unanswered requests before an upgrade. The answer to the upgrade would arrive before theirs,
 * and the client would mix them up. So the connection ends after they are answered.
 *
 * @returns whether there are unanswered requests
 */
export function endsBeforeUpgrade(socket: Duplex): boolean {
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

function pipelineOf(socket: Duplex): Pipeline {
  const known = pipelines.get(socket);
  if (known !== undefined) return known;
  const pipeline: Pipeline = { owed: new Set(), isEnded: false };
  pipelines.set(socket, pipeline);
  socket.once("close", () => {
    // Node closes only the current response. The ones after it would never emit "close".
    for (const response of pipeline.owed) if (response.socket === null) response.emit("close");
  });
  return pipeline;
}
