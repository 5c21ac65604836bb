import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { TestIssuer } from "../testing/index.ts";
import type { Conditions } from "./conditions.ts";
import { cookieTokens } from "./cookie.ts";
import { sendText, sendWholePage } from "./page.ts";
import type { Sessions } from "./sessions.ts";

/** What the inspector can show about the session. */
export interface Inspected {
  readonly issuer: TestIssuer;
  readonly conditions: Conditions;
  readonly sessions: Sessions;
}

/** The token inspector, which the package has beside this file once it is built. */
export async function answerInspector(
  edge: Inspected,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = await readPage().catch(() => undefined);
  if (page === undefined) {
    return sendText(response, 404, "This copy of Local Access came without the inspector.");
  }
  sendWholePage(
    response,
    page.replace("</head>", (end) => `${sessionFor(edge, request)}${end}`),
  );
}

/** The caller's own session, as data that no browser runs, when a person opened the page to see it. */
function sessionFor({ issuer, conditions, sessions }: Inspected, request: IncomingMessage): string {
  const isAsked = request.url?.endsWith("/inspector?session") === true;
  // Not for a script of the application: its cookie is hidden from those.
  const isPerson = request.headers["sec-fetch-dest"] === "document";
  const session = isAsked && isPerson ? sessions.find(cookieTokens(request)) : undefined;
  if (session === undefined) return "";
  const { token } = session;
  const keys = { keys: issuer.jwks().keys };
  const data = { token, team: issuer.issuer, audience: conditions.audience, keys };
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="session">${json}</script>\n`;
}

async function readPage(): Promise<string | undefined> {
  // There is no folder where this was not loaded from a disk, nor before Node 20.11.
  const folder: string | undefined = import.meta.dirname;
  return folder === undefined ? undefined : readFile(join(folder, "inspector.html"), "utf8");
}
