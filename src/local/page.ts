import { createHash } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import { hasBody } from "../proxy/fields.ts";
import { answerLast } from "../proxy/pipeline.ts";
import { type Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/** One page of the emulator. */
export interface Page {
  readonly title: string;
  readonly body: Html;
}

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** On everything that the emulator itself answers. */
const GUARDED = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cross-Origin-Resource-Policy": "same-origin",
  // With "no-referrer" a form would be sent with "Origin: null" (Fetch, "append a request Origin header").
  "Referrer-Policy": "strict-origin",
  "X-Content-Type-Options": "nosniff",
};

export function sendPage(response: ServerResponse, status: number, page: Page): void {
  send(response, status, "text/html; charset=utf-8", document(page));
}

/** A page that brings its own style, scripts and policy; it shows itself in a frame. */
export function sendWholePage(response: ServerResponse, html: string): void {
  const policy = { "Content-Security-Policy": "frame-ancestors 'self'" };
  send(response, 200, "text/html; charset=utf-8", html, policy);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json", JSON.stringify(value));
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain; charset=utf-8", `${text}\n`);
}

/** A redirect within this origin. */
export function sendTo(response: ServerResponse, status: 302 | 303, location: string): void {
  response.setHeader("Location", location);
  sendText(response, status, location);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  instead: { readonly [field: string]: string } = {},
): void {
  // What is left of a body is not the next request.
  if (hasBody(response.req) && !response.req.complete) answerLast(response);
  // The reason in so many words: a refused head may have left its own behind.
  response.writeHead(status, STATUS_CODES[status] ?? "", {
    ...GUARDED,
    ...instead,
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

function document({ title, body }: Page): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
<main>
<header>
<svg width="40" height="48" viewBox="0 0 40 48" fill="none" stroke="currentColor" stroke-width="3" aria-hidden="true">
<path d="M3 46V20a17 17 0 0 1 34 0v26z"/><path d="M11 46V21a9 9 0 0 1 18 0v25"/><circle cx="24" cy="33" r="1.5" fill="currentColor"/>
</svg>
<h1>${title}</h1>
</header>
${body}
</main>
<footer class="dim">Local Access, an emulator on this machine.<br>Its tokens open nothing but your own development server.</footer>
</html>
`.markup;
}
