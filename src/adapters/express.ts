/**
 * Guards Express, Connect, Polka and Node's own server.
 *
 * @module postern/express
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { mistake, readOptions } from "../caller-mistakes.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { holdErrors } from "./hold-errors.ts";
import { respond } from "./node-response.ts";
import { nodePath } from "./public-paths.ts";
import { toError } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** A request of Express, Connect, Polka or Node. */
export interface GuardedRequest<T = unknown> extends IncomingMessage {
  originalUrl?: string;
  /** The verified token. */
  access?: T | undefined;
}

/** Options of the guard for Express. */
export interface ExpressOptions extends AccessOptions<IncomingMessage> {
  /**
   * `"response"` answers a refused request. `"next"` passes an error with `status` and `headers` to `next`.
   * If your error handler then calls `next()`, the refused request reaches your routes.
   *
   * @defaultValue `"response"`
   */
  refuseWith?: "response" | "next" | undefined;
}

/** Middleware for Connect. */
export type NodeMiddleware<T> = (
  request: GuardedRequest<T>,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Creates middleware for Express 4.16 and later, 5, Connect, Polka and other frameworks with
 * `(req, res, next)`. It puts the verified token at `req.access`. If your own `check` throws, the error is
 * logged and the answer is 500. It is not passed to `next`, because an error handler might continue to the
 * routes.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/express";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 * const guard = requireAccess(verifier);
 *
 * createServer((request, response) => guard(request, response, () => response.end("hello")));
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options: ExpressOptions = {},
): NodeMiddleware<T> {
  const names = [...ACCESS_OPTIONS, "refuseWith"] as const;
  const { refuseWith = "response", ...shared } = readOptions<ExpressOptions>(options, names);
  const gate = createGate<T, IncomingMessage>(verifier, shared);
  if (refuseWith !== "response" && refuseWith !== "next") {
    throw mistake("refuseWith", '"response" or "next"', refuseWith);
  }
  return async (request, response, next) => {
    // Socket.IO also runs middleware for upgrades, and has no error listener during that time.
    const isUpgrade = request.headers?.upgrade !== undefined && request.socket !== undefined;
    const letGo = isUpgrade ? holdErrors(request.socket) : undefined;
    const { access, rejection } = await gate(request, nodePath(request));
    request.access = access;
    if (rejection === undefined) {
      letGo?.();
      return next();
    }
    if (refuseWith === "next") return next(toError(rejection));
    if (rejection.isFault) console.error(rejection.error);
    // A time limit of the application may have answered while this waited for the keys.
    if (!response.headersSent) respond(response, rejection);
  };
}
