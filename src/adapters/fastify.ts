/**
 * Guards a context of a Fastify application.
 *
 * @module postern/fastify
 */

import type { IncomingMessage } from "node:http";
import { readOptions } from "../caller-mistakes.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { nodePath } from "./public-paths.ts";
import { toError } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** Options of the plugin. */
export interface AccessPluginOptions<T = unknown> extends AccessOptions<IncomingMessage> {
  verifier: RequestVerifier<T>;
}

/** Options of Fastify's own `register`. */
interface FastifyOwnOptions {
  prefix?: unknown;
  logLevel?: unknown;
  logSerializers?: unknown;
}

/** The part of a Fastify request that is used. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly originalUrl?: string;
}

/** The part of a Fastify instance that is used. */
export interface FastifyLike {
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string, value: null): unknown;
  addHook(name: "onRequest", hook: (request: FastifyRequestLike) => Promise<void>): unknown;
}

/**
 * A plugin for Fastify 4 and 5. `app.register(accessPlugin, { verifier })` guards the context where it is
 * registered and its child contexts, and puts the verified token at `request.access`. To refuse, it throws
 * an error with `statusCode` and `headers`, which Fastify's own error handler answers. An exception from
 * your own `check` is thrown unchanged.
 *
 * @throws {TypeError} (rejects) during registration, when an option is wrong
 *
 * @example
 * ```ts
 * import Fastify from "fastify";
 * import { createVerifier } from "postern";
 * import { accessPlugin } from "postern/fastify";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * const app = Fastify();
 * app.register(accessPlugin, { verifier });
 * ```
 */
export const accessPlugin: AccessPlugin = Object.assign(guardContext, {
  // The same marks as fastify-plugin sets, so that the hook applies to the context that registers it.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "postern",
  [Symbol.for("plugin-meta")]: { name: "postern", fastify: "4.x || 5.x" },
});

/** A Fastify plugin that is not encapsulated: it guards the whole context where it is registered. */
export type AccessPlugin = <T>(app: FastifyLike, options: AccessPluginOptions<T>) => Promise<void>;

async function guardContext<T>(app: FastifyLike, given: AccessPluginOptions<T>): Promise<void> {
  // Fastify also passes its own options to the plugin.
  const names = [...ACCESS_OPTIONS, "verifier", "prefix", "logLevel", "logSerializers"] as const;
  const {
    verifier,
    prefix: _prefix,
    logLevel: _logLevel,
    logSerializers: _logSerializers,
    ...options
  } = readOptions<AccessPluginOptions<T> & FastifyOwnOptions>(given, names);
  const gate = createGate<T, IncomingMessage>(verifier, options);
  // A child context may register it again, for example with a narrower audience.
  if (!app.hasRequestDecorator("access")) app.decorateRequest("access", null);
  app.addHook("onRequest", async (request) => {
    const { raw, originalUrl = raw.url } = request;
    const { access, rejection } = await gate(raw, nodePath({ originalUrl }));
    if (rejection !== undefined) throw toError(rejection);
    Object.assign(request, { access: access ?? null });
  });
}
