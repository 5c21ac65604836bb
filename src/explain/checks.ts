import { readPrincipal } from "../access/principal.ts";
import type { JsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import { namesService } from "../token/claims.ts";
import { MAX_TOKEN_BYTES } from "../token/compact.ts";
import { mediaType, UNSUPPORTED } from "../token/header.ts";
import { oddAudience } from "./guess-team.ts";
import { calendar, describeTime, distance, duration } from "./human-time.ts";

/** One check of a verifier, and its result. */
export interface Check {
  readonly name: CheckName;
  /** `unknown` when it could not be checked, or no expected value was given. */
  readonly state: "ok" | "wrong" | "unknown";
  readonly says: string;
  /** What the reader can do about it. */
  readonly fix?: string | undefined;
}

export type CheckName =
  | "spelling"
  | "algorithm"
  | "header"
  | "key"
  | "signature"
  | "issuer"
  | "type"
  | "audience"
  | "expiry"
  | "start"
  | "principal"
  | "claims";

/** The expected values. A claim without one is only described. */
export interface Expectations {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The option that set this time instead of this machine's clock. */
  readonly timeFrom?: string | undefined;
  readonly toleranceSeconds: number;
  readonly issuer?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  /** The expected type of an Access token; `undefined` for another issuer's token. */
  readonly tokenType?: "app" | "org" | "any" | undefined;
}

/** Whether its issuer is Access. Other issuers' tokens have no type and no principal to check. */
export function claimsAccess(payload: JsonObject): boolean {
  const iss = own(payload, "iss");
  return typeof iss === "string" && ACCESS.test(iss);
}

const ACCESS = /^https:\/\/[\w.-]+\.cloudflareaccess\.com$|^http:\/\/(?:127|localhost|\[)/;

/** Describes a token without its key. It only explains: the verifier decides. */
export function describeToken(
  header: JsonObject,
  payload: JsonObject,
  expected: Expectations,
): Check[] {
  const isMeta = own(payload, "type") === "meta";
  const { tokenType = isMeta ? "app" : undefined } = expected;
  const checks = [
    algorithm(own(header, "alg")),
    processing(header, expected),
    issuer(own(payload, "iss"), expected),
    ...(tokenType === undefined ? [] : [type(payload, tokenType)]),
    audience(own(payload, "aud"), expected),
    expiry(own(payload, "exp"), expected),
    start(payload, expected),
    ...(tokenType === undefined ? [] : [principal(payload)]),
  ];
  if (!isMeta) return checks;
  // The other missing claims have the same explanation, so it is given once.
  return checks.map((check) => (check.fix === OTHER_KIND ? { ...check, fix: undefined } : check));
}

/** Whether a check explains that this is the token of a visitor who is not logged in. */
export function explainsMeta({ fix }: Check): boolean {
  return fix === META;
}

function algorithm(alg: unknown): Check {
  const name = "algorithm";
  if (alg === "RS256") return { name, state: "ok", says: "RS256" };
  const fix = "Access signs only with RS256: this is another issuer's token, or a forged one.";
  if (typeof alg !== "string") return { name, state: "wrong", says: "no algorithm", fix };
  const isNone = alg.toLowerCase() === "none";
  return { name, state: "wrong", says: isNone ? `${alg}: it is not signed` : alg, fix };
}

function processing(header: JsonObject, { tokenType }: Expectations): Check {
  const name = "header";
  const asks = UNSUPPORTED.filter((parameter) => Object.hasOwn(header, parameter));
  const accepted = tokenType === undefined ? ["jwt", "at+jwt"] : ["jwt"];
  const typ = own(header, "typ");
  if (typ !== undefined && !accepted.includes(mediaType(typ))) asks.push("typ");
  const cty = own(header, "cty");
  if (cty !== undefined && ["jwt", ""].includes(mediaType(cty))) asks.push("cty");
  if (asks.length === 0) {
    return { name, state: "ok", says: "nothing unusual" };
  }
  return {
    name,
    state: "wrong",
    says: `${asks.join(", ")} is not supported by a guard`,
    fix: "No token of Access has this: it is a token of another kind.",
  };
}

function issuer(iss: unknown, expected: Expectations): Check {
  const name = "issuer";
  if (typeof iss !== "string") {
    return { name, state: "wrong", says: "it has no issuer", fix: OTHER_KIND };
  }
  if (expected.issuer === undefined) return { name, state: "unknown", says: iss };
  if (iss === expected.issuer) return { name, state: "ok", says: iss };
  return {
    name,
    state: "wrong",
    says: `${iss}, not ${expected.issuer}`,
    fix: "Either the team that you gave is wrong, or the token is another team's.",
  };
}

function type(payload: JsonObject, expected: "app" | "org" | "any"): Check {
  const name = "type";
  const value = own(payload, "type");
  if (value === undefined) {
    if (namesService(payload)) {
      return { name, state: "ok", says: "absent, as in early service tokens" };
    }
    return { name, state: "wrong", says: "absent", fix: OTHER_KIND };
  }
  const isSession = value === "app" || value === "org";
  if (isSession && (value === expected || expected === "any")) {
    return { name, state: "ok", says: value };
  }
  const wanted = expected === "any" ? "app or org" : expected;
  return {
    name,
    state: "wrong",
    says: typeof value === "string" ? `${value}, not ${wanted}` : "not a string",
    fix: (typeof value === "string" ? FIXES[value] : undefined) ?? OTHER_KIND,
  };
}

function audience(aud: unknown, expected: Expectations): Check {
  const name = "audience";
  const tags: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!tags.every((tag) => typeof tag === "string")) {
    const says =
      aud === undefined
        ? "it has no audience"
        : "the audience is neither a string nor a list of strings";
    return { name, state: "wrong", says, fix: OTHER_KIND };
  }
  const listed = tags.length === 0 ? "an empty list" : tags.join(", ");
  if (expected.audience === undefined) return { name, state: "unknown", says: listed };
  if (tags.some((tag) => expected.audience?.includes(tag)))
    return { name, state: "ok", says: listed };
  const odd = expected.audience
    .map((tag) => oddAudience(tag))
    .find((reason) => reason !== undefined);
  return {
    name,
    state: "wrong",
    says: `${listed}, not ${expected.audience.join(" or ")}`,
    fix: odd === undefined ? FIND_TAG : `Check the AUD tag that you gave: ${odd}. ${FIND_TAG}`,
  };
}

function expiry(exp: unknown, { now, toleranceSeconds, timeFrom }: Expectations): Check {
  const name = "expiry";
  if (exp === undefined) {
    return { name, state: "wrong", says: "it has no expiry", fix: OTHER_KIND };
  }
  const says = describeTime(exp, now);
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    return { name, state: "wrong", says: `its expiry is ${says}`, fix: OTHER_KIND };
  }
  if (now / 1000 < exp + toleranceSeconds) return { name, state: "ok", says };
  return {
    name,
    state: "wrong",
    says: `expired ${distance(exp, now)}, at ${calendar(exp) ?? says}`,
    fix:
      timeFrom === undefined
        ? "Log in again. If the token should still be valid, check this machine's clock."
        : `It was expired at the time that ${timeFrom} gives. Change ${timeFrom} to check another time.`,
  };
}

