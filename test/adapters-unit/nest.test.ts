import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Access, AccessGuard, guardGateways, Public } from "../../src/adapters/nest.ts";
import { TokenError } from "../../src/errors.ts";
import type { Verifier } from "../../src/verify/options.ts";
import { unhandledIn } from "../support/unhandled.ts";
import { nestContext, resolveInfo, saidBy } from "./doubles.ts";
import { reflectMetadata } from "./nest-common.ts";

vi.mock("@nestjs/common", () => import("./nest-common.ts"));

const granted = { payload: { sub: "ada" } };
const yes: Pick<Verifier<object>, "verifyRequest"> = { verifyRequest: async () => granted };
const no: typeof yes = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
/** Accepts a request that has the header. */
const byHeader: typeof yes = {
  async verifyRequest(request) {
    const { headers } = request as unknown as IncomingMessage;
    if (headers["x-token"] !== "genuine") throw new TokenError("token_missing");
    return granted;
  },
};
const genuine = (): Request => ({ headers: { "x-token": "genuine" }, url: "/" });
const anonymous = (): Request => ({ headers: {}, url: "/" });
type Request = { headers: Record<string, string>; url: string; access?: unknown };

const access = (context: object): unknown =>
  (Access as unknown as (data: unknown, context: object) => unknown)(undefined, context);
const can = (verifier: typeof yes, context: object): Promise<boolean> =>
  new AccessGuard(verifier).canActivate(context as never);
const settled = <T>(promise: Promise<T>): Promise<unknown> =>
  promise.catch((error) => error.status);

beforeAll(() => Object.assign(Reflect, reflectMetadata));
afterAll(() => {
  for (const name of Object.keys(reflectMetadata)) Reflect.deleteProperty(Reflect, name);
});

