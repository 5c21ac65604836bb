/**
 * Guards h3, Nitro and Nuxt.
 *
 * @module postern/h3
 */

import type { IncomingMessage } from "node:http";
import { createError } from "h3";
import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { type NodeTarget, nodePath, webPath } from "./public-paths.ts";
import type { Rejection } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The part of an event that is used: the request of h3 2 is the web's, that of h3 1 Node's. */
export interface H3EventLike {
  readonly context: object;
  readonly req: Request | IncomingMessage;
  readonly res?: { readonly headers?: { set(name: string, value: string): void } } | undefined;
  readonly node?: { readonly req: NodeTarget; readonly res?: ResponseLike | undefined } | undefined;
  waitUntil?(promise: Promise<unknown>): void;
}

interface ResponseLike {
  setHeader(name: string, value: string): unknown;
}

/**
 * Middleware for h3 1 and 2, Nitro and Nuxt (`server/middleware/access.ts`): puts the verified token at
 * `event.context.access`, refuses with `createError`; an exception of your own `check` is thrown as it
 * is.
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
  options?: AccessOptions<Request | IncomingMessage>,
): (event: H3EventLike) => Promise<void> {
  const gate = createGate<T, Request | IncomingMessage>(verifier, options);
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

function refusal(event: H3EventLike, { status, title, headers, error, isFault }: Rejection): Error {
  if (isFault) return error;
  // h3 2 takes the headers from the error, Nitro 3 from what was prepared, h3 1 from Node's response.
  const prepared = event.res?.headers;
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