function start(payload: JsonObject, { now, toleranceSeconds, timeFrom }: Expectations): Check {
  const name = "start";
  const found = new Set<string>();
  for (const claim of ["nbf", "iat"]) {
    const value = own(payload, claim);
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return { name, state: "wrong", says: `${claim} is not a number of seconds`, fix: OTHER_KIND };
    }
    const early = value - now / 1000;
    if (early > toleranceSeconds) {
      return {
        name,
        state: "wrong",
        says: `${claim} is ${duration(early)} in the future: ${describeTime(value, now)}`,
        fix:
          timeFrom === undefined
            ? "This machine's clock is slow, or the issuer's is fast. You can set a tolerance of up to 300 seconds in the guard."
            : `It was not valid yet at the time that ${timeFrom} gives. Change ${timeFrom} to check another time.`,
      };
    }
    found.add(describeTime(value, now));
  }
  return { name, state: "ok", says: [...found].join("; ") || "not given, which is fine" };
}

function principal(payload: JsonObject): Check {
  const name = "principal";
  try {
    const who = readPrincipal(payload, "");
    const says = who.kind === "user" ? `user ${who.email}` : `service ${who.name}`;
    return { name, state: "ok", says };
  } catch {
    const says = "neither a user (sub and email) nor a service (common_name)";
    return { name, state: "wrong", says, fix: OTHER_KIND };
  }
}

/** Describes why a token cannot be read. */
export function describeSpelling(token: string): Check {
  const name = "spelling";
  const dots = token.split(".").length - 1;
  const says =
    token.length > MAX_TOKEN_BYTES
      ? `${token.length} characters, which is too long`
      : dots !== 2
        ? `${dots === 1 ? "1 dot" : `${dots} dots`}, where a token has 2`
        : /[^\w.-]/.test(token)
          ? "there are characters that no token contains"
          : "one part that is not JSON in base64url";
  const fix =
    dots < 2 ? "Was it cut when it was copied?" : "Was something added when it was copied?";
  return { name, state: "wrong", says, fix };
}

const META =
  "It is the token of a visitor who is not logged in: Access puts one into the address of the log-in page for everyone. It names the application, but no person. Log in and use the cookie CF_Authorization.";

const FIXES: { readonly [type: string]: string | undefined } = {
  __proto__: null as never,
  meta: META,
  org: "It is the token of the team domain. The application's own token is in the cookie of the same name on the application's host.",
};

const OTHER_KIND = "No token of Access is like this: it is a token of another kind.";
const FIND_TAG =
  "Find it in the Zero Trust dashboard: Access controls > Applications > the application > Additional settings > Application Audience (AUD) Tag.";
