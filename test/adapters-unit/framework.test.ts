import { EventEmitter } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { requireAccess as requireAstro } from "../../src/adapters/astro.ts";
import {
  accessPlugin as elysiaPlugin,
  requireAccess as requireElysia,
} from "../../src/adapters/elysia.ts";
import { requireAccess as requireExpress } from "../../src/adapters/express.ts";
import { accessPlugin as fastifyPlugin } from "../../src/adapters/fastify.ts";
import { guardUpgrade, requireAccess as requireH3 } from "../../src/adapters/h3.ts";
import { requireAccess as requireHono } from "../../src/adapters/hono.ts";
import { requireAccess as requireKoa } from "../../src/adapters/koa.ts";
import { AccessGuard } from "../../src/adapters/nest.ts";
import { getAccess, requireAccess as requireNext } from "../../src/adapters/next.ts";
import {
  accessContext,
  getAccess as getRouted,
  requireAccess as requireReactRouter,
} from "../../src/adapters/react-router.ts";
import { TokenError } from "../../src/errors.ts";
import { nestContext } from "./doubles.ts";

vi.mock("h3", () => ({
  createError: (details: object) => Object.assign(new Error(), { details }),
  defineEventHandler: (handler: unknown) => handler,
}));
vi.mock("hono/http-exception", () => ({
  HTTPException: class {
    readonly status: number;
    readonly details: object;
    constructor(status: number, details: object) {
      this.status = status;
      this.details = details;
    }
  },
}));
vi.mock("@nestjs/common", () => import("./nest-common.ts"));

const granted = { payload: { sub: "ada" } };
const yes = { verifyRequest: async (_request: unknown) => granted };
const reason = new TokenError("token_missing");
const no = { verifyRequest: () => Promise.reject(reason) };
const HEADERS = {
  "cache-control": "no-store",
  "www-authenticate": 'Bearer realm="Cloudflare Access"',
};
const request = (path = "/"): Request => new Request(`http://app.example${path}`);
const thrownBy = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => expect.unreachable(),
    (thrown) => thrown,
  );

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a refusal", () => {
  it("is an HTTPException with its own response in Hono", async () => {
    const c = { req: { raw: request() }, set: vi.fn() } as never;
    const thrown = await thrownBy(() => requireHono(no)(c, vi.fn()));
    expect(thrown).toMatchObject({
      status: 401,
      details: { message: "Unauthorized", cause: reason },
    });
    const { res } = (thrown as { details: { res: Response } }).details;
    expect([res.status, await res.text()]).toEqual([401, "Unauthorized\n"]);
  });

  it("is an error with every name for status and message in h3", async () => {
    const thrown = await thrownBy(() => requireH3(no)({ req: request(), context: {} }));
    expect((thrown as { details: object }).details).toEqual({
      status: 401,
      statusCode: 401,
      statusText: "Unauthorized",
      statusMessage: "Unauthorized",
      message: "Unauthorized",
      headers: HEADERS,
      cause: reason,
    });
  });

  it("sets the headers of Node's response in h3 1, whose res is that response", async () => {
    const res = { setHeader: vi.fn() };
    const req = { headers: {}, url: "/" };
    await thrownBy(() => requireH3(no)({ req, res, node: { req, res }, context: {} }));
    expect(res.setHeader.mock.calls).toEqual(Object.entries(HEADERS));
    // Without a response, only the error has them.
    const thrown = await thrownBy(() => requireH3(no)({ req, node: { req }, context: {} }));
    expect(thrown).toHaveProperty("details.headers", HEADERS);
  });

  it("leaves Node's response alone in h3 2, which has prepared headers", async () => {
    const prepared = new Headers();
    const setHeader = vi.fn();
    const event = {
      req: request(),
      res: { headers: prepared },
      node: { req: { url: "/" }, res: { setHeader } },
      context: {},
    };
    await thrownBy(() => requireH3(no)(event));
    expect(Object.fromEntries(prepared)).toEqual(HEADERS);
    expect(setHeader).not.toHaveBeenCalled();
  });

  it("depends in h3 on the path that Node received, because a mounted app changes the URL", async () => {
    const guard = requireH3(no, { publicPaths: ["/public"] });
    const at = (url: string, target: string) =>
      guard({ req: request(url), node: { req: { url: target } }, context: {} });
    await expect(at("/admin", "/public")).resolves.toBe(undefined);
    await thrownBy(() => at("/public", "/admin"));
  });

  it("is thrown by the context in Koa, with a message for the client", async () => {
    const stop = new Error("thrown by Koa");
    const fail = vi.fn(() => {
      throw stop;
    });
    const req = { headers: {}, url: "/" } as never;
    const ctx = { req, originalUrl: "/", state: {}, throw: fail as never };
    const next = vi.fn();
    expect(await thrownBy(() => requireKoa(no)(ctx, next))).toBe(stop);
    const properties = { headers: HEADERS, expose: true, cause: reason };
    expect(fail.mock.calls).toEqual([[401, "Unauthorized", properties]]);
    expect(next).not.toHaveBeenCalled();
  });

  it("is an HttpException with a body for the client in Nest", async () => {
    const header = vi.fn();
    const context = nestContext("http", { headers: {}, url: "/" }, { header });
    const thrown = await thrownBy(() => new AccessGuard(no).canActivate(context as never));
    expect(thrown).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: "Unauthorized" },
      cause: reason,
    });
    expect(header.mock.calls).toEqual(Object.entries(HEADERS));
  });

  it("is what status() returns in Elysia, with its headers", async () => {
    const headers: Record<string, string> = { "x-own": "1" };
    const status = vi.fn(() => "refused");
    const context = { request: request(), set: { headers }, status };
    expect(await requireElysia(no)(context)).toBe("refused");
    expect(status.mock.calls).toEqual([[401, "Unauthorized\n"]]);
    expect(headers).toEqual({
      "x-own": "1",
      ...HEADERS,
      "content-type": "text/plain; charset=utf-8",
    });
  });

  it("is a 401 with its headers for a loader of React Router", async () => {
    const context = { get: () => accessContext.defaultValue, set() {} } as never;
    const thrown: Response = await thrownBy(async () => getRouted(context)).then(
      (it) => it as never,
    );
    expect(thrown.status).toBe(401);
    expect(Object.fromEntries(thrown.headers)).toMatchObject(HEADERS);
  });
});

