import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Rejection } from "../adapters/rejection.ts";
import { type Field, flat, hasBody } from "../proxy/fields.ts";
import { answerLast } from "../proxy/pipeline.ts";

/** An answer of the guard's own: a constant for each status. */
export interface Answer {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: string;
}

/** What the status says, and nothing more. */
export function plainAnswer(status: number): Answer {
  return {
    status,
    fields: [
      ["Cache-Control", "no-store"],
      ["Content-Type", "text/plain; charset=utf-8"],
    ],
    body: `${STATUS_CODES[status]}\n`,
  };
}

/** A refusal in the adapters' words. */
export function refusalAnswer({ status, headers, contentType, body }: Rejection): Answer {
  return { status, fields: [...Object.entries(headers), ["Content-Type", contentType]], body };
}

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, fields, body }: Answer,
): void {
  if (response.destroyed) return;
  // What is left of a body is not the next request.
  if (hasBody(request) && !request.complete) answerLast(response);
  response.writeHead(status, flat([...fields, ["Content-Length", String(body.length)]]));
  // Each body is ASCII. As text it goes out in one piece with the head; as a buffer it would be a second
  // piece, also when it is empty, and that takes 3 µs more (wrk, as in bench/guard).
  response.end(body, "latin1");
}
