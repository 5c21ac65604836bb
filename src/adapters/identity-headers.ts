import type { VerifiedAccessToken } from "../access/access-token.ts";
import { mistake, nearest } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { foldedName } from "../http/field-name.ts";
import { own } from "../own.ts";
import { claimAt, claimPath } from "./claim-path.ts";

/**
 * What headers say, by their names: `id`, `email`, `name`, `kind`, `country`, `issuer`, `sub`, `exp`, or
 * a path into the claims such as `custom.groups`.
 */
export type IdentityHeaders = { readonly [name: string]: string };

/** Set on every answer that lets a request in, in addition to the configured ones. */
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

/** Names that mean something to a connection, to a message's length or to Access itself. */
const NEVER =
  /^(?:connection|content-length|cookie|host|keep-alive|set-cookie|te|trailer|transfer-encoding|upgrade|expect|date|proxy-.*|cf-access-.*|cf-authorization)$/;

const EXPECTED = 'header names with a fact each, such as { "X-WEBAUTH-USER": "email" }';

/** Makes the headers of one identity; of none they are all empty. */
export interface IdentityFields {
  /** Every name, as it is written. */
  readonly names: readonly string[];
  /** One value for each name, in their order. */
  values(access: VerifiedAccessToken | undefined): readonly string[];
}

/**
 * The headers that say who the caller is.
 *
 * @param given in addition to those that are always set
 * @throws {TypeError} at once, for a name or a fact that is none
 */
export function identityFields(given: IdentityHeaders | undefined = {}): IdentityFields {
  if (!isJsonObject(given)) throw mistake("headers", EXPECTED, given);
  // A header that is configured under another spelling of a name is that header.
  const byName = new Map(Object.entries(ALWAYS).map((entry) => [foldedName(entry[0]), entry]));
  const seen = new Set<string>();
  for (const [name, fact] of Object.entries(given)) {
    const folded = foldedName(name);
    if (!/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name) || NEVER.test(folded)) {
      throw new TypeError("headers must have names that may be set");
    }
    if (seen.has(folded)) throw new TypeError("headers must not have one name in two spellings");
    if (typeof fact !== "string") throw mistake("headers", EXPECTED, fact);
    seen.add(folded);
    byName.set(folded, [name, fact]);
  }
  const entries = [...byName.values()].map(([name, fact]) => [name, factOf(fact)] as const);
  const nobody = entries.map(() => "");
  // A verifier gives one token's repeats one and the same object.
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

/** @throws {TypeError} for what is neither a fact nor a path, or nearly one of the facts */
function factOf(fact: string): (access: VerifiedAccessToken) => unknown {
  const known = own(FACTS, fact) as (typeof FACTS)[string] | undefined;
  if (known !== undefined) return known;
  const near = nearest(fact, Object.keys(FACTS)) ?? "";
  // Only of a long fact: "aud" is a claim, and no misspelt "id"; nor is "common_name" a misspelt "name".
  if (near.length > 3 && Math.abs(fact.length - near.length) < 2) {
    throw new TypeError(`headers must name facts, did you mean "${near}"?`);
  }
  const path = claimPath("headers", fact);
  return ({ payload }) => claimAt(payload, path);
}

/**
 * A value of a header: text as UTF-8, a byte for each character; the items of a list joined by commas.
 *
 * @throws {Error} for a control character, which is no part of a header and must not be left out
 */
function headerValue(value: unknown): string {
  const text = Array.isArray(value)
    ? value
        .map(scalar)
        .filter((item) => item !== undefined)
        .map((item) => item.replace(/[%,]/g, (one) => (one === "," ? "%2C" : "%25")))
        .join(",")
    : (scalar(value) ?? "");
  if (/[\p{Cc}\p{Cs}]/u.test(text)) throw new Error("a claim that no header can hold");
  return /[^\0-\x7f]/.test(text) ? String.fromCharCode(...new TextEncoder().encode(text)) : text;
}

function scalar(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
