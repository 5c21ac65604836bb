import type { AccessIdentity } from "../access/identity.ts";
import type { Principal } from "../access/principal.ts";
import { TokenError } from "../errors.ts";
import { pause } from "../http/pause.ts";
import { member } from "../own.ts";
import { part } from "./claim-path.ts";

/** The caller, from the platform's `ctx.access`. No token was verified. */
export interface ContextAccess {
  readonly source: "context";
  readonly principal: Extract<Principal, { kind: "user" }>;
  readonly issuer: string;
  /** The result of `ctx.access.getIdentity()`. */
  readonly identity: AccessIdentity;
}

/** The caller from the context, or why there is none. Both are own members. */
export interface ContextAnswer {
  readonly access: ContextAccess | undefined;
  readonly problem: TokenError | undefined;
}

/** The platform usually answers in milliseconds. After this time, the assertion is used. */
const PATIENCE_MS = 5000;

/**
 * Reads the caller from a Worker's context. The tag must be one of `audience`, and the identity must be a
 * complete user: a service token has no identity.
 */
export async function askContext(
  context: unknown,
  audience: readonly string[],
  issuer: string,
): Promise<ContextAnswer> {
  const access = platform(context, "access");
  if (access === undefined) return { access, problem: undefined };
  const tag = platform(access, "aud");
  if (!audience.includes(tag as string)) {
    return problem("audience_mismatch", "ctx.access is for another application");
  }
  const identity = await identityOf(access);
  const id = part(identity, "user_uuid");
  const email = part(identity, "email");
  // An identity with an error is not valid, as at the identity endpoint.
  const isWhole = isText(id) && isText(email) && part(identity, "err") === undefined;
  if (!isWhole) return problem("claim_invalid", "ctx.access has no user with user_uuid and email");
  const country = part(part(identity, "geo"), "country");
  const who = { kind: "user", id, email, issuer } as const;
  const principal = Object.freeze(isText(country) ? { ...who, country } : who);
  const found = { source: "context", principal, issuer, identity: identity as AccessIdentity };
  return { access: Object.freeze(withoutToken(found)) as ContextAccess, problem: undefined };
}

async function identityOf(access: unknown): Promise<unknown> {
  const getIdentity = platform(access, "getIdentity") as () => unknown;
  let identity: unknown;
  // It is a method, so it needs its object. If there is none, the call throws.
  const asked = Promise.resolve()
    .then(() => getIdentity.call(access))
    .then(
      (answer) => {
        identity = answer;
      },
      () => {},
    );
  return (await pause(PATIENCE_MS, asked)) === "settled" ? identity : undefined;
}

/** Makes `payload` and `header` throw, so that a condition that needs a token fails instead of passing. */
function withoutToken<T extends object>(found: T): T {
  for (const name of ["payload", "header"]) {
    Object.defineProperty(found, name, {
      get() {
        throw new TypeError(`ctx.access has no ${name}: check source first`);
      },
    });
  }
  return found;
}

function problem(code: "audience_mismatch" | "claim_invalid", why: string): ContextAnswer {
  return { access: undefined, problem: new TokenError(code, { cause: new Error(why) }) };
}

/** Reads a member of a platform object, also an inherited one. */
function platform(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? member(object, name) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
