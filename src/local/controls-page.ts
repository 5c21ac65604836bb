import { type Html, html } from "./html.ts";
import type { Page } from "./page.ts";

/** The state that the controls show. */
export interface ControlState {
  readonly keys: readonly { readonly kid: string; readonly current: boolean }[];
  readonly outage: boolean;
  readonly clockSkewSeconds: number;
  /** The AUD tag in use, and all configured ones. */
  readonly audience: string;
  readonly audiences: readonly string[];
}

const HOME = "/cdn-cgi/access/local";

/** The page that asks for the secret. */
export function lockedPage(problem?: string): Page {
  const body = html`
<p>Rotate or withdraw keys, start an outage, change the clock.</p>
${problem === undefined ? html`` : html`<p class="bad" role="alert">${problem}</p>`}
<form method="post" action="${HOME}">
<label for="secret">Control secret <small>printed when Local Access started</small></label>
<input id="secret" name="secret" type="password" autocomplete="off" required>
<button class="main">Open the controls</button>
</form>
<p><a href="${HOME}/inspector?session">Use this session's token in the inspector</a></p>
<p class="dim"><a href="${HOME}/inspector">Inspect another token</a></p>
`;
  return { title: "Controls of Local Access", body };
}

/** The controls, for a caller with the secret. `done` is `undefined` when the form was not valid. */
export function controlsPage(state: ControlState, secret: string, done: string | undefined): Page {
  const key = html`<input type="hidden" name="secret" value="${secret}">`;
  const body = html`
${
  done === undefined
    ? html`<p class="bad" role="alert">Nothing was changed: the form is not valid.</p>`
    : html`<p class="good" role="status">${done}</p>`
}
<h2>Keys</h2>
<p class="dim">The certs endpoint returns these, in no fixed order. A rotation makes a new current key and keeps the previous one.</p>
<ul>${state.keys.map(
    ({ kid, current }) => html`
<li><code>${kid.slice(0, 16)}…</code> <span class="dim">${current ? "current" : "previous"}</span>
<form method="post" action="${HOME}/withdraw">${key}<input type="hidden" name="kid" value="${kid}">
<button>Withdraw this key</button></form></li>`,
  )}
</ul>
<form method="post" action="${HOME}/rotate">${key}<button class="main">Rotate the keys</button></form>
<h2>Outage</h2>
<p class="dim">The certs and identity endpoints ${state.outage ? "answer 503" : "work normally"}.</p>
<form method="post" action="${HOME}/outage">${key}
<input type="hidden" name="outage" value="${state.outage ? "off" : "on"}">
<button>${state.outage ? "End the outage" : "Start an outage"}</button></form>
<h2>Clock</h2>
<p class="dim">New tokens get the time of the emulator's clock. A positive number sets it ahead of yours, a negative one behind.</p>
<form method="post" action="${HOME}/clock">${key}
<label for="skew">Seconds ahead</label>
<input id="skew" name="skewSeconds" inputmode="text" autocomplete="off" value="${state.clockSkewSeconds}">
<button>Set the clock</button></form>
${state.audiences.length > 1 ? tagForm(state, key) : html``}
<p><a href="${HOME}/inspector?session">Use this session's token in the inspector</a></p>
<p><a href="/">Back to the application</a></p>
`;
  return { title: "Controls of Local Access", body };
}

/** The form to choose an AUD tag, because several applications of Access can share one host. */
function tagForm({ audience, audiences }: ControlState, key: Html): Html {
  const tags = audiences.map(
    (tag) => html`<option${tag === audience ? html` selected` : html``}>${tag}</option>\n`,
  );
  return html`<h2>AUD tag</h2>
<p class="dim">New tokens and the log-in contain it. An application that does not expect this tag refuses them.</p>
<form method="post" action="${HOME}/audience">${key}
<label for="audience">The tag in use</label>
<select id="audience" name="audience">
${tags}</select>
<button>Use this tag</button></form>
`;
}
