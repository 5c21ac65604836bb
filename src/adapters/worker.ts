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
import { isYes } from "../verify/outcome.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";
import { waitUntilOf } from "./wait-until.ts";
import { askContext, type ContextAccess } from "./worker-context.ts";

export type { ContextAccess } from "./worker-context.ts";

/** A verified token. It is used when the context does not name the caller. */
export interface AssertionAccess extends VerifiedAccessToken {
  readonly source: "assertion";
}

/** The caller of a Worker. Both sources have `principal`; `source` shows which other members there are. */
export type WorkerAccess = ContextAccess | AssertionAccess;

/** Options of the guard for Workers. They apply to both sources in the same way. */
export interface WorkerOptions
  extends Omit<AccessOptions<Request>, "audience">,
    Pick<TeamOptions, "team" | "audience" | "keys" | "remote" | "clockToleranceSeconds">,
    Pick<SharedOptions, "onEvent"> {
  /**
   * Your own condition, like `check` of a verifier. It runs for every request, for both sources. The
   * conditions of `postern/checks` about users and services fit, but not those that read the token.
   */
  check?: Check<WorkerAccess> | undefined;
}

/** The options for the verifier. None of them applies to only one of the sources. */
const VERIFIER = [
  "team",
  "audience",
  "keys",
  "remote",
  "clockToleranceSeconds",
  "onEvent",
] as const;

/**
 * Guards a Worker that Access itself protects. It uses `ctx.access` if its `aud` is one of `audience`.
 * Otherwise it verifies the assertion: for service tokens, behind Static Assets and service bindings, and
 * on another address. In both cases the handler gets a `principal`.
 *
 * `ctx` must be the object from the platform, because code that makes its own can name any caller.
 *
 * @param createVerifier the function of `postern`. The guard creates its own verifier, so that every
 * condition applies to both sources.
 * @throws {TypeError | RangeError} at once, when an option is wrong
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
  // A copy. The verifier has already checked it.
  const tags = [audience].flat();
  const contexts = new WeakMap<object, unknown>();

  async function verifyRequest(request: object, call?: CallOptions): Promise<WorkerAccess> {
    const { access, problem } = await askContext(contexts.get(request), tags, issuer);
    if (access === undefined) {
      try {
        return fromAssertion(await verifier.verifyRequest(request as Request, call));
      } catch (error) {
        // There is no assertion either, so the problem of the context is the reason.
        const isMissing = isTokenError(error) && error.code === "token_missing";
        throw isMissing ? (problem ?? error) : error;
      }
    }
    if (isYes(await check?.(access, call ?? {}, ""))) return access;
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

/** Your handler for accepted requests. */
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
