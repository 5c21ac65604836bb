import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { TestIssuer } from "../testing/index.ts";
import type { Conditions } from "./conditions.ts";
import { cookieTokens } from "./cookie.ts";
import { sendText, sendWholePage } from "./page.ts";
import type { Sessions } from "./sessions.ts";

/** The parts of the emulator that the inspector shows. */
export interface Inspected {
  readonly issuer: TestIssuer;
  readonly conditions: Conditions;
  readonly sessions: Sessions;
}

/** Sends the token inspector. In the built package it is in the folder of this file. */
export async function answerInspector(
  edge: Inspected,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = await readPage().catch(() => undefined);
  if (page === undefined) {
    return sendText(response, 404, "The inspector is not part of this copy of Local Access.");
  }
  sendWholePage(
    response,
    page.replace("</head>", (end) => `${sessionFor(edge, request)}${end}`),
  );
}

/** The caller's own session as data in the page, if a user opened the page to see it. */
function sessionFor({ issuer, conditions, sessions }: Inspected, request: IncomingMessage): string {
  const isAsked = request.url?.endsWith("/inspector?session") === true;
  // The cookie is hidden from scripts of the application, so the page must be, too.
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
  // It is undefined before Node 20.11, and when this was not loaded from a file.
  const folder: string | undefined = import.meta.dirname;
  return folder === undefined ? undefined : readFile(join(folder, "inspector.html"), "utf8");
}
