import { createError } from "h3";
import { member } from "../own.ts";
import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import type { NodeHeaders } from "./headers.ts";
import { type NodeTarget, nodePath, webPath } from "./public-paths.ts";
import { type Rejection, toResponse } from "./rejection.ts";

/** The part of a Node request that is used. */
export interface NodeRequestLike extends NodeTarget {
  readonly method?: string | undefined;
  readonly headers: NodeHeaders;
}

/** The part of an event that is used. `req` is a web request in h3 2 and a Node request in h3 1. */
export interface H3EventLike {
  readonly context: object;
  readonly req: Request | NodeRequestLike;
  /** In h3 2 it has headers, and in h3 1 it is Node's response. */
  readonly res?: object | undefined;
  readonly node?: { readonly req: NodeTarget; readonly res?: ResponseLike | undefined } | undefined;
  waitUntil?(promise: Promise<unknown>): void;
}

interface PreparedHeaders {
  set(name: string, value: string): void;
}

interface ResponseLike {
  setHeader(name: string, value: string): unknown;
}

/**
 * Creates middleware for h3 1 and 2. It puts the verified token at `event.context.access` and refuses with
 * `createError`. An exception from your own `check` is thrown unchanged. In Nitro and Nuxt route rules run
 * before middleware, so use `accessPlugin`. In h3 1 WebSockets run no middleware, so use `guardUpgrade`.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { H3 } from "h3";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/h3";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * const app = new H3().use(requireAccess(verifier));
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request | NodeRequestLike>,
): (event: H3EventLike) => Promise<void> {
  const gate = createGate<T, Request | NodeRequestLike>(verifier, options);
  return async (event) => {
    const { req, node } = event;
    // On Node a mounted app also changes the URL of the web request, because they share one object.
    const path = node === undefined ? webPath(req) : nodePath(node.req);
    const waitUntil = (promise: Promise<unknown>): void => event.waitUntil?.(promise);
    const { access, rejection } = await gate(req, path, waitUntil);
    if (rejection !== undefined) throw refusal(event, rejection);
    Object.assign(event.context, { access });
  };
}

/** The property where crossws looks for the hooks of a WebSocket request. */
const SOCKET_HOOKS = Symbol.for("crossws.hooks");

function refusal(event: H3EventLike, rejection: Rejection): Error {
  const { status, title, headers, error, isFault } = rejection;
  // After an error, Nitro 3 would open a socket without hooks. This hook refuses it.
  Object.assign(event.req, { [SOCKET_HOOKS]: { upgrade: () => toResponse(rejection) } });
  if (isFault) return error;
  // h3 2 reads the headers from the error, Nitro 3 from the prepared ones, h3 1 from Node's response.
  const prepared = event.res && (member(event.res, "headers") as PreparedHeaders | undefined);
  for (const [name, value] of Object.entries(headers)) {
    if (prepared) prepared.set(name, value);
    else event.node?.res?.setHeader(name, value);
  }
  return createError({
    status,
    statusCode: status,
    statusText: title,
    statusMessage: title,
    message: title,
    headers,
    cause: error,
  });
}
