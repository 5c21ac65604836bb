import { functionOptions, isPlain, mistake, refuseUnknown } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { member, own } from "../own.ts";
import type { Issuers } from "./decision.ts";
import type { CallOptions } from "./options.ts";
import { audienceOption, type Entry } from "./settle-entry.ts";

const CALL = ["signal", "waitUntil", "audience"] as const satisfies readonly (keyof CallOptions)[];

const NOTHING_ADDED: CallOptions = Object.freeze({
  signal: undefined,
  waitUntil: undefined,
  audience: undefined,
});

/**
 * Checks and copies the options of one call. A call cannot widen what was configured.
 *
 * @throws {TypeError} in one sentence
 */
export function readCall(issuers: Issuers<Entry>, call: CallOptions | undefined): CallOptions {
  if (call === undefined) return NOTHING_ADDED;
  if (!isJsonObject(call)) throw mistake("call options", "an object", call);
  // An instance of a class may have other members: a Worker's execution context does.
  if (isPlain(call)) refuseUnknown(call, CALL, "call options");
  const read = (name: string): never => member(call, name) as never;
  // The method of an execution context needs its object.
  const waitUntil = (own(call, "waitUntil") ??
    (read("waitUntil") as CallOptions["waitUntil"])?.bind(call)) as CallOptions["waitUntil"];
  const settled: CallOptions = { signal: read("signal"), waitUntil, audience: read("audience") };
  functionOptions(settled, ["waitUntil"]);
  const { signal } = settled;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw mistake("signal", "an AbortSignal", signal);
  }
  if (settled.audience === undefined) return settled;
  for (const tag of audienceOption(settled.audience)) {
    if (isConfigured(tag, issuers)) continue;
    throw new TypeError("audience must be one of those configured, got another string");
  }
  return settled;
}

function isConfigured(tag: string, { byIssuer }: Issuers<Entry>): boolean {
  for (const { audience } of byIssuer.values()) if (audience.includes(tag)) return true;
  return false;
}

/** The configured audience, or the part of it that a call asks for. */
export function narrow({ audience }: Entry, call: CallOptions): readonly string[] {
  if (call.audience === undefined) return audience;
  const wanted = [call.audience].flat();
  return audience.filter((tag) => wanted.includes(tag));
}
