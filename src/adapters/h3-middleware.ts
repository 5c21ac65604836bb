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

/** The part of an event that is used: the request of h3 2 is the web's, that of h3 1 Node's. */
export interface H3EventLike {
  readonly context: object;
  readonly req: Request | NodeRequestLike;
  /** That of h3 2 has headers; that of h3 1 is Node's. */
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
 * Middleware for h3 1 and 2: puts the verified token at `event.context.access`, refuses with
 * `createError`; an exception of your own `check` is thrown as it is. In Nitro and Nuxt, where route
 * rules run before any middleware, use `accessPlugin`. With h3 1 a WebSocket runs no middleware: use
 * `guardUpgrade`.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { H3 } from "h3";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/h3";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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
    // On Node a mounted app rewrites the URL of the web request as well, whose object it shares.
    const path = node === undefined ? webPath(req) : nodePath(node.req);
    const waitUntil = (promise: Promise<unknown>): void => event.waitUntil?.(promise);
    const { access, rejection } = await gate(req, path, waitUntil);
    if (rejection !== undefined) throw refusal(event, rejection);
    Object.assign(event.context, { access });
  };
}

/** Where crossws looks for the hooks of a request that asks for a WebSocket. */
const SOCKET_HOOKS = Symbol.for("crossws.hooks");

function refusal(event: H3EventLike, rejection: Rejection): Error {
  const { status, title, headers, error, isFault } = rejection;
  // Nitro 3 opens a socket without hooks for a request that ended in an error; this one refuses it.
  Object.assign(event.req, { [SOCKET_HOOKS]: { upgrade: () => toResponse(rejection) } });
  if (isFault) return error;
  // h3 2 takes the headers from the error, Nitro 3 from what was prepared, h3 1 from Node's response.
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
