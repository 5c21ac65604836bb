import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Access, AccessGuard, guardGateways } from "../../src/adapters/nest.ts";
import { handshakeOf } from "../../src/adapters/nest-gateways.ts";
import { TokenError } from "../../src/errors.ts";
import { nestContext, resolveInfo, saidBy } from "./doubles.ts";

vi.mock("@nestjs/common", () => import("./nest-common.ts"));

const granted = { payload: { sub: "ada" } };
const yes = { verifyRequest: async () => granted };
const reason = new TokenError("token_missing");
const no = { verifyRequest: () => Promise.reject(reason) };
const faulty = (error: unknown) => ({ verifyRequest: () => Promise.reject(error) });
const anonymous = () => ({ headers: {}, url: "/" });
const access = (context: object): unknown =>
  (Access as unknown as (data: unknown, context: object) => unknown)(undefined, context);

let log: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  log = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("AccessGuard", () => {
  const refuse = (context: object): Promise<unknown> =>
    new AccessGuard(no).canActivate(context as never).catch((error: unknown) => error);

  it("sets the headers of a refusal on each response of GraphQL", async () => {
    for (const place of ["res", "req.res"]) {
      const header = vi.fn();
      const req = { ...anonymous(), res: place === "req.res" ? { header } : { header: vi.fn() } };
      const args = [{}, {}, { req, res: place === "res" ? { header } : undefined }, resolveInfo];
      expect(await refuse(nestContext("graphql", {}, {}, args))).toMatchObject({ status: 401 });
      expect(header).toHaveBeenCalledWith("cache-control", "no-store");
      expect(header).toHaveBeenCalledTimes(2);
    }
  });

  it("refuses without a response too", async () => {
    for (const response of [undefined, {}]) {
      const args = [{}, {}, { req: anonymous(), res: response }, resolveInfo];
      expect(await refuse(nestContext("graphql", {}, {}, args))).toMatchObject({ status: 401 });
    }
    const http = {
      ...nestContext("http", {}),
      switchToHttp: () => ({ getRequest: anonymous, getResponse: () => undefined }),
    };
    expect(await refuse(http)).toMatchObject({ status: 401 });
  });

  it.each(["fieldNodes", "schema", "operation"])(
    "takes nothing for GraphQL's info that has no %s",
    async (name) => {
      const info = Object.fromEntries(Object.entries(resolveInfo).filter(([key]) => key !== name));
      const args = [{}, {}, { req: anonymous() }, info];
      const context = nestContext("graphql", {}, {}, args);
      expect(await new AccessGuard(yes).canActivate(context as never)).toBe(false);
    },
  );

  it("gives no caller in a context that it does not know", () => {
    expect(access(nestContext("rpc", {}))).toBe(undefined);
    expect(access(nestContext("graphql", {}, {}, []))).toBe(undefined);
    expect(access(nestContext("ws", {}, {}, [null]))).toBe(undefined);
  });

  it("reads the path before a mounted router removed a part of it", async () => {
    const guard = new AccessGuard(no, { publicPaths: ["/public"] });
    const at = (request: object) =>
      guard.canActivate(nestContext("http", { headers: {}, ...request }) as never);
    expect(await at({ url: "/public" })).toBe(true);
    await expect(at({ url: "/public", originalUrl: "/admin/public" })).rejects.toMatchObject({
      status: 401,
    });
  });

  it("refuses a message of a gateway without an exception, and throws a fault", async () => {
    const context = nestContext("ws", {}, {}, [{ request: anonymous() }]) as never;
    expect(await new AccessGuard(no).canActivate(context)).toBe(false);
    const fault = new Error("a bug");
    await expect(new AccessGuard(faulty(fault)).canActivate(context)).rejects.toBe(fault);
  });
});

type Given = Record<string, (...args: unknown[]) => unknown>;

/** An adapter of Nest that keeps what it received. */
class Adapter {
  options: Given = {};
  connect: (...given: unknown[]) => unknown = () => {};
  readonly calls: unknown[] = [];
  create(port: number, options?: Given): string {
    this.options = options ?? {};
    this.calls.push(["create", port]);
    return "server";
  }
  bindClientConnect(server: unknown, connect: Adapter["connect"]): string {
    this.connect = connect;
    this.calls.push(["bindClientConnect", server]);
    return "bound";
  }
}