describe("the token of an accepted request", () => {
  it("is null in Fastify and React Router when no token is needed", async () => {
    const set = vi.fn();
    const guard = requireReactRouter(no, { publicPaths: ["/public"] });
    const args = { request: request("/public"), context: { get: vi.fn(), set } } as never;
    await guard(args, async () => new Response("in"));
    expect(set.mock.calls).toEqual([[accessContext, null]]);
    expect(accessContext).toEqual({ defaultValue: null });

    const { hook } = await fastify({ verifier: no, publicPaths: ["/public"] });
    const asked = { raw: { headers: {}, url: "/public" }, access: granted };
    await hook(asked);
    expect(asked.access).toBe(null);
  });

  it("replaces what was at its place, for a refused request too", async () => {
    const asked = { headers: {}, url: "/", access: "forged" };
    const next = vi.fn();
    await requireExpress(no, { refuseWith: "next" })(asked as never, {} as never, next);
    expect(next.mock.calls[0]?.[0]).toBeInstanceOf(Error);
    expect(asked.access).toBe(undefined);
  });
});

describe("Fastify", () => {
  it("gets a decorator and a hook before parsing", async () => {
    const { app } = await fastify({ verifier: yes });
    expect(app.hasRequestDecorator).toHaveBeenCalledWith("access");
    expect(app.decorateRequest.mock.calls).toEqual([["access", null]]);
    expect(app.addHook).toHaveBeenCalledWith("onRequest", expect.any(Function));
    const facts = fastifyPlugin as unknown as Record<symbol, unknown>;
    expect(facts[Symbol.for("fastify.display-name")]).toBe("postern");
    expect(facts[Symbol.for("plugin-meta")]).toEqual({ name: "postern", fastify: "4.x || 5.x" });
  });

  it("may pass its own options, and no others", async () => {
    const own = { prefix: "/api", logLevel: "warn", logSerializers: {} };
    await expect(fastify({ verifier: yes, ...own })).resolves.toBeDefined();
    await expect(fastify({ verifier: yes, audiences: [] })).rejects.toThrow(TypeError);
    await expect(fastify({})).rejects.toThrow(/^verifier must be /);
  });

  it("is guarded by the path that the client sent, before rewriteUrl", async () => {
    const { hook } = await fastify({ verifier: no, publicPaths: ["/public"] });
    const raw = { headers: {}, url: "/public" };
    await expect(hook({ raw, originalUrl: "/admin" })).rejects.toMatchObject({ statusCode: 401 });
    await expect(hook({ raw: { ...raw, url: "/admin" }, originalUrl: "/public" })).resolves.toBe(
      undefined,
    );
  });
});

/** Registers the plugin. */
async function fastify(options: object) {
  const app = { hasRequestDecorator: vi.fn(), decorateRequest: vi.fn(), addHook: vi.fn() };
  await fastifyPlugin(app as never, options as never);
  const hook: (request: object) => Promise<void> = app.addHook.mock.calls[0]?.[1];
  return { app, hook };
}

