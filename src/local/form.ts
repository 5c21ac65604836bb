import type { IncomingMessage, ServerResponse } from "node:http";
import { expectsContinue } from "../proxy/fields.ts";
import { isSameOrigin } from "./own-origin.ts";
import { sendText } from "./page.ts";

const MAX_BYTES = 16_384;

/**
 * Reads a form that one of the emulator's own pages sent. Answers any other request with an error.
 *
 * @returns `undefined` when the request has been answered
 */
export async function readForm(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<URLSearchParams | undefined> {
  if (!isSameOrigin(request)) {
    sendText(response, 403, "The Origin of a form must be this server.");
    return undefined;
  }
  const type = request.headers["content-type"]?.replace(/;.*/s, "").trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    sendText(response, 415, "A form must be application/x-www-form-urlencoded.");
    return undefined;
  }
  if (expectsContinue(request)) response.writeContinue();
  const body = await readBody(request);
  if (typeof body === "string") return new URLSearchParams(body);
  sendText(response, 413, `A form must have at most ${MAX_BYTES} bytes.`);
  return undefined;
}

/** Reads the body; `undefined` when it is too large or incomplete. The rest is then not read. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_BYTES) return;
      request.pause();
      resolve(undefined);
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("close", () => resolve(undefined));
  });
}
