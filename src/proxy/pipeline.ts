import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** The requests of one connection that are not answered yet. Node hands them over all at once. */
interface Pipeline {
  readonly owed: Set<ServerResponse>;
  /** Whether its last answer is known, so that what follows is no request (RFC 9112 section 9.6). */
  isEnded: boolean;
}

const pipelines = new WeakMap<Duplex, Pipeline>();

/**
 * Notes a request that is to be answered.
 *
 * @returns `false` when an earlier answer is the connection's last: this request must not be looked at
 */
export function takeTurn(response: ServerResponse): boolean {
  const pipeline = pipelineOf(response.req.socket);
  pipeline.owed.add(response);
  response.once("close", () => pipeline.owed.delete(response));
  return hasTurn(response);
}

/** The same of a request that was noted, for one that is looked at later than it came. */
export function hasTurn(response: ServerResponse): boolean {
  return !pipelineOf(response.req.socket).isEnded;
}

/** After this answer the connection ends: how its further bytes are to be read is not certain. */
export function answerLast(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  pipelineOf(response.req.socket).isEnded = true;
}

/**
 * An upgrade leaves the order of answers: its answer would come before those to earlier requests, and the
 * client would take it for theirs. Such a connection ends when those are answered.
 *
 * @returns whether there are any
 */
export function endsBeforeUpgrade(socket: Duplex): boolean {
  const last = [...pipelineOf(socket).owed].at(-1);
  last?.once("close", () => endConnection(socket));
  return last !== undefined;
}

const LINGER_MS = 2000;

/** Ends a connection after what was written to it, also when the client keeps its own side open. */
export function endConnection(socket: Duplex, text = ""): void {
  socket.end(text);
  // Bytes that are not read would make a reset of the end, and the client could lose the answer.
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
    // Node closes the answer whose turn it is; those behind it would never be let go.
    for (const response of pipeline.owed) if (response.socket === null) response.emit("close");
  });
  return pipeline;
}
