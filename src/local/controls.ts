import type { IncomingMessage, ServerResponse } from "node:http";
import type { TestIssuer } from "../testing/index.ts";
import type { Conditions } from "./conditions.ts";
import { type ControlState, controlsPage, lockedPage } from "./controls-page.ts";
import { isSecret } from "./digest.ts";
import { readForm } from "./form.ts";
import { sendJson, sendPage, sendText } from "./page.ts";

/** The parts of the emulator that the controls change. */
export interface Controlled {
  readonly issuer: TestIssuer;
  readonly conditions: Conditions;
  readonly controlSecret: string;
  readonly options: { readonly audiences: readonly string[] };
}

const DAY = 86_400;

/** Makes one change. Resolves to a message, or to `undefined` when the form is not valid. */
type Change = (edge: Controlled, form: URLSearchParams) => Promise<string | undefined>;

const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ["", async () => "These are the controls."],
  [
    "/rotate",
    async ({ issuer }) => {
      await issuer.rotate();
      return "There is a new current key.";
    },
  ],
  [
    "/withdraw",
    async ({ issuer }, form) => {
      const kid = form.get("kid");
      const found = issuer.jwks().keys.some((key) => key.kid === kid);
      if (kid === null || !found) return undefined;
      // A withdrawn key must not sign new tokens.
      if (kid === issuer.kid) await issuer.rotate();
      issuer.withdraw(kid);
      return "The key is withdrawn.";
    },
  ],
  [
    "/outage",
    async ({ conditions }, form) => {
      const outage = form.get("outage");
      if (outage !== "on" && outage !== "off") return undefined;
      conditions.outage = outage === "on";
      return conditions.outage ? "The outage has begun." : "The outage is over.";
    },
  ],
  [
    "/audience",
    async ({ conditions, options }, form) => {
      const audience = form.get("audience") ?? "";
      if (!options.audiences.includes(audience)) return undefined;
      conditions.audience = audience;
      return "Another AUD tag is in use.";
    },
  ],
  [
    "/clock",
    async ({ conditions }, form) => {
      const text = form.get("skewSeconds") ?? "";
      if (!/^[+-]?\d{1,5}$/.test(text) || Math.abs(Number(text)) > DAY) return undefined;
      conditions.clockSkewSeconds = Number(text);
      return "The clock is set.";
    },
  ],
]);

/**
 * Answers requests for the controls. Each change is a POST of a form with the secret. With
 * `Accept: application/json` the answer is the new state as JSON.
 */
export async function answerControls(
  edge: Controlled,
  action: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") return sendPage(response, 200, lockedPage());
  const change = CHANGES.get(action);
  if (change === undefined) return sendText(response, 404, "There is no such control.");
  const form = await readForm(request, response);
  if (form === undefined) return;
  const secret = form.get("secret") ?? "";
  const asksJson = request.headers.accept?.includes("application/json") === true;
  if (!isSecret(edge.controlSecret, secret)) {
    const problem = "This is not the control secret.";
    if (asksJson) return sendJson(response, 403, { err: problem });
    return sendPage(response, 403, lockedPage(problem));
  }
  const done = await change(edge, form);
  const status = done === undefined ? 400 : 200;
  const state = stateOf(edge);
  if (asksJson) return sendJson(response, status, state);
  sendPage(response, status, controlsPage(state, secret, done));
}

function stateOf({ issuer, conditions, options: { audiences } }: Controlled): ControlState {
  const { outage, clockSkewSeconds, audience } = conditions;
  const keys = issuer.jwks().keys.map(({ kid }) => ({ kid, current: kid === issuer.kid }));
  return {
    keys: keys.sort((one) => (one.current ? -1 : 1)),
    outage,
    clockSkewSeconds,
    audience,
    audiences,
  };
}
