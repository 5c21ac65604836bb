import type { AccessOptions, PrivateOptions, RequestVerifier } from "./gate.ts";
import { createUpgradeGate, type OriginOptions } from "./origins.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

/** The used part of an upgrade request: a web request, or the similar object of crossws. */
export interface UpgradeRequestLike {
  readonly url: string;
  readonly headers: Headers;
  readonly context?: object | undefined;
}

/** The result of the hook. The other hooks find its context at `peer.context`. */
export type UpgradeAdmission<T> = { context: { access: T }; headers?: never };

/** The hook `upgrade` of crossws. */
export type GuardedUpgrade<T> = (request: UpgradeRequestLike) => Promise<UpgradeAdmission<T>>;

/**
 * Creates the hook `upgrade` for WebSocket handlers of h3 1 and 2, Nitro, Nuxt and crossws. The other
 * hooks find the verified token at `peer.context.access`. To refuse an upgrade, it throws a `Response`, as
 * crossws expects. If your own `check` throws, the error is logged and the answer is 500.
 *
 * Browsers send the cookie from the pages of every site, so give your own origins in `origins`. The token is
 * not verified again on this connection, so close it at `access.payload.exp`.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { defineWebSocketHandler } from "h3";
 * import { createVerifier } from "postern";
 * import { guardUpgrade } from "postern/h3";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
      // Thrown, so that a hook that calls this one cannot continue by mistake.
      throw toResponse(rejection);
    }
    const context = { access: access as T };
    // crossws 0.3 uses the context of the request, and 0.4 the one that the hook returns.
    if (request.context) Object.assign(request.context, context);
    return { context };
  };
}
