import type { VerifiedAccessToken } from "../access/access-token.ts";
import { accessTeam } from "../access/team.ts";
import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { isTokenError, TokenError } from "../errors.ts";
import type {
  CallOptions,
  Check,
  SharedOptions,
  TeamOptions,
  Verifier,
} from "../verify/options.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";
import { waitUntilOf } from "./wait-until.ts";
import { askContext, type ContextAccess } from "./worker-context.ts";

export type { ContextAccess } from "./worker-context.ts";

/** A token that was verified, because the context could not say who is calling. */
export interface AssertionAccess extends VerifiedAccessToken {
  readonly source: "assertion";
}

/** Who is calling a Worker: `principal` either way, and what else `source` says there is. */
export type WorkerAccess = ContextAccess | AssertionAccess;

/** What the guard of a Worker is told, all in one place: both ways are held against the same. */
export interface WorkerOptions
  extends Omit<AccessOptions<Request>, "audience">,
    Pick<TeamOptions, "team" | "audience" | "keys" | "remote" | "clockToleranceSeconds">,
    Pick<SharedOptions, "onEvent"> {
  /**
   * A condition of your own, as a verifier's: it runs for every request, with `ctx.access` and with an assertion.
   * Those of `postern/checks` that look at people and services fit; those that look into the token do not.
   */
  check?: Check<WorkerAccess> | undefined;
}

/** Of the options, those that go to the verifier. What would narrow one way alone is not among them. */
const VERIFIER = [
  "team",
  "audience",
  "keys",
  "remote",
  "clockToleranceSeconds",
  "onEvent",
] as const;

/**
 * Guards a Worker that Access itself protects. It takes `ctx.access` where its `aud` is one of
 * `audience`, and verifies the assertion otherwise: for service tokens, behind Static Assets and service
 * bindings, on another address. The handler is called with one `principal` either way.
 *
 * `ctx` must be what the platform gave: code that makes one decides who seems to be calling.
 *
 * @param createVerifier that of `postern`: the guard makes its verifier itself, so that no condition
 * can be on one way and not on the other
 * @throws {TypeError | RangeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { guardWorker } from "postern/fetch";
 *
 * declare const env: { TEAM_DOMAIN: string; HOST_AUD: string; WORKER_AUD: string };
 *
 * export default {
 *   fetch: guardWorker(
 *     createVerifier,
 *     { team: env.TEAM_DOMAIN, audience: [env.HOST_AUD, env.WORKER_AUD] },
 *     (_request, access) => new Response(`Hello ${access?.principal.id}`),
 *   ),
 * };
 * ```
 */
export function guardWorker<Env = unknown, Context = unknown>(
  createVerifier: (options: TeamOptions & SharedOptions) => Verifier<VerifiedAccessToken>,
  options: WorkerOptions & { publicPaths?: undefined; optional?: false; allowPreflight?: false },
  handler: WorkerHandler<WorkerAccess, Env, Context>,
): WorkerFetch<Env, Context>;
export function guardWorker<Env = unknown, Context = unknown>(
  createVerifier: (options: TeamOptions & SharedOptions) => Verifier<VerifiedAccessToken>,
  options: WorkerOptions,
  handler: WorkerHandler<WorkerAccess | undefined, Env, Context>,
): WorkerFetch<Env, Context>;
export function guardWorker<Env, Context>(
  createVerifier: (options: TeamOptions & SharedOptions) => Verifier<VerifiedAccessToken>,
  options: WorkerOptions,
  handler: WorkerHandler<WorkerAccess, Env, Context>,
): WorkerFetch<Env, Context> {
  if (typeof createVerifier !== "function") {
    throw mistake("createVerifier", "createVerifier of postern", createVerifier);
  }
  if (typeof handler !== "function") throw mistake("handler", "a function", handler);
  const names = [...ACCESS_OPTIONS, ...VERIFIER, "check"] as const;
  const settled = readOptions<WorkerOptions>(options, names);
  functionOptions(settled, ["check"]);
  const { team, audience, keys, remote, clockToleranceSeconds, onEvent, check, ...shared } =
    settled;
  const verifier = createVerifier({
    team,
    audience,
    keys,
    remote,
    clockToleranceSeconds,
    onEvent,
    check: check && ((verified, call, token) => check(fromAssertion(verified), call, token)),
  });
  const { issuer } = accessTeam(team);
  // A copy, after the verifier has refused what is none.
  const tags = [audience].flat();
  const contexts = new WeakMap<object, unknown>();

  async function verifyRequest(request: object, call?: CallOptions): Promise<WorkerAccess> {
    const { access, problem } = await askContext(contexts.get(request), tags, issuer);
    if (access === undefined) {
      try {
        return fromAssertion(await verifier.verifyRequest(request as Request, call));
      } catch (error) {
        // Without an assertion, what the context lacks is the reason.
        const isMissing = isTokenError(error) && error.code === "token_missing";
        throw isMissing ? (problem ?? error) : error;
      }
    }
    const answer = (await check?.(access, call ?? {}, "")) as unknown;
    if (answer === undefined || answer === true) return access;
    throw new TokenError("forbidden", { verified: true });
  }

  const gate = createGate<WorkerAccess, Request>({ verifyRequest }, shared);
  return async (request, env, ctx) => {
    contexts.set(request, ctx);
    const { access, rejection } = await gate(request, webPath(request), waitUntilOf(ctx));
    if (rejection === undefined) return handler(request, access as WorkerAccess, env, ctx);
    if (rejection.isFault) console.error(rejection.error);
    return toResponse(rejection);
  };
}

/** What answers a request that was let in. */
export type WorkerHandler<A, Env, Context> = (
  request: Request,
  access: A,
  env: Env,
  ctx: Context,
) => Response | Promise<Response>;

/** The `fetch` of a Worker. */
export type WorkerFetch<Env, Context> = (
  request: Request,
  env: Env,
  ctx: Context,
) => Promise<Response>;

function fromAssertion(verified: VerifiedAccessToken): AssertionAccess {
  return Object.freeze({ ...verified, source: "assertion" });
}
