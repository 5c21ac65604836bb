import type { VerifiedAccessToken } from "../access/access-token.ts";
import { mistake, nearest } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { foldedName } from "../http/field-name.ts";
import { own } from "../own.ts";
import { claimAt, claimPath } from "./claim-path.ts";

/**
 * The fact for each header name: `id`, `email`, `name`, `kind`, `country`, `issuer`, `sub`, `exp`, or a path
 * into the claims such as `custom.groups`.
 */
export type IdentityHeaders = { readonly [name: string]: string };

/** The headers that are always set, in addition to the configured ones. */
const ALWAYS: IdentityHeaders = {
  "X-Auth-Request-User": "id",
  "X-Auth-Request-Email": "email",
  "X-Auth-Request-Name": "name",
  "X-Auth-Request-Kind": "kind",
};

type Principal = Partial<Record<string, string>>;

const FACTS: { readonly [name: string]: (access: VerifiedAccessToken) => unknown } = {
  id: ({ principal }) => principal.id,
  email: ({ principal }) => (principal as Principal)["email"],
  name: ({ principal }) => (principal as Principal)["name"],
  kind: ({ principal }) => principal.kind,
  country: ({ principal }) => (principal as Principal)["country"],
  issuer: ({ issuer }) => issuer,
  sub: ({ payload }) => payload.sub,
  exp: ({ payload }) => payload.exp,
};

/** Names that control the connection or the message, or that belong to Access. */
const NEVER =
  /^(?:connection|content-length|cookie|host|keep-alive|set-cookie|te|trailer|transfer-encoding|upgrade|expect|date|proxy-.*|cf-access-.*|cf-authorization)$/;

const EXPECTED =
  'an object with a fact for each header name, such as { "X-WEBAUTH-USER": "email" }';

/** Makes the headers of an identity. Without one, all values are empty. */
export interface IdentityFields {
  /** All header names. */
  readonly names: readonly string[];
  /** Returns one value for each name, in the same order. */
  values(access: VerifiedAccessToken | undefined): readonly string[];
}

/**
 * Prepares the headers that identify the caller.
 *
 * @param given headers in addition to those that are always set
 * @throws {TypeError} when a name or a fact is not valid
 */
export function identityFields(given: IdentityHeaders | undefined = {}): IdentityFields {
  if (!isJsonObject(given)) throw mistake("headers", EXPECTED, given);
  // Names are compared in folded form, so a configured header replaces a default in another spelling.
  const byName = new Map(Object.entries(ALWAYS).map((entry) => [foldedName(entry[0]), entry]));
  const seen = new Set<string>();
  for (const [name, fact] of Object.entries(given)) {
    const folded = foldedName(name);
    if (!/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name) || NEVER.test(folded)) {
      throw new TypeError("headers must not contain a name that is not valid or not allowed");
    }
    if (seen.has(folded)) throw new TypeError("headers must not contain the same name twice");
    if (typeof fact !== "string") throw mistake("headers", EXPECTED, fact);
    seen.add(folded);
    byName.set(folded, [name, fact]);
  }
  const entries = [...byName.values()].map(([name, fact]) => [name, factOf(fact)] as const);
  const nobody = entries.map(() => "");
  // A verifier returns the same object each time it sees the same token.
  const made = new WeakMap<object, readonly string[]>();
  return {
    names: entries.map(([name]) => name),
    values(access) {
      if (access === undefined) return nobody;
      let values = made.get(access);
      if (values === undefined) {
        values = entries.map(([, read]) => headerValue(read(access)));
        made.set(access, values);
      }
      return values;
    },
  };
}

/** @throws {TypeError} when it is neither a fact nor a path, or looks like a mistyped fact */
function factOf(fact: string): (access: VerifiedAccessToken) => unknown {
  const known = own(FACTS, fact) as (typeof FACTS)[string] | undefined;
  if (known !== undefined) return known;
  const near = nearest(fact, Object.keys(FACTS)) ?? "";
  // Only for long facts: "aud" is a claim, not a mistyped "id", and "common_name" is not a mistyped "name".
  if (near.length > 3 && Math.abs(fact.length - near.length) < 2) {
    throw new TypeError(`headers must name facts, did you mean "${near}"?`);
  }
  const path = claimPath("headers", fact);
  return ({ payload }) => claimAt(payload, path);
}

/** What would separate the items of a list, or vanish around them. */
const ENCODED: { readonly [character: string]: string } = { ",": "%2C", "%": "%25", " ": "%20" };

/**
 * Writes the value of a header in UTF-8, with one character for each byte. Joins the items of a list by
 * commas.
 *
 * @throws {Error} when there is a character that a header cannot carry: a control character, or a space at
 * the beginning or the end
 */
function headerValue(value: unknown): string {
  const text = Array.isArray(value)
    ? value
        .map(scalar)
        .filter((item) => item !== undefined)
        .map((item) => item.replace(/[%,]|^ | $/g, (one) => ENCODED[one] as string))
        .join(",")
    : (scalar(value) ?? "");
  if (/[\p{Cc}\p{Cs}]/u.test(text))
    throw new Error("a claim contains a control character, so it cannot be in a header");
  // Recipients drop these spaces (RFC 9110 section 5.5), and "admin " would become "admin".
  if (/^ | $/.test(text))
    throw new Error("a claim begins or ends with a space, so it cannot be in a header");
  if (!/[^\0-\x7f]/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

function scalar(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
