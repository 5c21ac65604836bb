import { defineEventHandler } from "h3";
import { mistake } from "../caller-mistakes.ts";
import { guardUpgrade, type UpgradeRequestLike } from "./crossws.ts";
import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { type NodeRequestLike, requireAccess } from "./h3-middleware.ts";
import { type NodeTarget, nodePath, webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

/** A Node request in Nitro 2, a web request in Nitro 3, or a request for a WebSocket. */
export type NitroRequestLike = Request | NodeRequestLike | UpgradeRequestLike;

/**
 * Creates a plugin for Nitro 2 and 3, and Nuxt (`server/plugins/access.ts`). It guards everything that Nitro
 * answers: all routes, files, WebSockets, and route rules such as `proxy`, which run before middleware. The
 * verified token is at `event.context.access`. In Nitro 2, the hooks of a WebSocket find it at
 * `peer.context.access`.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { accessPlugin } from "postern/h3";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * export default accessPlugin(verifier);
 * ```
 */
export function accessPlugin<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<NitroRequestLike>,
): (nitroApp: object) => void {
  const guardNitro2 = forNitro2(verifier, options);
  const guardNitro3 = forNitro3(verifier, options);
  return (nitroApp) => {
    if (isNitro2(nitroApp)) guardNitro2(nitroApp);
    else if (isNitro3(nitroApp)) guardNitro3(nitroApp);
    else throw mistake("nitroApp", "an application of Nitro 2 or 3", nitroApp);
  };
}

interface Nitro2 {
  readonly h3App: {
    use(handler: unknown): unknown;
    readonly stack: unknown[];
    readonly options: { websocket?: { hooks?: { upgrade?: UpgradeHook } } };
  };
}

type UpgradeHook = (request: UpgradeRequestLike) => unknown;

function isNitro2(app: object): app is Nitro2 {
  return Array.isArray((app as Partial<Nitro2>).h3App?.stack);
}

function forNitro2<T>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<NitroRequestLike> | undefined,
): (app: Nitro2) => void {
  const middleware = requireAccess(verifier, options);
  const guard = guardUpgrade(verifier, options ?? {});
  return ({ h3App }) => {
    h3App.use(defineEventHandler(middleware));
    // It must be the first layer, before Nitro's layer for route rules.
    h3App.stack.unshift(h3App.stack.pop());
    const { websocket } = h3App.options;
    const upgrade: UpgradeHook = async (request) => {
      const admission = await guard(request);
      return (await websocket?.hooks?.upgrade?.(request)) ?? admission;
    };
    // crossws runs these hooks before those of a route, which cannot undo an exception.
    h3App.options.websocket = { ...websocket, hooks: { ...websocket?.hooks, upgrade } };
  };
}

interface Nitro3 {
  fetch(input: unknown, init?: RequestInit, context?: object): Response | Promise<Response>;
}

/** A request with the members that a server adds. */
interface ServerRequest extends Request {
  context?: object | undefined;
  readonly runtime?: { readonly node?: { readonly req?: NodeTarget } };
  waitUntil?(promise: Promise<unknown>): void;
}

function isNitro3(app: object): app is Nitro3 {
  return typeof (app as Partial<Nitro3>).fetch === "function";
}

function forNitro3<T>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<NitroRequestLike> | undefined,
): (app: Nitro3) => void {
  const gate = createGate<T, NitroRequestLike>(verifier, options);
  return (app) => {
    const { fetch } = app;
    app.fetch = async (input, init, context) => {
      const request: ServerRequest = toRequest(input, init);
      const { req: target } = request.runtime?.node ?? {};
      const path = target === undefined ? webPath(request) : nodePath(target);
      const waitUntil = (promise: Promise<unknown>): void => request.waitUntil?.(promise);
      const { access, rejection } = await gate(request, path, waitUntil);
      if (rejection === undefined) {
        request.context = { ...request.context, ...context, access };
        return fetch(request);
      }
      if (rejection.isFault) console.error(rejection.error);
      // For an upgrade Nitro reads hooks from the response. Without hooks it would open the socket.
      const crossws = { upgrade: () => toResponse(rejection) };
      return Object.assign(toResponse(rejection), { crossws });
    };
  };
}

/** The application's own code may call `fetch` with only a path. */
function toRequest(input: unknown, init: RequestInit | undefined): Request {
  if (typeof input === "string") return new Request(new URL(input, "http://localhost"), init);
  return init === undefined ? (input as Request) : new Request(input as Request, init);
}
