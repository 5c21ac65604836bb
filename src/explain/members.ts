import type { JsonObject } from "../encoding/json.ts";
import { calendar, describeTime } from "./human-time.ts";
import { visible, visibleJson } from "./visible.ts";

/** One member of a header or one claim, safe to show. */
export interface Member {
  readonly name: string;
  readonly value: string;
  /** What the member is for, where it is known. */
  readonly meaning?: string | undefined;
  /** The same moment for a person. */
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
  ["country", "where the log-in came from"],
  ["identity_nonce", "names the session's identity"],
  ["identity", "the identity, in a team session"],
  ["custom", "claims of the identity provider"],
  ["jti", "the token's own name"],
]);

const TIMES: readonly string[] = ["iat", "nbf", "exp"];
const MOST_MEMBERS = 60;
const MOST_CHARACTERS = 600;

/** The members in their order; what is too many or too long is counted and left out. */
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

/** A date without its seconds, for a place that is narrow. */
export function shortCalendar(seconds: number): string | undefined {
  return calendar(seconds)?.replace(/:\d\d UTC$/, " UTC");
}
