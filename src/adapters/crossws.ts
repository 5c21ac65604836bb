import type { AccessOptions, PrivateOptions, RequestVerifier } from "./gate.ts";
import { createUpgradeGate, type OriginOptions } from "./origins.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

/** The part of an upgrade's request that is used: a web request, or what crossws has in its place. */
export interface UpgradeRequestLike {
  readonly url: string;
  readonly headers: Headers;
  readonly context?: object | undefined;
}

/** What the other hooks find at `peer.context`. */
export type UpgradeAdmission<T> = { context: { access: T }; headers?: never };

/** The hook `upgrade` of crossws. */
export type GuardedUpgrade<T> = (request: UpgradeRequestLike) => Promise<UpgradeAdmission<T>>;

/**
 * The hook `upgrade` of a WebSocket handler of h3 1 and 2, Nitro and Nuxt, or of crossws itself: puts
 * the verified token at `peer.context.access` of the other hooks, or throws the `Response` that refuses
 * the upgrade, which is how crossws wants it. An exception of your own `check` is answered 500 and
 * logged.
 *
 * A browser sends its cookie along from any site's page: name yours in `origins`. The token is not verified
 * again on this connection: close it at `access.payload.exp`.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { defineWebSocketHandler } from "h3";
 * import { createVerifier } from "postern";
 * import { guardUpgrade } from "postern/h3";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export default defineWebSocketHandler({
 *   upgrade: guardUpgrade(verifier, { origins: ["https://app.example.com"] }),
 *   message: (peer, message) => peer.send(message.text()),
 * });
 * ```
 */
export function guardUpgrade<T>(
  verifier: RequestVerifier<T>,
  options?: PrivateOptions<UpgradeRequestLike> & OriginOptions,
): GuardedUpgrade<T>;
export function guardUpgrade<T>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<UpgradeRequestLike> & OriginOptions,
): GuardedUpgrade<T | undefined>;
export function guardUpgrade<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<UpgradeRequestLike> & OriginOptions,
): GuardedUpgrade<T> {
  const gate = createUpgradeGate<T, UpgradeRequestLike>(verifier, options);
  return async (request) => {
    const { access, rejection } = await gate(request, webPath(request));
    if (rejection !== undefined) {
      if (rejection.isFault) console.error(rejection.error);
      // A hook that calls this one cannot go on by mistake.
      throw toResponse(rejection);
    }
    const context = { access: access as T };
    // crossws 0.3 keeps the context of the request, 0.4 takes the one that a hook returns.
    if (request.context) Object.assign(request.context, context);
    return { context };
  };
}
