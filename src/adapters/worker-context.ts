import type { AccessIdentity } from "../access/identity.ts";
import type { Principal } from "../access/principal.ts";
import { TokenError } from "../errors.ts";
import { pause } from "../http/pause.ts";
import { member, own } from "../own.ts";

/** Who Access says is calling, where the platform says so and no token was verified. */
export interface ContextAccess {
  readonly source: "context";
  readonly principal: Extract<Principal, { kind: "user" }>;
  readonly issuer: string;
  /** What `ctx.access.getIdentity()` resolved to. */
  readonly identity: AccessIdentity;
}

/** What became of asking the context: an answer, or why there is none. Each has both as its own. */
export interface ContextAnswer {
  readonly access: ContextAccess | undefined;
  readonly problem: TokenError | undefined;
}

/** The platform answers in milliseconds; the assertion does not have to wait longer. */
const PATIENCE_MS = 5000;

/**
 * Asks a Worker's context who is calling. It says yes only for a tag that is one of `audience`, and only
 * of a user that it names in full: a service token has no identity.
 */
export async function askContext(
  context: unknown,
  audience: readonly string[],
  issuer: string,
): Promise<ContextAnswer> {
  const access = platform(context, "access");
  if (access === undefined) return { access, problem: undefined };
  const tag = platform(access, "aud");
  if (typeof tag !== "string" || !audience.includes(tag)) {
    return problem("audience_mismatch", "ctx.access is of another application");
  }
  const identity = await identityOf(access);
  const id = part(identity, "user_uuid");
  const email = part(identity, "email");
  // An answer that holds an error is none, as at the identity endpoint.
  const isWhole = isText(id) && isText(email) && part(identity, "err") === undefined;
  if (!isWhole) return problem("claim_invalid", "ctx.access names no user by user_uuid and email");
  const country = part(part(identity, "geo"), "country");
  const who = { kind: "user", id, email, issuer } as const;
  const principal = Object.freeze(isText(country) ? { ...who, country } : who);
  const found = { source: "context", principal, issuer, identity: identity as AccessIdentity };
  return { access: Object.freeze(withoutToken(found)) as ContextAccess, problem: undefined };
}

async function identityOf(access: unknown): Promise<unknown> {
  const getIdentity = platform(access, "getIdentity");
  if (typeof getIdentity !== "function") return undefined;
  let identity: unknown;
  // It is a method, which needs its object.
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

/** A condition that reads what only a token has must fail, and not find it empty. */
function withoutToken<T extends object>(found: T): T {
  for (const name of ["payload", "header"]) {
    Object.defineProperty(found, name, {
      get() {
        throw new TypeError(`ctx.access has no ${name}: look at source first`);
      },
    });
  }
  return found;
}

function problem(code: "audience_mismatch" | "claim_invalid", why: string): ContextAnswer {
  return { access: undefined, problem: new TokenError(code, { cause: new Error(why) }) };
}

/** A member of what the platform made, which is of a class. */
function platform(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? member(object, name) : undefined;
}

/** A property of data. */
function part(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? own(object, name) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
