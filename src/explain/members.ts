import type { JsonObject } from "../encoding/json.ts";
import { calendar, describeTime } from "./human-time.ts";
import { visible, visibleJson } from "./visible.ts";

/** One member of a header, or one claim, safe to show. */
export interface Member {
  readonly name: string;
  readonly value: string;
  /** The purpose of the member, if known. */
  readonly meaning?: string | undefined;
  /** A time claim as a readable date. */
  readonly time?: string | undefined;
}

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["alg", "how it is signed"],
  ["kid", "the key that signed it"],
  ["typ", "what it is"],
  ["iss", "who issued it"],
  ["aud", "the application it is for"],
  ["sub", "the user, in this team"],
  ["email", "the user's address"],
  ["common_name", "the service token's client id"],
  ["type", "application, or team session"],
  ["iat", "issued"],
  ["nbf", "not before"],
  ["exp", "expires"],
  ["country", "the country of the log-in"],
  ["identity_nonce", "the id of the session's identity"],
  ["identity", "the identity, in a team session"],
  ["custom", "claims of the identity provider"],
  ["jti", "the token's id"],
]);

const TIMES: readonly string[] = ["iat", "nbf", "exp"];
const MOST_MEMBERS = 60;
const MOST_CHARACTERS = 600;

/** Describes the members in their order. Cuts long lists and values, and says how much is left out. */
export function describeMembers(object: JsonObject, nowMs: number): Member[] {
  const entries = Object.entries(object);
  const members = entries.slice(0, MOST_MEMBERS).map(([name, value]) => ({
    name: cut(visible(name)),
    value: cut(spell(value)),
    meaning: MEANINGS.get(name),
    time: TIMES.includes(name) ? describeTime(value, nowMs) : undefined,
  }));
  const left = entries.length - members.length;
  return left === 0 ? members : [...members, { name: "…", value: `and ${left} more` }];
}

function spell(value: unknown): string {
  return typeof value === "string" ? visible(value) : visibleJson(value, 0);
}

function cut(text: string): string {
  const left = text.length - MOST_CHARACTERS;
  return left <= 0 ? text : `${text.slice(0, MOST_CHARACTERS)}… and ${left} more characters`;
}

/** A date without seconds, for narrow places. */
export function shortCalendar(seconds: number): string | undefined {
  return calendar(seconds)?.replace(/:\d\d UTC$/, " UTC");
}
