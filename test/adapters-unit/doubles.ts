import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { vi } from "vitest";
import type { AccessOptions, RequestVerifier } from "../../src/adapters/gate.ts";
import { isWaiting } from "../support/story-clock.ts";

/** What happened to a request: whether the application was reached, with what, and the answer. */
export interface Outcome {
  readonly isIn: boolean;
  readonly access?: unknown;
  readonly status?: number | undefined;
  readonly headers?: Record<string, string> | undefined;
  readonly thrown?: unknown;
}

export type Drive = (
  verifier: RequestVerifier<object>,
  options?: AccessOptions<never>,
  path?: string,
) => Promise<Outcome>;

const origin = "http://app.example";
const webRequest = (path: string): Request => new Request(`${origin}${path}`);
const nodeRequest = (path: string) => ({ headers: {}, url: path }) as never;

/** Runs an adapter. What it throws counts as an outcome too. */
async function outcome(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof Response) return { ...answered(thrown), thrown };
    const { status, headers, res } = thrown as Partial<Outcome> & { res?: Response };
    return res ? { ...answered(res), thrown } : { isIn: false, status, headers, thrown };
  }
}

function answered(response: Response): Outcome {
  const headers = Object.fromEntries(response.headers);
  return { isIn: response.status === 200, status: response.status, headers };
}

