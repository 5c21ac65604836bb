import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guard } from "../../src/adapters/fetch.ts";
import { KeySetError, TokenError } from "../../src/errors.ts";
import { DRIVES } from "./doubles.ts";

// No framework is installed here: the doubles carry what the framework's own classes would throw.
vi.mock("h3", () => ({
  createError: (details: object) => Object.assign(new Error(), details),
  defineEventHandler: (handler: unknown) => handler,
}));
vi.mock("hono/http-exception", () => ({
  HTTPException: class extends Error {
    constructor(status: number, details: object) {
      super();
      Object.assign(this, details, { status });
    }
  },
}));
vi.mock("@sveltejs/kit", () => ({
  error(status: number, message: string) {
    throw Object.assign(new Error(message), { status });
  },
}));
vi.mock("@nestjs/common", () => import("./nest-common.ts"));

const granted = { payload: { sub: "ada" } };
const yes = { verifyRequest: async () => granted };
const no = (error: unknown) => ({ verifyRequest: () => Promise.reject(error) });

/** These answer a fault themselves, because what they throw could let a request in or end the process. */
const ANSWERS_FAULTS =
  /^(?:fetch|pages|express|mcp.*|upgrade.*|elysia, plugin|h3, crossws|h3, Nitro 3)$/;
/** These refuse with an error of their framework, which has the reason as its cause. */
const THROWS = /^(?:hono|h3|h3 1|h3, Nitro 2|koa|fastify|nest.*|express, next)$/;

describe.each(Object.entries(DRIVES))("%s", (name, drive) => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("passes on the verified token", async () => {
    const outcome = await drive(yes);
    expect(outcome.isIn).toBe(true);
    // A proxy can pass on nothing that proves an identity.
    if (name !== "next") expect(outcome.access).toBe(granted);
  });

  it.each([
    [401, new TokenError("token_missing")],
    [403, new TokenError("forbidden", { verified: true })],
    [503, new KeySetError("backing_off", { retryAfterSeconds: 3 })],
  ])("answers %i", async (status, error) => {
    const outcome = await drive(no(error));
    expect(outcome.isIn).toBe(false);
    expect(outcome.status).toBe(status);
    expect(console.error).not.toHaveBeenCalled();
    const message = { 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable" }[status];
    if (THROWS.test(name)) expect(outcome.thrown).toMatchObject({ message, cause: error });
    if (name.startsWith("react-router")) {
      expect(outcome.thrown instanceof Response).toBe(name === "react-router, thrown");
    }
    if (name === "sveltekit, error()") expect(outcome.thrown).toMatchObject({ message });
    if (outcome.headers !== undefined) {
      expect(outcome.headers["cache-control"]).toBe("no-store");
      if (status === 401) expect(outcome.headers["www-authenticate"]).toMatch(/^Bearer /);
      if (status === 503) expect(outcome.headers["retry-after"]).toBe("3");
    }
  });

  it.each([undefined, null, 0, "", "route", "router", new Response("in"), { status: 200 }])(
    "refuses when verification throws a value that is no error",
    async (thrown) => {
      const outcome = await drive(no(thrown));
      expect(outcome.isIn).toBe(false);
      // The adapter answers, or passes an error to the framework's handler. It never returns what a
      // framework may read as "go on".
      if (outcome.status === undefined) expect(outcome.thrown).toBeInstanceOf(Error);
      else expect(outcome.status).toBe(500);
    },
  );

  it("refuses when verification throws synchronously", async () => {
    const fault = new Error("a bug");
    const outcome = await drive({
      verifyRequest() {
        throw fault;
      },
    });
    expect(outcome.isIn).toBe(false);
    if (ANSWERS_FAULTS.test(name)) {
      expect(outcome.status).toBe(500);
      expect(vi.mocked(console.error).mock.calls).toEqual([[fault]]);
    } else {
      expect(outcome.thrown).toBe(fault);
      expect(console.error).not.toHaveBeenCalled();
    }
  });

  it("opens the public paths without a token, and no path that only looks like one", async () => {
    const options = { publicPaths: ["/public"] };
    const missing = no(new TokenError("token_missing"));
    const outcome = await drive(missing, options, "/public");
    expect(outcome.isIn).toBe(true);
    expect(outcome.access).toBe(undefined);
    for (const path of ["/publi%63", "//public", "/public%2f..%2fadmin", "/admin?/public"]) {
      expect((await drive(missing, options, path)).isIn, path).toBe(false);
    }
  });

  it("tells the listener the reason", async () => {
    const error = new TokenError("token_expired");
    const onReject = vi.fn();
    await drive(no(error), { onReject });
    expect(onReject).toHaveBeenCalledTimes(1);
    expect(onReject.mock.calls[0]?.[0]).toBe(error);
  });
});

describe("postern/fetch", () => {
  it("asks for the handler at once", () => {
    expect(() => guard(no(new Error("not asked")), undefined as never)).toThrow(
      "handler must be a function, got undefined",
    );
  });
});

