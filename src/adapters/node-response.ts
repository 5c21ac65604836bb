import type { ServerResponse } from "node:http";
import type { Answer } from "./rejection.ts";

/** Answers a request of Node's. */
export function respond(response: ServerResponse, answer: Answer): void {
  const { status, headers, contentType, body } = answer;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader("content-type", contentType);
  response.end(body);
}