describe("AccessGuard", () => {
  it("refuses every context of an unknown kind", async () => {
    for (const type of ["rpc", "telegraf", "necord", ""]) {
      expect(await can(yes, nestContext(type, genuine()))).toBe(false);
    }
  });

  it("sets the client's headers in HTTP, and gives the caller to a handler", async () => {
    const header = vi.fn();
    const context = nestContext("http", anonymous(), { header });
    await expect(can(no, context)).rejects.toMatchObject({ status: 401 });
    expect(header).toHaveBeenCalledWith("cache-control", "no-store");
    await can(yes, context);
    expect(access(context)).toBe(granted);
  });

  it("refuses every other option name", () => {
    expect(() => new AccessGuard(yes, { audiences: "other" } as never)).toThrow(
      'options must not have "audiences", did you mean "audience"?',
    );
  });

  it("lets a request without a token go on, without access, when optional is on", async () => {
    const context = nestContext("http", anonymous());
    expect(await new AccessGuard(no, { optional: true }).canActivate(context as never)).toBe(true);
    expect(access(context)).toBeUndefined();
  });

  it("lets a preflight go on, and no other OPTIONS, when allowPreflight is on", async () => {
    const guard = new AccessGuard(no, { allowPreflight: true });
    const headers = { origin: "https://app.example", "access-control-request-method": "PUT" };
    const preflight = { method: "OPTIONS", headers, url: "/" };
    expect(await guard.canActivate(nestContext("http", preflight) as never)).toBe(true);
    for (const request of [
      { ...preflight, method: "GET" },
      { ...preflight, headers: {} },
    ]) {
      const context = nestContext("http", request) as never;
      await expect(guard.canActivate(context)).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe("AccessGuard in GraphQL", () => {
  /** The arguments of every kind of resolver, around a context. */
  const kinds: Record<string, (context: unknown) => unknown[]> = {
    "a field": (context) => [{}, {}, context, resolveInfo],
    "a root field": (context) => [undefined, {}, context, resolveInfo],
    "a reference": (context) => [{ __typename: "Person" }, context, resolveInfo],
    "a reference of Mercurius": (context) => [{}, {}, context, resolveInfo],
    "the type of an object": (context) => [{}, context, resolveInfo, {}],
  };
  const places: Record<string, (request: object) => unknown> = {
    "the request": (req) => ({ req }),
    "request and response": (req) => ({ req, res: { header() {} } }),
    "what graphql-ws passes on": (request) => ({ req: { extra: { request } } }),
    "what graphql-ws passes on, unfolded": (request) => ({ extra: { request } }),
  };

  for (const [kind, argsOf] of Object.entries(kinds)) {
    for (const [place, contextOf] of Object.entries(places)) {
      it(`accepts by the token, in the resolver of ${kind} with ${place}`, async () => {
        const [one, other] = [genuine(), anonymous()];
        const context = nestContext("graphql", {}, {}, argsOf(contextOf(one)));
        expect(await can(byHeader, context)).toBe(true);
        expect(access(context)).toBe(granted);
        const refused = nestContext("graphql", {}, {}, argsOf(contextOf(other)));
        expect(await settled(can(byHeader, refused))).toBe(401);
      });
    }
  }

  it("takes nothing that the caller wrote as the context", async () => {
    const forged = { ...resolveInfo, req: genuine() };
    for (const args of [
      [forged, { req: anonymous() }, resolveInfo],
      [{ req: genuine() }, forged, { req: anonymous() }, resolveInfo],
      [{ req: genuine() }, { ...forged }, {}, resolveInfo],
    ]) {
      const answer = await settled(can(byHeader, nestContext("graphql", {}, {}, args)));
      expect([401, false]).toContain(answer);
    }
  });

  it("refuses without a request, or without GraphQL's field information", async () => {
    const contexts = [undefined, null, {}, { req: {} }, { req: { extra: {} } }, { extra: {} }];
    const odd = [[], [resolveInfo], [{ req: genuine() }], [{}, {}, { req: genuine() }]];
    for (const args of [...contexts.map((context) => [{}, {}, context, resolveInfo]), ...odd]) {
      expect(await can(yes, nestContext("graphql", {}, {}, args))).toBe(false);
    }
  });
});

describe("Public", () => {
  const guard = new AccessGuard(no);

  /** Whether a class's handler is public. */
  async function isOpen(type: { prototype: object }, name: string): Promise<boolean> {
    const handler = (type.prototype as Record<string, object>)[name];
    const context = { ...nestContext("http", anonymous()), getClass: () => type };
    const call = { ...context, getHandler: () => handler } as never;
    return (await settled(guard.canActivate(call))) === true;
  }
  const mark = (type: { prototype: object }, name: string): void => {
    Public()(type.prototype, name, Object.getOwnPropertyDescriptor(type.prototype, name) as never);
  };

  it("opens a handler, or a class with its own and inherited handlers", async () => {
    class Base {
      inherited(): void {}
    }
    class Open extends Base {
      own(): void {}
    }
    class Mixed {
      open(): void {}
      shut(): void {}
    }
    Public()(Open);
    mark(Mixed, "open");
    expect(await isOpen(Open, "own")).toBe(true);
    expect(await isOpen(Open, "inherited")).toBe(true);
    expect(await isOpen(Mixed, "open")).toBe(true);
    expect(await isOpen(Mixed, "shut")).toBe(false);
    expect(await isOpen(Base, "inherited")).toBe(false);
  });

  it("does not open a class that extends an open one, or one with an open handler", async () => {
    class Open {
      inherited(): void {}
      marked(): void {}
      overridden(): void {}
    }
    Public()(Open);
    mark(Open, "marked");
    mark(Open, "overridden");
    class Child extends Open {
      own(): void {}
      override overridden(): void {}
    }
    class Grandchild extends Child {}
    for (const type of [Child, Grandchild]) {
      for (const name of ["inherited", "marked", "overridden", "own"]) {
        expect(await isOpen(type, name), `${type.name} ${name}`).toBe(false);
      }
    }
  });

  it("opens a wrapped handler, and keeps its metadata", async () => {
    class Traced {
      open(): void {}
    }
    const wrapped = { open: () => {} }.open;
    Public()(wrapped);
    const context = { ...nestContext("http", anonymous()), getClass: () => Traced };
    const call = { ...context, getHandler: () => wrapped } as never;
    expect(await guard.canActivate(call)).toBe(true);
  });

  it("opens a handler that a decorator replaced with a function of another name", async () => {
    class Replaced {
      open(): void {}
    }
    Replaced.prototype.open = function anotherName() {};
    mark(Replaced, "open");
    expect(await isOpen(Replaced, "open")).toBe(true);
    expect(await isOpen(class extends Replaced {}, "open")).toBe(false);
  });

  it("counts only when it is exactly true", async () => {
    const { SetMetadata } = await import("./nest-common.ts");
    class Odd {
      odd(): void {}
    }
    SetMetadata("postern:public", "yes")(Odd);
    expect(await isOpen(Odd, "odd")).toBe(false);
    // As another copy of the package marks it.
    SetMetadata("postern:public", true)(Odd);
    expect(await isOpen(Odd, "odd")).toBe(true);
  });
});

type Listener = (client: object, request?: object) => unknown;
type Given = Record<string, (...args: unknown[]) => unknown>;

/** An adapter of Nest that keeps what it received. */
class Adapter {
  readonly told: { port?: number; options?: Given; connect?: Listener; self?: unknown } = {};
  create(port: number, options?: object): object {
    Object.assign(this.told, { port, options, self: this });
    return this.told;
  }
  bindClientConnect(_server: object, connect: Listener): void {
    this.told.connect = connect;
  }
}

describe("guardGateways", () => {
  function guarded(own?: object, verifier: object = byHeader, options?: object): Adapter["told"] {
    const adapter = new Adapter();
    expect(guardGateways(adapter, verifier as never, options)).toBe(adapter);
    adapter.create(81, own);
    return adapter.told;
  }
  const askWs = (told: Adapter["told"], req: object): Promise<unknown[]> => {
    const { verifyClient } = told.options as Given;
    expect(verifyClient).toHaveLength(2);
    return saidBy((done) => verifyClient?.({ req, origin: "https://app.example" }, done));
  };
  const askIo = (told: Adapter["told"], req: object): Promise<unknown[]> =>
    saidBy((done) => (told.options as Given)["allowRequest"]?.(req, done));

  it("accepts a handshake by its token, and keeps the gateway's other options", async () => {
    const told = guarded({ path: "/sockets" });
    expect(told).toMatchObject({ port: 81, options: { path: "/sockets" } });
    expect(told.self).toBeInstanceOf(Adapter);
    for (const ask of [askWs, askIo]) {
      const request = genuine();
      expect((await ask(told, request)).includes(true)).toBe(true);
      expect(request.access).toBe(granted);
    }
  });

  it("refuses a handshake without a token in the style of each package", async () => {
    for (const own of [undefined, { verifyClient: () => true, allowRequest: () => {} }]) {
      const [isIn, status, title, headers] = await askWs(guarded(own), anonymous());
      expect([isIn, status, title]).toEqual([false, 401, "Unauthorized"]);
      expect(headers).toMatchObject({ "cache-control": "no-store" });
      expect(await askIo(guarded(own), anonymous())).toEqual(["Unauthorized", false]);
    }
  });

  it("also calls a gateway's own function, in each of its forms", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const answers: [own: object, said: unknown[]][] = [
      [{ verifyClient: () => false }, [false]],
      [{ verifyClient: () => true }, [true]],
      [{ verifyClient: async () => true }, [false]],
      [
        { verifyClient: (_: object, done: (...a: unknown[]) => void) => done(false, 418) },
        [false, 418],
      ],
      [{ verifyClient: (_: object, done: (...a: unknown[]) => void) => done(true) }, [true]],
      [
        {
          verifyClient() {
            throw new Error("a fault");
          },
        },
        [false, 500],
      ],
    ];
    for (const [own, said] of answers) expect(await askWs(guarded(own), genuine())).toEqual(said);
    const allowRequest = (_request: object, done: (...a: unknown[]) => void): void =>
      done("another origin", false);
    expect(await askIo(guarded({ allowRequest }), genuine())).toEqual(["another origin", false]);
    const faulty = (): never => {
      throw new Error("a fault");
    };
    expect((await askIo(guarded({ allowRequest: faulty }), genuine()))[1]).toBe(false);
  });

  it("answers 500 when a gateway's own async function fails", async () => {
    const count = await unhandledIn(async () => {
      vi.spyOn(console, "error").mockImplementation(() => {});
      const fails = async (_asked: object, _done: unknown): Promise<void> => {
        throw new Error("a fault");
      };
      const own = { verifyClient: fails, allowRequest: fails };
      expect(await askWs(guarded(own), genuine())).toEqual([false, 500]);
      expect((await askIo(guarded(own), genuine()))[1]).toBe(false);
      const alone = async (): Promise<never> => Promise.reject(new Error("a fault"));
      expect(await askWs(guarded({ verifyClient: alone }), genuine())).toEqual([false]);
    });
    expect(count).toBe(0);
  });

  it("accepts pages of the configured origins only, and programs, which have no origin", async () => {
    const origins = ["https://app.example.com"];
    const onReject = vi.fn();
    const asked = vi.fn(byHeader.verifyRequest);
    const told = guarded({}, { verifyRequest: asked }, { origins, onReject, optional: true });
    const from = (origin: string): Request => {
      const request = genuine();
      return { ...request, headers: { ...request.headers, origin } };
    };
    for (const origin of ["https://evil.example", "null", "", "https://app.example.com:8443"]) {
      const request = from(origin);
      const [isIn, status, title, headers] = await askWs(told, request);
      expect([isIn, status, title]).toEqual([false, 403, "Forbidden"]);
      expect(headers).toMatchObject({ "cache-control": "no-store" });
      expect(await askIo(told, from(origin))).toEqual(["Forbidden", false]);
      expect(request.access).toBeUndefined();
    }
    expect(asked).not.toHaveBeenCalled();
    expect(onReject).toHaveBeenCalledTimes(8);
    expect(onReject.mock.lastCall?.[0]).toMatchObject({ code: "forbidden", verified: false });
    for (const ask of [askWs, askIo]) {
      for (const request of [from("https://app.example.com"), genuine()]) {
        expect((await ask(told, request)).includes(true)).toBe(true);
        expect(request.access).toBe(granted);
      }
    }
  });

  it("checks no origin without the option", async () => {
    const request = { ...genuine() };
    request.headers = { ...request.headers, origin: "https://evil.example" };
    expect(await askWs(guarded(), request)).toEqual([true]);
  });

  it.each([
    { origins: undefined },
    { origins: null },
    { origins: [] },
    { origins: "https://app.example.com" },
    { origins: ["https://app.example.com/"] },
    { origins: ["*"] },
  ])("refuses a malformed list of origins at once: %j", (options) => {
    expect(() => guardGateways(new Adapter(), yes, options as never)).toThrow(
      /^origins must be a non-empty array of origins/,
    );
  });

  it("refuses when verification throws a value that is no error", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const faulty = { verifyRequest: () => Promise.reject("no error") };
    expect((await askWs(guarded({}, faulty), genuine())).slice(0, 2)).toEqual([false, 500]);
    expect((await askIo(guarded({}, faulty), genuine()))[1]).toBe(false);
  });

  it("takes the options of every adapter, and no others", async () => {
    const optional = guarded({}, byHeader, { optional: true });
    expect(await askWs(optional, anonymous())).toEqual([true]);
    expect(() => guardGateways(new Adapter(), yes, { public: [] } as never)).toThrow(TypeError);
    for (const adapter of [undefined, null, {}, () => {}]) {
      expect(() => guardGateways(adapter as never, yes)).toThrow(
        /^adapter must be a WebSocket adapter of Nest, got /,
      );
    }
  });

  it("disconnects a client whose handshake was not checked, before its first message", () => {
    const adapter = guardGateways(new Adapter(), byHeader);
    const connected = vi.fn();
    adapter.bindClientConnect({}, connected);
    const [terminate, disconnect] = [vi.fn(), vi.fn()];
    adapter.told.connect?.({ terminate }, genuine());
    adapter.told.connect?.({ disconnect, request: genuine() });
    adapter.told.connect?.({ disconnect });
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(disconnect).toHaveBeenNthCalledWith(1, true);
    expect(disconnect).toHaveBeenCalledTimes(2);
    expect(connected).not.toHaveBeenCalled();
  });

  it("lets the guard verify each message again, by the client's handshake", async () => {
    const adapter = guardGateways(new Adapter(), byHeader);
    const connected = vi.fn();
    adapter.create(0);
    adapter.bindClientConnect({}, connected);
    const requests = [genuine(), genuine()] as const;
    await askWs(adapter.told, requests[0]);
    await askIo(adapter.told, requests[1]);
    const clients = [{}, { request: requests[1] }] as const;
    adapter.told.connect?.(clients[0], requests[0]);
    adapter.told.connect?.(clients[1]);
    expect(connected).toHaveBeenCalledTimes(2);
    for (const [index, client] of clients.entries()) {
      const context = nestContext("ws", {}, {}, [client, "a message"]);
      expect(await can(byHeader, context)).toBe(true);
      expect(access(context)).toBe(granted);
      // As when the token has ended in between.
      Object.assign(requests[index] as object, { headers: {} });
      expect(await can(byHeader, context)).toBe(false);
    }
    for (const client of [{}, undefined, "client"]) {
      expect(await can(yes, nestContext("ws", {}, {}, [client, "a message"]))).toBe(false);
    }
  });
});
