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

/** What the plugin is registered with. */
export interface AccessPluginOptions<T = unknown> extends AccessOptions<IncomingMessage> {
  verifier: RequestVerifier<T>;
}

/** What Fastify's own `register` takes as well. */
interface FastifyOwnOptions {
  prefix?: unknown;
  logLevel?: unknown;
  logSerializers?: unknown;
}

/** The part of a Fastify request that is read, and written. */
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
 * A plugin for Fastify 4 and 5: `app.register(accessPlugin, { verifier })` guards the context that it
 * is registered in and those within, and puts the verified token at `request.access`. It throws an
 * error with `statusCode` and `headers`, which Fastify's own error handler answers; an exception of
 * your own `check` is thrown as it is.
 *
 * @throws {TypeError} (rejects) while it is registered, for an option that is wrong
 *
 * @example
 * ```ts
 * import Fastify from "fastify";
 * import { createVerifier } from "postern";
 * import { accessPlugin } from "postern/fastify";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * const app = Fastify();
 * app.register(accessPlugin, { verifier });
 * ```
 */
export const accessPlugin: AccessPlugin = Object.assign(guardContext, {
  // What fastify-plugin sets: the hook is for the context that registers it, not for a child of its own.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "postern",
  [Symbol.for("plugin-meta")]: { name: "postern", fastify: "4.x || 5.x" },
});

/** A Fastify plugin that is not encapsulated: it guards the whole context that it is registered in. */
export type AccessPlugin = <T>(app: FastifyLike, options: AccessPluginOptions<T>) => Promise<void>;

async function guardContext<T>(app: FastifyLike, given: AccessPluginOptions<T>): Promise<void> {
  // Fastify hands its own options for a plugin to the plugin as well.
  const names = [...ACCESS_OPTIONS, "verifier", "prefix", "logLevel", "logSerializers"] as const;
  const {
    verifier,
    prefix: _prefix,
    logLevel: _logLevel,
    logSerializers: _logSerializers,
    ...options
  } = readOptions<AccessPluginOptions<T> & FastifyOwnOptions>(given, names);
  const gate = createGate<T, IncomingMessage>(verifier, options);
  // One verifier can be narrowed again in a context within.
  if (!app.hasRequestDecorator("access")) app.decorateRequest("access", null);
  app.addHook("onRequest", async (request) => {
    const { raw, originalUrl = raw.url } = request;
    const { access, rejection } = await gate(raw, nodePath({ originalUrl }));
    if (rejection !== undefined) throw toError(rejection);
    Object.assign(request, { access: access ?? null });
  });
}
