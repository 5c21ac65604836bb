import { afterEach, describe, expect, it, vi } from "vitest";
import { accessPlugin } from "../../src/adapters/h3.ts";
import { TokenError } from "../../src/errors.ts";

vi.mock("h3", () => ({
  createError: (details: object) => Object.assign(new Error(), details),
  defineEventHandler: (handler: unknown) => ({ handler }),
}));

const granted = { payload: { sub: "ada" } };
const yes = { verifyRequest: async () => granted };
const no = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
type App = { fetch(input: unknown, init?: object, context?: object): Promise<Response> };

afterEach(() => {
  vi.restoreAllMocks();
});

describe("Nitro 3", () => {
  const guarded = (verifier = yes as never, options?: object) => {
    const fetch = vi.fn(async (..._given: unknown[]) => new Response("in"));
    const app: App = { fetch };
    accessPlugin(verifier, options as never)(app);
    const asked = () => fetch.mock.calls[0]?.[0] as Request & { context?: object };
    return { app, fetch, asked };
  };

  it("gets the request that it was given, unless it is given other parts", async () => {
    const request = new Request("http://app.example/a", { headers: { "x-own": "1" } });
    const { app, fetch, asked } = guarded();
    await app.fetch(request);
    expect(asked()).toBe(request);
    expect(asked().context).toEqual({ access: granted });
    expect(fetch.mock.calls[0]).toHaveLength(1);

    const other = guarded();
    await other.app.fetch(request, { method: "POST" });
    expect(other.asked()).not.toBe(request);
    expect([other.asked().method, other.asked().headers.get("x-own")]).toEqual(["POST", "1"]);
  });

  it("may ask itself by a path", async () => {
    const { app, asked } = guarded();
    await app.fetch("/a?b", { headers: { "x-own": "1" } });
    expect([asked().url, asked().headers.get("x-own")]).toEqual(["http://localhost/a?b", "1"]);
  });

  it("keeps the contexts of the server and of the call, below the token", async () => {
    const context = { server: 1, access: "forged" };
    const { app, asked } = guarded();
    await app.fetch(Object.assign(new Request("http://app.example/"), { context }), undefined, {
      own: 2,
      access: "forged too",
    });
    expect(asked().context).toEqual({ server: 1, own: 2, access: granted });
    expect(context).toEqual({ server: 1, access: "forged" });
  });

  it("is public by the target that Node received, or else by the URL", async () => {
    const publicPaths = ["/public"];
    const { app } = guarded(no as never, { publicPaths });
    const at = async (url: string, runtime?: object) =>
      (await app.fetch(Object.assign(new Request(`http://app.example${url}`), { runtime }))).status;
    expect(await at("/public")).toBe(200);
    expect(await at("/public", {})).toBe(200);
    expect(await at("/public", { node: {} })).toBe(200);
    expect(await at("/admin", { node: { req: { url: "/public" } } })).toBe(200);
    expect(await at("/public", { node: { req: { url: "/admin" } } })).toBe(401);
  });

  it("logs a fault, and no refusal", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const fault = new Error("a bug");
    const answer = await guarded({ verifyRequest: () => Promise.reject(fault) } as never).app.fetch(
      new Request("http://app.example/"),
    );
    expect(answer.status).toBe(500);
    expect(log.mock.calls).toEqual([[fault]]);
    await guarded(no as never).app.fetch(new Request("http://app.example/"));
    expect(log).toHaveBeenCalledTimes(1);
  });
});

describe("Nitro 2", () => {
  const guarded = (verifier: object, websocket?: object) => {
    const stack: unknown[] = ["route rules"];
    const use = (handler: unknown) => stack.push(handler);
    const options: { websocket?: { hooks: { upgrade(request: object): Promise<unknown> } } } = {};
    if (websocket !== undefined) Object.assign(options, { websocket });
    accessPlugin(verifier as never)({ h3App: { stack, use, options } });
    return { stack, upgrade: options.websocket?.hooks.upgrade };
  };

  it("gets an event handler as its first layer", () => {
    expect(guarded(yes).stack).toEqual([{ handler: expect.any(Function) }, "route rules"]);
  });

  it.each([undefined, {}, { hooks: {} }, { hooks: { upgrade: () => undefined } }])(
    "gives a socket the token when no other hook answers: %o",
    async (websocket) => {
      const { upgrade } = guarded(yes, websocket);
      const request = new Request("http://app.example/ws");
      expect(await upgrade?.(request)).toEqual({ context: { access: granted } });
    },
  );
});

it("guards the sockets of Nitro 2 with the same options", async () => {
  const options = { websocket: undefined as unknown };
  const onReject = vi.fn();
  const h3App = { stack: [], use: () => {}, options };
  accessPlugin(no, { publicPaths: ["/public"], onReject })({ h3App });
  const { upgrade } = (options.websocket as { hooks: { upgrade(asked: Request): unknown } }).hooks;
  const open = await upgrade(new Request("http://app.example/public"));
  expect(open).toEqual({ context: { access: undefined } });
  await expect(upgrade(new Request("http://app.example/ws"))).rejects.toBeInstanceOf(Response);
  expect(onReject).toHaveBeenCalledTimes(1);
});

it.each([{}, { h3App: {} }, { h3App: { stack: "none" } }, { fetch: "fetch" }])(
  "an application of neither is refused with a message: %j",
  (app) => {
    expect(() => accessPlugin(yes)(app)).toThrow(
      new TypeError("nitroApp must be an application of Nitro 2 or 3, got object"),
    );
  },
);