describe("Elysia", () => {
  it("gets the token of the plugin in every instance, and the options in both hooks", async () => {
    const resolve = vi.fn();
    const app = { config: {}, onRequest: () => ({ resolve }) };
    elysiaPlugin(no, { publicPaths: ["/public"] })(app as never);
    const [scope, hook] = resolve.mock.calls[0] ?? [];
    expect(scope).toEqual({ as: "global" });
    const context = { request: request("/public"), set: { headers: {} }, status: vi.fn() };
    expect(await hook(context)).toEqual({ access: undefined });
  });

  it("answers in the body that the client prefers", async () => {
    const asked = new Request("http://app.example/", { headers: { accept: "application/json" } });
    const headers: Record<string, string> = {};
    await requireElysia(no)({ request: asked, set: { headers }, status: vi.fn() });
    expect(headers["content-type"]).toBe("application/problem+json");
  });
});

describe("Astro", () => {
  it("reads no header of a request of the build", async () => {
    const verifyRequest = vi.fn(yes.verifyRequest);
    const asked = new Request("http://localhost/", { headers: { "cf-access-token": "x" } });
    const context = { request: asked, locals: {}, isPrerendered: true };
    await requireAstro({ verifyRequest })(context, async () => new Response("in"));
    const verified = verifyRequest.mock.calls[0]?.[0] as Request;
    expect([...verified.headers]).toEqual([]);
    await requireAstro({ verifyRequest })({ ...context, isPrerendered: false }, vi.fn());
    expect(verifyRequest.mock.calls[1]?.[0]).toBe(asked);
  });

  it("says how to mend a build, and passes on a fault", async () => {
    const context = { request: request("/admin"), locals: {}, isPrerendered: true };
    await expect(requireAstro(no)(context, vi.fn())).rejects.toThrow(
      "/admin is prerendered, so it cannot be guarded: set prerender = false, or add it to publicPaths",
    );
  });
});

describe("Next.js", () => {
  it("verifies the request itself, or the headers when it gets only these", async () => {
    const verifyRequest = vi.fn(yes.verifyRequest);
    const asked = request();
    await getAccess({ verifyRequest }, asked);
    expect(verifyRequest.mock.calls[0]?.[0]).toBe(asked);
    const headers = new Headers({ "x-own": "1" });
    await getAccess({ verifyRequest }, headers);
    expect(verifyRequest.mock.calls[1]?.[0]).toEqual({ headers });
  });

  it("answers a refusal in a route handler with its headers", async () => {
    expect(await getAccess(no, request(), { optional: true })).not.toHaveProperty("access");
    const { response } = await getAccess(no, request());
    expect(Object.fromEntries(response?.headers ?? [])).toMatchObject(HEADERS);
    expect(await requireNext(yes)(request())).toBe(undefined);
  });
});

describe("Express", () => {
  it("reads the path before a mounted router removed a part of it", async () => {
    const next = vi.fn();
    const asked = { headers: {}, url: "/public", originalUrl: "/admin/public" };
    const response = { setHeader: vi.fn(), end: vi.fn() };
    const guard = requireExpress(no, { publicPaths: ["/public"] });
    await guard(asked as never, response as never, next);
    expect(next).not.toHaveBeenCalled();
    expect(response).toMatchObject({ statusCode: 401 });
    const headers = { ...HEADERS, "content-type": "text/plain; charset=utf-8" };
    expect(response.setHeader.mock.calls).toEqual(Object.entries(headers));
  });

  it.each([
    ["an upgrade", { upgrade: "websocket" }, 1],
    ["any other request", {}, 0],
  ])("handles errors of the socket during %s", async (_, headers, held) => {
    const socket = new EventEmitter();
    const verifyRequest = vi.fn(async () => {
      expect(socket.listenerCount("error")).toBe(held);
      return granted;
    });
    const next = vi.fn();
    await requireExpress({ verifyRequest })(
      { headers, url: "/", socket } as never,
      {} as never,
      next,
    );
    expect(next).toHaveBeenCalledWith();
    const own = vi.fn();
    socket.on("error", own);
    expect(socket.listeners("error")).toEqual([own]);
  });

  it("refuses a request without headers", async () => {
    const next = vi.fn();
    const response = { setHeader: vi.fn(), end: vi.fn() };
    await requireExpress(no)({ url: "/" } as never, response as never, next);
    expect(response).toMatchObject({ statusCode: 401 });
    expect(next).not.toHaveBeenCalled();
  });

  it("accepts an upgrade whose socket another program keeps", async () => {
    const next = vi.fn();
    const asked = { headers: { upgrade: "websocket" }, url: "/" };
    await requireExpress(yes)(asked as never, {} as never, next);
    expect(next).toHaveBeenCalledWith();
  });
});

describe("a WebSocket of crossws", () => {
  it("has the token in the context of its request only where there is one", async () => {
    const asked = request();
    await guardUpgrade(yes)(asked);
    expect(asked).not.toHaveProperty("context");
  });
});
