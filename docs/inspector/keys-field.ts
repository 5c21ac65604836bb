import { isJsonObject, type JsonObject } from "../../src/encoding/json.ts";
import { isKeySetError, KeySetError } from "../../src/errors.ts";
import type { HeldKeys } from "../../src/explain/hold.ts";
import { type PastedKeys, readKeys } from "../../src/explain/read-keys.ts";
import { UsageError } from "../../src/explain/usage-error.ts";
import { secureUrl } from "../../src/http/secure-url.ts";
import { own } from "../../src/own.ts";
import { askFrame } from "./ask-frame.ts";
import { byId } from "./dom.ts";
import { showRequest } from "./privacy.ts";

export interface KeysField {
  /** Offers to fetch the team's keys, unless the field contains another address or keys. */
  offer(certsUrl: string | undefined): void;
  /** Returns the available keys for a token with this header. */
  heldFor(header: JsonObject): HeldKeys | undefined;
}

const MAX_FILE_BYTES = 1_048_576;

/** Watches the field for keys. Calls `changed` when the keys change. */
export function watchKeys(changed: () => void): KeysField {
  const field = byId("keys", HTMLTextAreaElement);
  const button = byId("fetch", HTMLButtonElement);
  const file = byId("file", HTMLInputElement);
  let pasted: PastedKeys | undefined;
  let fetched: { readonly url: string; readonly held: HeldKeys } | undefined;
  let wanted: URL | undefined;
  let turn = 0;

  async function read(): Promise<void> {
    const mine = ++turn;
    const text = field.value.trim();
    const outcome = text === "" || isAddress(text) ? undefined : await attempt(text);
    if (mine !== turn) return;
    pasted = typeof outcome === "object" ? outcome : undefined;
    if (typeof outcome === "string") say(outcome, true);
    else if (pasted !== undefined) say(`Read as ${pasted.note}.`);
    else say("");
    changed();
  }

  async function take(given: File | undefined): Promise<void> {
    if (given === undefined) return;
    if (given.size > MAX_FILE_BYTES) return say("This file is too large for a key set.", true);
    field.value = await given.text();
    await read();
  }

  async function fetchKeys(): Promise<void> {
    const url = wanted;
    if (url === undefined) return;
    button.setAttribute("aria-busy", "true");
    say(`Fetching from ${url.host} …`);
    const from = url.href;
    const held = await askFor(url);
    fetched = { url: from, held };
    button.removeAttribute("aria-busy");
    const isHad = "entries" in held;
    showRequest(url, isHad);
    say(isHad ? `${held.entries.length} keys from ${url.host}.` : REFUSED, !isHad);
    changed();
  }

  field.addEventListener("input", read);
  file.addEventListener("change", () => take(file.files?.[0]));
  button.addEventListener("click", fetchKeys);
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    const dropped = event.dataTransfer?.files[0];
    if (dropped === undefined) return;
    event.preventDefault();
    take(dropped);
  });

  return {
    offer(certsUrl) {
      const text = field.value.trim();
      wanted = urlOf(text === "" ? certsUrl : isAddress(text) ? text : undefined);
      button.disabled = wanted === undefined;
    },
    heldFor(header) {
      if (pasted !== undefined) return named(pasted, own(header, "kid"));
      return fetched !== undefined && fetched.url === wanted?.href ? fetched.held : undefined;
    },
  };
}

const REFUSED =
  "The keys could not be read. The endpoint may not let other pages read them: open the address in a tab, and paste its contents here.";

const isAddress = (text: string): boolean => /^https?:\/\/\S*$/i.test(text);

function urlOf(text: string | undefined): URL | undefined {
  try {
    return text === undefined ? undefined : secureUrl("keys", text);
  } catch {
    return undefined;
  }
}

async function attempt(text: string): Promise<PastedKeys | string> {
  try {
    return await readKeys(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

async function askFor(url: URL): Promise<HeldKeys> {
  const from = url.href;
  try {
    const jwks = await askFrame(url);
    const entries = isJsonObject(jwks) ? own(jwks, "keys") : undefined;
    return Array.isArray(entries)
      ? { from, entries }
      : { from, error: new KeySetError("jwks_malformed", { url: from }) };
  } catch (error) {
    return { from, error: isKeySetError(error) ? error : new KeySetError("fetch_failed") };
  }
}

/** Gives a key without a kid the kid of the token, so that it is tried. */
function named({ entries, nameless }: PastedKeys, kid: unknown): HeldKeys {
  const from = "the set that you gave";
  if (!nameless || typeof kid !== "string") return { from, entries };
  return {
    from,
    entries: entries.map((entry) => (isJsonObject(entry) ? { ...entry, kid } : entry)),
  };
}

function say(text: string, isWrong = false): void {
  const note = byId("keys-note", HTMLElement);
  note.textContent = text;
  note.hidden = text === "";
  note.classList.toggle("bad", isWrong);
}
