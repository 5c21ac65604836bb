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

/** A request of Express, Connect, Polka or Node itself. */
export interface GuardedRequest<T = unknown> extends IncomingMessage {
  originalUrl?: string;
  /** The verified token. */
  access?: T | undefined;
}

/** What the guard of an Express application can be told. */
export interface ExpressOptions extends AccessOptions<IncomingMessage> {
  /**
   * Answers itself, or hands an error with `status` and `headers` to `next`: an error handler that then
   * calls `next()` lets the request go on, to routes without a guard. `"response"`
   */
  refuseWith?: "response" | "next" | undefined;
}

/** Middleware of Connect's kind. */
export type NodeMiddleware<T> = (
  request: GuardedRequest<T>,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Middleware for Express 4.16 and later, 5, Connect, Polka and whatever else takes `(req, res, next)`: puts the
 * verified token at `req.access`. An exception of your own `check` is answered 500 and logged, not
 * passed on: an error handler might go on to the routes.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/express";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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
    // Socket.IO has its middleware decide about upgrades as well, and listens for no error meanwhile.
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
    // Another time limit may have answered while the keys were waited for.
    if (!response.headersSent) respond(response, rejection);
  };
}
