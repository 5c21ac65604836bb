import { isJsonObject, parseJsonObject } from "../../src/encoding/json.ts";
import { own } from "../../src/own.ts";
import { byId } from "./dom.ts";

/** A token with the settings that belong to it. */
export interface Filled {
  readonly token: string;
  readonly team: string;
  readonly audience: string;
  readonly keys: string;
}

const SETTINGS = ["team", "audience", "keys"] as const;

/** The values that the page filled in, until the user changes the token. */
let ownFill: Filled | undefined;

/** Fills in the whole form. */
export function fillIn(filled: Filled): void {
  ownFill = filled;
  field("token").value = filled.token;
  for (const name of SETTINGS) field(name).value = filled[name];
  field("keys").dispatchEvent(new Event("input", { bubbles: true }));
}

/** Clears the settings of an example when the user enters another token. */
export function dropFillWithToken(): void {
  field("token").addEventListener("input", () => {
    const filled = ownFill;
    if (filled === undefined || field("token").value === filled.token) return;
    ownFill = undefined;
    for (const name of SETTINGS) {
      if (field(name).value !== filled[name]) continue;
      field(name).value = "";
      field(name).dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

/** Fills in the session that Local Access put into the page, if there is one. */
export function fillInSession(): void {
  const given = document.getElementById("session")?.textContent;
  const session = parseJsonObject(given ?? "");
  if (session === undefined) return;
  const text = (name: string): string => String(own(session, name) ?? "");
  const keys = own(session, "keys");
  fillIn({
    token: text("token"),
    team: text("team"),
    audience: text("audience"),
    keys: isJsonObject(keys) ? JSON.stringify(keys, undefined, 1) : "",
  });
}

function field(name: keyof Filled): HTMLInputElement | HTMLTextAreaElement {
  const isLong = name === "token" || name === "keys";
  return isLong ? byId(name, HTMLTextAreaElement) : byId(name, HTMLInputElement);
}