/** Every adapter, over doubles of its framework that have only what the adapter uses. */
export const DRIVES: Record<string, Drive> = {
  fetch: (verifier, options, path = "/") =>
    outcome(async () => {
      const { guard } = await import("../../src/adapters/fetch.ts");
      let access: unknown;
      const handler = guard(
        verifier,
        (_request, given, ..._rest: unknown[]) => {
          access = given;
          return new Response("in");
        },
        options as never,
      );
      return { ...answered(await handler(webRequest(path), {}, { waitUntil() {} })), access };
    }),

  pages: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/pages.ts");
      const data: Record<string, unknown> = {};
      const next = async (): Promise<Response> => new Response("in");
      const context = { request: webRequest(path), data, next, waitUntil() {} };
      const response = await requireAccess(verifier, options as never)(context);
      return { ...answered(response), access: data["access"] };
    }),

  astro: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/astro.ts");
      const locals: { access?: unknown } = {};
      const context = { request: webRequest(path), locals, isPrerendered: false };
      const guard = requireAccess(verifier, options as never);
      const response = await guard(context, async () => new Response("in"));
      return { ...answered(response), access: locals.access };
    }),

  sveltekit: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/sveltekit.ts");
      const locals: { access?: unknown } = {};
      const platform = { ctx: { waitUntil() {} } };
      const event = { request: webRequest(path), locals, platform };
      const handle = requireAccess(verifier, options as never);
      const response = await handle({ event, resolve: () => new Response("in") });
      return { ...answered(response), access: locals.access };
    }),

  "sveltekit, error()": (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/sveltekit.ts");
      const locals: { access?: unknown } = {};
      const handle = requireAccess(verifier, { ...options, refuseWith: "error" } as never);
      const event = { request: webRequest(path), locals };
      const response = await handle({ event, resolve: () => new Response("in") });
      return { ...answered(response), access: locals.access };
    }),

  next: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/next.ts");
      const response = await requireAccess(verifier, options as never)(webRequest(path));
      return response === undefined ? { isIn: true } : answered(response);
    }),

  "react-router": (verifier, options, path = "/") => routed(verifier, options, path),
  "react-router, thrown": (verifier, options, path = "/") =>
    routed(verifier, { ...options, refuseWith: "throw" } as never, path),

  hono: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/hono.ts");
      const found = new Map<string, unknown>();
      const set = (name: string, value: unknown) => found.set(name, value);
      const c = {
        req: { raw: webRequest(path) },
        set,
        get executionCtx(): never {
          throw new Error("there is none");
        },
      };
      let isIn = false;
      await requireAccess(verifier, options as never)(c as never, async () => {
        isIn = true;
      });
      return { isIn, access: found.get("access") };
    }),

  h3: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/h3.ts");
      const context: { access?: unknown } = {};
      await requireAccess(verifier, options as never)({ req: webRequest(path), context });
      return { isIn: true, access: context.access };
    }),

  "h3 1": (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/h3.ts");
      const context: { access?: unknown } = {};
      const req = nodeRequest(path);
      const res = { setHeader: vi.fn() } as never;
      await requireAccess(verifier, options as never)({ req, node: { req, res }, context });
      return { isIn: true, access: context.access };
    }),

  "h3, crossws": (verifier, options, path = "/") =>
    outcome(async () => {
      const { guardUpgrade } = await import("../../src/adapters/h3.ts");
      const hook = guardUpgrade(verifier, options as never);
      // The thrown response is the refusal.
      const admission = await hook(webRequest(path)).catch((refusal: Response) => refusal);
      if (admission instanceof Response) return answered(admission);
      return { isIn: true, access: admission.context.access };
    }),

  "h3, Nitro 2": (verifier, options, path = "/") =>
    outcome(async () => {
      const { accessPlugin } = await import("../../src/adapters/h3.ts");
      const stack: unknown[] = ["route rules"];
      const use = (handler: unknown) => stack.push(handler);
      accessPlugin(verifier, options as never)({ h3App: { use, stack, options: {} } });
      const context: { access?: unknown } = {};
      const req = nodeRequest(path);
      const [guard] = stack as [(event: object) => Promise<void>];
      await guard({ req, node: { req, res: { setHeader: vi.fn() } }, context });
      return { isIn: true, access: context.access };
    }),

  "h3, Nitro 3": (verifier, options, path = "/") =>
    outcome(async () => {
      const { accessPlugin } = await import("../../src/adapters/h3.ts");
      let access: unknown;
      const app = {
        fetch: async (request: { context?: { access?: unknown } }) => {
          access = request.context?.access;
          return new Response("in");
        },
      };
      accessPlugin(verifier, options as never)(app);
      return { ...answered(await app.fetch(webRequest(path) as never)), access };
    }),

  "elysia, plugin": (verifier, options, path = "/") =>
    outcome(async () => {
      const { accessPlugin } = await import("../../src/adapters/elysia.ts");
      const hooks: ((context: object) => Promise<unknown>)[] = [];
      const app = {
        config: {},
        onRequest: (hook: (typeof hooks)[0]) => hooks.push(hook) && app,
        resolve: (_scope: object, hook: (typeof hooks)[0]) => hooks.push(hook) && app,
      };
      accessPlugin(verifier, options as never)(app as never);
      const context = { request: webRequest(path) };
      const [decide, resolve] = hooks;
      const response = await decide?.(context);
      if (response instanceof Response) return answered(response);
      return { isIn: true, ...((await resolve?.(context)) as { access: unknown }) };
    }),

  elysia: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/elysia.ts");
      const headers: Record<string, string> = {};
      const status = (code: number) => ({ code });
      const context = { request: webRequest(path), set: { headers }, status };
      const result = await requireAccess(verifier, options as never)(context as never);
      if ("access" in (result as object)) return { isIn: true, ...(result as { access: unknown }) };
      return { isIn: false, status: (result as { code: number }).code, headers };
    }),

  express: (verifier, options, path = "/") => connected(verifier, options, path),
  "express, next": (verifier, options, path = "/") =>
    connected(verifier, { ...options, refuseWith: "next" } as never, path),

  mcp: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/mcp.ts");
      let access: unknown;
      const guard = requireAccess(verifier, options as never);
      const response = await guard(webRequest(path), (_auth, given) => {
        access = given;
        return new Response("in");
      });
      return { ...answered(response), access };
    }),

  "mcp, Node": (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/mcp.ts");
      return throughNode(requireAccess(verifier, options as never), path);
    }),

  koa: (verifier, options, path = "/") =>
    outcome(async () => {
      const { requireAccess } = await import("../../src/adapters/koa.ts");
      const state: { access?: unknown } = {};
      const fail = (status: number, message: string, properties: object): never => {
        throw Object.assign(new Error(message), { status, ...properties });
      };
      const ctx = { req: nodeRequest(path), originalUrl: path, state, throw: fail };
      let isIn = false;
      await requireAccess(verifier, options as never)(ctx, async () => {
        isIn = true;
      });
      return { isIn, access: state.access };
    }),

  fastify: (verifier, options, path = "/") =>
    outcome(async () => {
      const { accessPlugin } = await import("../../src/adapters/fastify.ts");
      let hook: ((request: object) => Promise<void>) | undefined;
      const app = {
        hasRequestDecorator: () => false,
        decorateRequest: vi.fn(),
        addHook: (_name: string, given: typeof hook) => {
          hook = given;
        },
      };
      const given = Object.assign(Object.create(options ?? {}), { verifier });
      await accessPlugin(app as never, given);
      const request: { access?: unknown; raw: unknown } = { raw: nodeRequest(path) };
      await hook?.(request);
      return { isIn: true, access: request.access ?? undefined };
    }),

  nest: (verifier, options, path = "/") => nested(verifier, options, path, "http"),
  "nest, GraphQL": (verifier, options, path = "/") => nested(verifier, options, path, "graphql"),

  upgrade: (verifier, options, path = "/") =>
    outcome(async () => {
      const { verifyUpgrade } = await import("../../src/adapters/upgrade.ts");
      const socket = new PassThrough();
      const request: { access?: unknown } = nodeRequest(path);
      const isIn = await verifyUpgrade(verifier, options as never)(request as never, socket);
      if (isIn) return { isIn, access: request.access };
      const [head = ""] = String(socket.read()).split("\r\n\r\n");
      const [line = "", ...fields] = head.split("\r\n");
      const headers = Object.fromEntries(fields.map((field) => field.split(": ")));
      return { isIn, status: Number(line.split(" ")[1]), headers };
    }),

  "upgrade, verifyClient": (verifier, options, path = "/") =>
    outcome(async () => {
      const { verifyClient } = await import("../../src/adapters/upgrade.ts");
      const req: { access?: unknown } = nodeRequest(path);
      let answered: Outcome = { isIn: false };
      await verifyClient(verifier, options as never)(
        { req: req as never },
        (isIn, status, _, headers) => {
          answered = { isIn, access: req.access, status, headers };
        },
      );
      return answered;
    }),
};

