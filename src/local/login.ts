import type { IncomingMessage, ServerResponse } from "node:http";
import { cookieTokens, ENDED_COOKIE, sessionCookie } from "./cookie.ts";
import { readForm } from "./form.ts";
import { loggedOutPage, loginPage } from "./login-page.ts";
import { ownPath } from "./own-origin.ts";
import { sendPage, sendTo } from "./page.ts";
import { readPerson } from "./person.ts";
import type { Sessions } from "./sessions.ts";

/** The parts of the emulator that a log-in needs. */
export interface Entrance {
  readonly options: { readonly team: string; readonly email: string };
  readonly sessions: Sessions;
}

/** Shows the log-in page, and opens a session when its form is sent. */
export async function answerLogin(
  { options, sessions }: Entrance,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") {
    const { searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const redirect_url = ownPath(searchParams.get("redirect_url"));
    return sendPage(response, 200, loginPage(options, new URLSearchParams({ redirect_url })));
  }
  const form = await readForm(request, response);
  if (form === undefined) return;
  form.set("redirect_url", ownPath(form.get("redirect_url")));
  const person = readPerson(form);
  if ("message" in person) return sendPage(response, 400, loginPage(options, form, person));
  const { token } = await sessions.openUser(person);
  response.setHeader("Set-Cookie", sessionCookie(token, person.sessionSeconds));
  sendTo(response, 303, form.get("redirect_url") ?? "/");
}

/** Ends the session here. A client that kept the token can still send it to the application directly. */
export function logOut(
  { sessions }: Entrance,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  sessions.close(cookieTokens(request));
  response.setHeader("Set-Cookie", ENDED_COOKIE);
  sendPage(response, 200, loggedOutPage());
}
