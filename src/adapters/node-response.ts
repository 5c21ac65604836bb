import type { ServerResponse } from "node:http";
import type { Answer } from "./rejection.ts";

/** Sends an answer with a Node response. */
export function respond(response: ServerResponse, answer: Answer): void {
  const { status, headers, contentType, body } = answer;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader("content-type", contentType);
  response.end(body);
}