async function routed(
  verifier: RequestVerifier<object>,
  options: AccessOptions<never> | undefined,
  path: string,
): Promise<Outcome> {
  return outcome(async () => {
    const { requireAccess } = await import("../../src/adapters/react-router.ts");
    const found = new Map<object, unknown>();
    const context = { get: (key: object) => found.get(key), set: found.set.bind(found) };
    const guard = requireAccess(verifier, options as never);
    const args = { request: webRequest(path), context } as never;
    const response = await guard(args, async () => new Response("in"));
    return { ...answered(response), access: [...found.values()][0] ?? undefined };
  });
}

function connected(
  verifier: RequestVerifier<object>,
  options: AccessOptions<never> | undefined,
  path: string,
): Promise<Outcome> {
  return outcome(async () => {
    const { requireAccess } = await import("../../src/adapters/express.ts");
    return throughNode(requireAccess(verifier, options as never), path);
  });
}

/** Middleware in Connect's style, over doubles of Node's request and response. */
async function throughNode(
  middleware: (request: never, response: never, next: (error?: unknown) => void) => Promise<void>,
  path: string,
): Promise<Outcome> {
  const request: { access?: unknown } = nodeRequest(path);
  const headers: Record<string, string> = {};
  const response = new EventEmitter() as unknown as Record<string, unknown>;
  response["setHeader"] = (name: string, value: string) => {
    headers[name] = value;
  };
  response["end"] = vi.fn();
  let isIn = false;
  let thrown: unknown;
  await middleware(request as never, response as never, (...given) => {
    // Connect goes on when next is called with nothing or with "route".
    if (given.length === 0 || !(given[0] instanceof Error)) isIn = true;
    else thrown = given[0];
  });
  if (isIn) return { isIn, access: request.access };
  if (thrown !== undefined) throw thrown;
  return { isIn, status: response["statusCode"] as number, headers };
}

function nested(
  verifier: RequestVerifier<object>,
  options: AccessOptions<never> | undefined,
  path: string,
  type: string,
): Promise<Outcome> {
  return outcome(async () => {
    const { AccessGuard } = await import("../../src/adapters/nest.ts");
    const request: { access?: unknown } = nodeRequest(path);
    const context = nestContext(type, request);
    const isIn = await new AccessGuard(verifier, options as never).canActivate(context as never);
    return { isIn, access: request.access };
  });
}

/** What GraphQL tells a resolver about its field. */
export const resolveInfo: object = { fieldNodes: [], schema: {}, operation: {} };

/**
 * A context of Nest, with a handler and a class without metadata; `args` are the handler's
 * arguments.
 */
export function nestContext(
  type: string,
  request: object,
  response: object = {},
  args: unknown[] = [undefined, {}, { req: request }, resolveInfo],
): object {
  const handler = (): void => {};
  return {
    getType: () => type,
    getHandler: () => handler,
    getClass: () => class {},
    getArgs: () => args,
    getArgByIndex: (index: number) => args[index],
    switchToHttp: () => ({ getRequest: () => request, getResponse: () => response }),
  };
}

/** What a function tells its callback. Fails at once when it tells nothing. */
export async function saidBy(
  ask: (done: (...said: unknown[]) => void) => unknown,
): Promise<unknown[]> {
  const answer = new Promise<unknown[]>((resolve) => ask((...said) => resolve(said)));
  if (await isWaiting(answer)) throw new Error("the callback was not called");
  return answer;
}