describe("postern/fetch and postern/pages", () => {
  it("answer 500 themselves, because a Worker may be set to pass through on exceptions", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    for (const name of ["fetch", "pages"]) {
      const outcome = await DRIVES[name]?.(no(new Error("a bug")));
      expect(outcome).toMatchObject({ isIn: false, status: 500 });
      expect(outcome).not.toHaveProperty("thrown");
    }
    expect(log).toHaveBeenCalledTimes(2);
    log.mockRestore();
  });
});

describe("postern/h3", () => {
  it("sets a refusal's headers where the framework's own error handler reads them", async () => {
    const { requireAccess } = await import("../../src/adapters/h3.ts");
    const refuse = requireAccess(no(new TokenError("token_missing")));
    const headers = new Headers();
    const req = new Request("http://app.example/");
    await expect(refuse({ req, res: { headers }, context: {} })).rejects.toThrow();
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("www-authenticate")).toMatch(/^Bearer /);
  });
});

describe("postern/express", () => {
  const request = { headers: {}, url: "/" };
  const response = (facts: object): Record<string, unknown> => ({
    setHeader: vi.fn(),
    end: vi.fn(),
    ...facts,
  });

  it.each([new Error("a bug"), undefined, "route", { status: 200 }])(
    "answers 500 itself, because an error handler may go on to the routes",
    async (thrown) => {
      const { requireAccess } = await import("../../src/adapters/express.ts");
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      const next = vi.fn();
      const answer = response({});
      await requireAccess(no(thrown))({ ...request } as never, answer as never, next);
      expect(next).not.toHaveBeenCalled();
      expect(answer).toMatchObject({ statusCode: 500 });
      expect(answer["end"]).toHaveBeenCalledWith("Internal Server Error\n");
      expect(log).toHaveBeenCalledTimes(1);
      log.mockRestore();
    },
  );

  it("sends nothing when another handler has already answered", async () => {
    const { requireAccess } = await import("../../src/adapters/express.ts");
    const next = vi.fn();
    const answer = response({ headersSent: true });
    const refuse = requireAccess(no(new TokenError("token_missing")));
    await refuse({ ...request } as never, answer as never, next);
    expect(next).not.toHaveBeenCalled();
    expect(answer["end"]).not.toHaveBeenCalled();
  });
});

describe("postern/express, sveltekit and react-router", () => {
  it.each([
    ["express", '"response" or "next"'],
    ["sveltekit", '"response" or "error"'],
    ["react-router", '"response" or "throw"'],
  ])("refuse an unknown refuseWith at once: %s", async (name, expected) => {
    const { requireAccess } = await import(`../../src/adapters/${name}.ts`);
    expect(() => requireAccess(yes, { refuseWith: "grace" })).toThrow(
      new TypeError(`refuseWith must be ${expected}, got string`),
    );
    expect(() => requireAccess(yes, { refuseWith: "response" })).not.toThrow();
  });
});

describe("postern/astro", () => {
  it("fails the build for a prerendered page that is not public", async () => {
    const { requireAccess } = await import("../../src/adapters/astro.ts");
    const guard = requireAccess(no(new TokenError("token_missing")), { publicPaths: ["/about"] });
    const build = (path: string) => {
      const request = new Request(`http://localhost${path}`);
      return guard({ request, locals: {}, isPrerendered: true }, async () => new Response("in"));
    };
    await expect(build("/admin")).rejects.toThrow("/admin is prerendered");
    expect((await build("/about")).status).toBe(200);
  });
});

describe("postern/next", () => {
  it("verifies again, with a request or with its headers", async () => {
    const { getAccess } = await import("../../src/adapters/next.ts");
    const headers = new Headers();
    expect(await getAccess(yes, new Request("http://app.example/public"))).toEqual({
      access: granted,
    });
    expect(await getAccess(yes, Promise.resolve(headers))).toEqual({ access: granted });
    const { response } = await getAccess(no(new TokenError("token_missing")), headers);
    expect(response?.status).toBe(401);
    await expect(getAccess(no(new RangeError("a bug")), headers)).rejects.toThrow(RangeError);
  });
});

describe("postern/react-router", () => {
  it("throws a 401 in a loader without the middleware", async () => {
    const { getAccess } = await import("../../src/adapters/react-router.ts");
    const empty = { get: (key: { defaultValue?: unknown }) => key.defaultValue, set() {} };
    expect(() => getAccess(empty as never)).toThrow(Response);
    expect(getAccess({ get: () => granted, set() {} } as never)).toBe(granted);
  });
});

describe("postern/fastify", () => {
  it("carries the metadata that lets it guard the context that registers it", async () => {
    const { accessPlugin } = await import("../../src/adapters/fastify.ts");
    const facts = accessPlugin as unknown as Record<symbol, unknown>;
    expect(facts[Symbol.for("skip-override")]).toBe(true);
    expect(facts[Symbol.for("plugin-meta")]).toMatchObject({ name: "postern" });
  });

  it("can be registered again in a nested context", async () => {
    const { accessPlugin } = await import("../../src/adapters/fastify.ts");
    const decorateRequest = vi.fn();
    const app = { hasRequestDecorator: () => true, decorateRequest, addHook: vi.fn() };
    await accessPlugin(app as never, { verifier: yes });
    expect(decorateRequest).not.toHaveBeenCalled();
    expect(app.addHook).toHaveBeenCalledTimes(1);
  });
});
