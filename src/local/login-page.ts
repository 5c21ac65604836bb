import { type Html, html } from "./html.ts";
import type { Page } from "./page.ts";
import type { FormMistake } from "./person.ts";

const PEOPLE = ["grace@example.com", "alan@example.com"];

const SESSIONS: readonly (readonly [seconds: string, text: string])[] = [
  ["10", "10 seconds"],
  ["60", "1 minute"],
  ["900", "15 minutes"],
  ["21600", "6 hours"],
  ["86400", "24 hours"],
  ["604800", "1 week"],
  ["2592000", "30 days"],
];

/** The log-in page. It works without JavaScript. */
export function loginPage(
  { team, email }: { team: string; email: string },
  form: URLSearchParams,
  problem?: FormMistake,
): Page {
  const value = (name: string, fallback = ""): string => form.get(name) ?? fallback;
  const people = [email, ...PEOPLE.filter((person) => person !== email)];
  const flag = (name: string): Html =>
    problem?.field === name ? html` aria-invalid="true" aria-describedby="problem"` : html``;
  const body = html`
<p>Choose a user. There is no password here.</p>
${problem === undefined ? html`` : html`<p class="bad" id="problem" role="alert">${problem.message}</p>`}
<form method="post" action="/cdn-cgi/access/login">
<input type="hidden" name="redirect_url" value="${value("redirect_url", "/")}">
${people.map((person) => html`<button name="as" value="${person}" formnovalidate>${person}</button>\n`)}
<details${problem === undefined ? html`` : html` open`}>
<summary>Someone else, or more detail</summary>
<p class="dim">Groups, country, claims and session also apply to the buttons above.</p>
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="off" maxlength="254" value="${value("email")}" placeholder="someone@example.com"${flag("email")}>
<label for="groups">Groups <small>for the identity endpoint, separated by commas</small></label>
<input id="groups" name="groups" autocomplete="off" maxlength="1000" value="${value("groups")}" placeholder="engineering, on-call">
<div class="pair">
<div><label for="country">Country</label>
<input id="country" name="country" autocomplete="off" maxlength="2" autocapitalize="characters" value="${value("country", "PT")}"${flag("country")}></div>
<div><label for="session">Session</label>
<select id="session" name="session"${flag("session")}>
${SESSIONS.map(([seconds, text]) => option(seconds, text, value("session", "86400")))}</select></div>
</div>
<label for="custom">Custom claims <small>a JSON object</small></label>
<textarea id="custom" name="custom" spellcheck="false" maxlength="2048" placeholder='{"role": "editor"}'${flag("custom")}>
${value("custom")}</textarea>
<button class="main">Log in</button>
</details>
</form>
<p class="dim"><a href="/cdn-cgi/access/local">Rotate keys, start an outage, change the clock</a></p>
`;
  return { title: `Log in to ${team}`, body };
}

export function loggedOutPage(): Page {
  const body = html`
<p>The session has ended, and the cookie in this browser is deleted.</p>
<p class="dim">A copy of the token stays valid for your application until it expires, because a guard cannot see a log-out.</p>
<p><a href="/">Log in again</a></p>
`;
  return { title: "You are logged out", body };
}

function option(value: string, text: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen ? html` selected` : html``}>${text}</option>\n`;
}
