import { describe, expect, it, vi } from "vitest";
import { accessPlugin, guardUpgrade, requireAccess } from "../../src/adapters/h3.ts";
import { TokenError } from "../../src/errors.ts";

vi.mock("h3", () => ({
  createError: (details: object) => Object.assign(new Error(), details),
  defineEventHandler: (handler: unknown) => handler,
}));

const granted = { payload: { sub: "ada" } };
const yes = { verifyRequest: async () => granted };
const no = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
const request = () => new Request("http://app.example/ws");

function nitro2(websocket?: object) {
  const stack: unknown[] = ["route rules", "middleware"];
  const options: { websocket?: { hooks?: Record<string, (request: Request) => unknown> } } = {};
  Object.assign(options, { websocket });
  return { h3App: { stack, options, use: (handler: unknown) => stack.push(handler) } };
}

describe("guardUpgrade", () => {
  it("adds the token to the context in both generations of crossws", async () => {
    const older = Object.assign(request(), { context: {} });
    expect(await guardUpgrade(yes)(older)).toEqual({ context: { access: granted } });
    expect(older.context).toEqual({ access: granted });
    expect(await guardUpgrade(yes)(request())).toEqual({ context: { access: granted } });
  });

  it("throws the refusal, so that a calling hook cannot go on", async () => {
    const refusal: unknown = await guardUpgrade(no)(request()).catch((thrown) => thrown);
    expect(refusal).toBeInstanceOf(Response);
    expect((refusal as Response).status).toBe(401);
  });
});

describe("the origins of guardUpgrade", () => {
  const origins = ["https://app.example.com"];
  const from = (origin?: string) =>
    new Request(request(), { headers: origin === undefined ? {} : { origin } });

  it("let pages of the named origins connect, and programs, which have none", async () => {
    for (const origin of [...origins, undefined]) {
      const admission = await guardUpgrade(yes, { origins })(from(origin));
      expect(admission).toEqual({ context: { access: granted } });
      const refusal: unknown = await guardUpgrade(no, { origins })(from(origin)).catch(
        (thrown) => thrown,
      );
      expect((refusal as Response).status).toBe(401);
    }
  });

  it.each(["https://evil.example", "null", "http://app.example.com", "https://app.example.com:1"])(
    "refuse %s with 403 before the token is looked at, on a public path too",
    async (origin) => {
      const verifier = { verifyRequest: vi.fn(yes.verifyRequest) };
      const onReject = vi.fn();
      const options = { origins, onReject, optional: true, publicPaths: ["/ws"] };
      const refusal: unknown = await guardUpgrade(
        verifier,
        options,
      )(from(origin)).catch((thrown) => thrown);
      expect((refusal as Response).status).toBe(403);
      expect(verifier.verifyRequest).not.toHaveBeenCalled();
      expect(onReject.mock.lastCall?.[0]).toMatchObject({ code: "forbidden", verified: false });
    },
  );

  it("are asked for only where they are named", async () => {
    expect(await guardUpgrade(yes)(from("https://evil.example"))).toMatchObject({ context: {} });
  });

  it.each([
    { origins: undefined },
    { origins: null },
    { origins: [] },
    { origins: "https://app.example.com" },
    { origins: ["https://app.example.com/"] },
  ])("are refused at once where no browser sends them: %j", (options) => {
    expect(() => guardUpgrade(yes, options as never)).toThrow(/^origins must be /);
  });
});

describe("accessPlugin", () => {
  it("runs before what Nitro 2 and other plugins registered", () => {
    const app = nitro2();
    accessPlugin(yes)(app);
    expect(app.h3App.stack).toEqual([expect.any(Function), "route rules", "middleware"]);
  });

  it("guards every WebSocket of Nitro 2, and keeps other hooks in place", async () => {
    const answer = { headers: { "x-own": "1" } };
    const hooks = { upgrade: vi.fn(() => answer), open: () => {} };
    for (const [verifier, isIn] of [
      [yes, true],
      [no, false],
    ] as const) {
      hooks.upgrade.mockClear();
      const app = nitro2({ adapterOption: 1, hooks });
      accessPlugin(verifier)(app);
      const { websocket } = app.h3App.options;
      expect(websocket).toMatchObject({ adapterOption: 1, hooks: { open: hooks.open } });
      const upgrade = websocket?.hooks?.["upgrade"] as (request: Request) => Promise<unknown>;
      const settled = await upgrade(request()).catch((thrown: Response) => thrown.status);
      expect(settled).toEqual(isIn ? answer : 401);
      expect(hooks.upgrade).toHaveBeenCalledTimes(isIn ? 1 : 0);
    }
  });

  it("guards a path that a Nitro 3 application requests itself, and keeps the context", async () => {
    const fetch = vi.fn(async (_request: unknown) => new Response("in"));
    const app: { fetch(input: unknown, init?: object, context?: object): Promise<Response> } = {
      fetch,
    };
    accessPlugin(yes)(app);
    await app.fetch("/admin", { method: "POST" }, { own: 1 });
    const [asked] = fetch.mock.calls[0] as [Request & { context: object }];
    expect(asked.method).toBe("POST");
    expect(asked.context).toEqual({ own: 1, access: granted });
  });

  it("refuses an upgrade in Nitro 3 through the hooks of its response", async () => {
    const app = { fetch: async (_request: unknown) => new Response("in") };
    accessPlugin(no)(app);
    const refusal = (await app.fetch(request())) as Response & {
      crossws: { upgrade(): Response };
    };
    expect(refusal.status).toBe(401);
    expect(refusal.crossws.upgrade().status).toBe(401);
  });

  it("decides by Node's own request target, whatever URL was built from it", async () => {
    const app = { fetch: async (_request: unknown) => new Response("in") };
    accessPlugin(no, { publicPaths: ["/public"] })(app);
    const runtime = { node: { req: { url: "/admin" } } };
    const asked = Object.assign(new Request("http://app.example/public"), { runtime });
    expect((await app.fetch(asked)).status).toBe(401);
  });

  it.each([{}, { h3App: {} }, { fetch: "fetch" }, { h3: {}, hooks: {} }])(
    "stops an application that it cannot guard",
    (app) => {
      expect(() => accessPlugin(yes)(app)).toThrow(TypeError);
    },
  );

  it("refuses unknown options", () => {
    expect(() => accessPlugin(yes, { audiences: "x" } as never)).toThrow(/audience/);
    expect(() => guardUpgrade(yes, { origins: [] } as never)).toThrow(TypeError);
  });
});

describe("requireAccess", () => {
  it("puts hooks on a refused request that asks for a WebSocket", async () => {
    const req = request();
    await expect(requireAccess(no)({ req, context: {} })).rejects.toThrow();
    const hooks = (req as unknown as Record<symbol, { upgrade(): Response }>)[
      Symbol.for("crossws.hooks")
    ];
    expect(hooks?.upgrade().status).toBe(401);
  });
});
