import { readPrincipal } from "../access/principal.ts";
import type { JsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";
import { namesService } from "../token/claims.ts";
import { oddAudience } from "./guess-team.ts";
import { calendar, describeTime, distance, duration } from "./human-time.ts";

/** One thing that a verifier looks at, and what it sees. */
export interface Check {
  readonly name: CheckName;
  /** `unknown`: it could not be looked at, or the expected value was not given. */
  readonly state: "ok" | "wrong" | "unknown";
  readonly says: string;
  /** What would help. */
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

/** What the claims are held against; what is absent is only described. */
export interface Expectations {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What gave that time, in place of this machine's clock. */
  readonly timeFrom?: string | undefined;
  readonly toleranceSeconds: number;
  readonly issuer?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  /** For an Access token; `undefined` for another issuer's. */
  readonly tokenType?: "app" | "org" | "any" | undefined;
}

/** Whether it says that it is of Access: what others issue has no type and no principal. */
export function claimsAccess(payload: JsonObject): boolean {
  const iss = own(payload, "iss");
  return typeof iss === "string" && ACCESS.test(iss);
}

const ACCESS = /^https:\/\/[\w.-]+\.cloudflareaccess\.com$|^http:\/\/(?:127|localhost|\[)/;

/** What can be said of a token without its key. It decides nothing: that is the verifier's. */
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
  // What else it lacks has the same explanation, which is given once.
  return checks.map((check) => (check.fix === OTHER_KIND ? { ...check, fix: undefined } : check));
}

/** Whether a check explains that this is the token of a visitor who is not logged in. */
export function explainsMeta({ fix }: Check): boolean {
  return fix === META;
}

function algorithm(alg: unknown): Check {
  const name = "algorithm";
  if (alg === "RS256") return { name, state: "ok", says: "RS256" };
  const fix =
    "Access signs with RS256 and nothing else: this is another issuer's token, or a forged one.";
  if (typeof alg !== "string") return { name, state: "wrong", says: "no algorithm at all", fix };
  const isNone = alg.toLowerCase() === "none";
  return { name, state: "wrong", says: isNone ? `${alg}: it is not signed at all` : alg, fix };
}

function processing(header: JsonObject, { tokenType }: Expectations): Check {
  const name = "header";
  const asks = ["crit", "b64", "enc", "zip"].filter((parameter) =>
    Object.hasOwn(header, parameter),
  );
  const accepted = tokenType === undefined ? ["jwt", "at+jwt"] : ["jwt"];
  const typ = mediaType(own(header, "typ"));
  if (typ !== undefined && !accepted.includes(typ)) asks.push("typ");
  const cty = mediaType(own(header, "cty"));
  if (cty === "jwt" || cty === "") asks.push("cty");
  if (asks.length === 0) {
    return { name, state: "ok", says: "asks for nothing out of the ordinary" };
  }
  return {
    name,
    state: "wrong",
    says: `${asks.join(", ")} asks for more than a guard does`,
    fix: "No token of Access has that: it is a token of another kind.",
  };
}

/** Without case, without `application/` (RFC 7515 section 4.1.9); no string is no type. */
function mediaType(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? value.toLowerCase().replace(/^application\//, "") : "";
}

function issuer(iss: unknown, expected: Expectations): Check {
  const name = "issuer";
  if (typeof iss !== "string") {
    return { name, state: "wrong", says: "it does not say who issued it", fix: OTHER_KIND };
  }
  if (expected.issuer === undefined) return { name, state: "unknown", says: iss };
  if (iss === expected.issuer) return { name, state: "ok", says: iss };
  return {
    name,
    state: "wrong",
    says: `${iss}, and not ${expected.issuer}`,
    fix: "If that is the team you meant, the one you gave is wrong; else the token is another team's.",
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
    says: typeof value === "string" ? `${value}, and not ${wanted}` : "not a string",
    fix: (typeof value === "string" ? FIXES[value] : undefined) ?? OTHER_KIND,
  };
}

function audience(aud: unknown, expected: Expectations): Check {
  const name = "audience";
  const tags: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!tags.every((tag) => typeof tag === "string")) {
    const says =
      aud === undefined
        ? "it does not say who it is for"
        : "it names neither a string nor a list of strings";
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
    says: `${listed}, and not ${expected.audience.join(" or ")}`,
    fix: odd === undefined ? FIND_TAG : `Look at the one you gave: ${odd}. ${FIND_TAG}`,
  };
}

function expiry(exp: unknown, { now, toleranceSeconds, timeFrom }: Expectations): Check {
  const name = "expiry";
  if (exp === undefined) {
    return { name, state: "wrong", says: "it does not say when it ends", fix: OTHER_KIND };
  }
  const says = describeTime(exp, now);
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    return { name, state: "wrong", says: `its end is ${says}`, fix: OTHER_KIND };
  }
  if (now / 1000 < exp + toleranceSeconds) return { name, state: "ok", says };
  return {
    name,
    state: "wrong",
    says: `expired ${distance(exp, now)}, at ${calendar(exp) ?? says}`,
    fix:
      timeFrom === undefined
        ? "Log in again. If it should not have expired yet, compare this machine's clock."
        : `It had expired at the time given by ${timeFrom}. For another time, change ${timeFrom}.`,
  };
}

function start(payload: JsonObject, { now, toleranceSeconds, timeFrom }: Expectations): Check {
  const name = "start";
  const found = new Set<string>();
  for (const claim of ["nbf", "iat"]) {
    const value = own(payload, claim);
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return { name, state: "wrong", says: `${claim} is no number of seconds`, fix: OTHER_KIND };
    }
    const early = value - now / 1000;
    if (early > toleranceSeconds) {
      return {
        name,
        state: "wrong",
        says: `${claim} is ${duration(early)} ahead: ${describeTime(value, now)}`,
        fix:
          timeFrom === undefined
            ? "This machine's clock is slow, or the issuer's is fast. A guard may be given up to 300 seconds of tolerance."
            : `It had not begun at the time given by ${timeFrom}. For another time, change ${timeFrom}.`,
      };
    }
    found.add(describeTime(value, now));
  }
  return { name, state: "ok", says: [...found].join("; ") || "it does not say, which is fine" };
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

/** What the header and payload of a token that cannot be read are. */
export function describeSpelling(token: string): Check {
  const name = "spelling";
  const dots = token.split(".").length - 1;
  const says =
    token.length > 16_384
      ? `${token.length} characters, which are too many`
      : dots !== 2
        ? `${dots === 1 ? "1 dot" : `${dots} dots`}, where a token has 2`
        : /[^\w.-]/.test(token)
          ? "there are characters in it that no token has"
          : "a part of it is not JSON in base64url";
  const fix =
    dots < 2 ? "Was it cut when it was copied?" : "Was something added when it was copied?";
  return { name, state: "wrong", says, fix };
}

const META =
  "It is the token of a visitor who is not logged in: Access puts one into the address of the log-in page for every visitor. It names the application and no person. Log in, and take the cookie CF_Authorization.";

const FIXES: { readonly [type: string]: string | undefined } = {
  __proto__: null as never,
  meta: META,
  org: "It is the session of the whole team domain. The application's own token has the same cookie name, on the application's host.",
};

const OTHER_KIND = "Every token of Access is otherwise: this is a token of another kind.";
const FIND_TAG =
  "Find it in the Zero Trust dashboard: Access controls > Applications > the application > Additional settings > Application Audience (AUD) Tag.";