describe("guardGateways", () => {
  function guarded(verifier: object, own?: object, options?: object): Adapter {
    const adapter = guardGateways(new Adapter(), verifier as never, options);
    adapter.create(81, own as never);
    return adapter;
  }
  const ask = (adapter: Adapter, name: string, request: object): Promise<unknown[]> => {
    const asked = name === "verifyClient" ? { req: request } : request;
    return saidBy((done) => adapter.options[name]?.(asked, done));
  };

  it.each([
    ["verifyClient", [false, 500, "Internal Server Error", { "cache-control": "no-store" }]],
    ["allowRequest", ["Internal Server Error", false]],
  ])("logs a fault once, and no refusal: %s", async (name, said) => {
    const fault = new Error("a bug");
    expect(await ask(guarded(faulty(fault)), name, anonymous())).toEqual(said);
    expect(log.mock.calls).toEqual([[fault]]);
    await ask(guarded(no), name, anonymous());
    expect(log.mock.calls).toHaveLength(1);
  });

  it.each([
    ["verifyClient", [false, 500]],
    ["allowRequest", ["Internal Server Error", false]],
  ])("refuses when the gateway's own function throws, and logs that: %s", async (name, said) => {
    const fault = new Error("a bug");
    const fails = (_asked: unknown, _done: unknown): never => {
      throw fault;
    };
    expect(await ask(guarded(yes, { [name]: fails }), name, anonymous())).toEqual(said);
    expect(log.mock.calls).toEqual([[fault]]);
  });

  it.each([
    ["true", () => true, true],
    ["what is only truthy", () => "yes", false],
    ["nothing", () => undefined, false],
  ])("accepts when a function without a callback returns true: %s", async (_, own, isIn) => {
    const adapter = guarded(yes, { verifyClient: own });
    expect(await ask(adapter, "verifyClient", anonymous())).toEqual([isIn]);
  });

  it("gives a gateway's own function the request, and takes its answer once", async () => {
    const own = vi.fn();
    const answers = (asked: unknown, done: (...said: unknown[]) => void): Promise<void> => {
      own(asked);
      done("told", true);
      return Promise.resolve();
    };
    const request = anonymous();
    const adapter = guarded(yes, { allowRequest: answers, verifyClient: answers });
    expect(await ask(adapter, "allowRequest", request)).toEqual(["told", true]);
    expect(await ask(adapter, "verifyClient", request)).toEqual(["told", true]);
    expect(own.mock.calls).toEqual([[request], [{ req: request }]]);
  });

  it("waits for a gateway's own function that answers later", async () => {
    const later = (_asked: unknown, done: (...said: unknown[]) => void): void => {
      setImmediate(done, "later", true);
    };
    const adapter = guarded(yes, { allowRequest: later, verifyClient: later });
    for (const name of ["allowRequest", "verifyClient"]) {
      expect(await ask(adapter, name, anonymous())).toEqual(["later", true]);
    }
  });

  it.each(["verifyClient", "allowRequest"])(
    "ignores an own %s that is no function, and asks it about no refused request",
    async (name) => {
      const adapter = guarded(yes, { [name]: "own" });
      expect(await ask(adapter, name, anonymous())).toContain(true);
      const own = vi.fn();
      await ask(guarded(no, { [name]: own }), name, anonymous());
      expect(own).not.toHaveBeenCalled();
    },
  );

  it("opens a public path of the request as the client sent it", async () => {
    const adapter = guarded(no, {}, { publicPaths: ["/public"] });
    const request = { ...anonymous(), url: "/public?x" };
    expect(await ask(adapter, "verifyClient", request)).toEqual([true]);
    const [isIn] = await ask(adapter, "verifyClient", { ...request, originalUrl: "/admin" });
    expect(isIn).toBe(false);
  });

  it("returns what the adapter returns, with the adapter's own server and arguments", async () => {
    const adapter = guardGateways(new Adapter(), yes);
    expect(adapter.create(81)).toBe("server");
    const connected = vi.fn(() => "connected");
    expect(adapter.bindClientConnect("server", connected as never)).toBe("bound");
    expect(adapter.calls).toEqual([
      ["create", 81],
      ["bindClientConnect", "server"],
    ]);
    const request = anonymous();
    await ask(adapter, "verifyClient", request);
    const client = {};
    expect(adapter.connect(client, request, "more")).toBe("connected");
    expect(connected.mock.calls).toEqual([[client, request, "more"]]);
    expect(handshakeOf(client)).toBe(request);
  });

  it("prefers the checked handshake of a client to its own request", async () => {
    const adapter = guarded(yes);
    adapter.bindClientConnect("server", (() => {}) as never);
    const [checked, other] = [anonymous(), anonymous()];
    await ask(adapter, "verifyClient", checked);
    const client = { request: other };
    adapter.connect(client, checked);
    expect(handshakeOf(client)).toBe(checked);
    expect(handshakeOf({ request: other })).toBe(other);
    for (const none of [undefined, null, "client", {}]) expect(handshakeOf(none)).toBe(undefined);
  });

  it("closes a client that was not checked, in the way that it has", () => {
    const adapter = guardGateways(new Adapter(), yes);
    const connected = vi.fn();
    adapter.bindClientConnect("server", connected as never);
    const [terminate, disconnect] = [vi.fn(), vi.fn()];
    adapter.connect({ terminate, disconnect }, anonymous());
    expect([terminate.mock.calls, disconnect.mock.calls]).toEqual([[[]], []]);
    expect(() => adapter.connect({}, anonymous())).not.toThrow();
    expect(connected).not.toHaveBeenCalled();
  });

  it.each([undefined, null, {}, { create() {} }, { bindClientConnect() {} }])(
    "needs both methods of an adapter: %j",
    (adapter) => {
      expect(() => guardGateways(adapter as never, yes)).toThrow(
        /^adapter must be a WebSocket adapter of Nest, got /,
      );
    },
  );
});
