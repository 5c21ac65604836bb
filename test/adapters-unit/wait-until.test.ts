import { describe, expect, it, vi } from "vitest";
import { guard, guardWorker } from "../../src/adapters/fetch.ts";
import type { RequestVerifier } from "../../src/adapters/gate.ts";
import { accessPlugin, requireAccess as requireH3 } from "../../src/adapters/h3.ts";
import { requireAccess as requireHono } from "../../src/adapters/hono.ts";
import { requireAccess as requireMcp } from "../../src/adapters/mcp.ts";
import { requireAccess as requireNext } from "../../src/adapters/next.ts";
import { requireAccess as requirePages } from "../../src/adapters/pages.ts";
import { requireAccess as requireSvelteKit } from "../../src/adapters/sveltekit.ts";

vi.mock("h3", () => ({ createError: vi.fn(), defineEventHandler: vi.fn() }));
vi.mock("hono/http-exception", () => ({ HTTPException: Error }));
vi.mock("@sveltejs/kit", () => ({ error: vi.fn() }));

const granted = { payload: { sub: "ada" } };
const work = Promise.resolve();
const request = (): Request => new Request("http://app.example/");
const inside = (..._given: unknown[]): Response => new Response("in");

/** A context of a platform, whose method needs its object. */
class Platform {
  readonly kept: unknown[] = [];
  waitUntil(promise: Promise<unknown>): void {
    this.kept.push(promise);
  }
}

type Visit = (verifier: RequestVerifier<object>, platform: Platform | undefined) => unknown;

/** Every adapter of a platform whose work can end with its request. */
const VISITS: Record<string, Visit> = {
  fetch: (verifier, ctx) => guard(verifier, inside)(request(), { KEY: "value" }, ctx),
  "fetch, in a Service Worker": (verifier, event) => guard(verifier, inside)(request(), event),
  "fetch, guardWorker": (verifier, ctx) => {
    const options = { team: "acme", audience: "tag" };
    return guardWorker(() => verifier as never, options, inside)(request(), {}, ctx);
  },
  pages: (verifier, platform = new Platform()) => {
    const context = { request: request(), data: {}, next: async () => inside() };
    return requirePages(verifier)(Object.assign(platform, context));
  },
  sveltekit: (verifier, ctx) => {
    const event = { request: request(), locals: {}, platform: ctx && { ctx } };
    return requireSvelteKit(verifier)({ event, resolve: inside });
  },
  next: (verifier, event) => requireNext(verifier)(request(), event),
  hono: (verifier, ctx) => {
    const c = {
      req: { raw: request() },
      set() {},
      get executionCtx() {
        if (ctx === undefined) throw new Error("there is none");
        return ctx;
      },
    };
    return requireHono(verifier)(c as never, async () => {});
  },
  h3: (verifier, platform) =>
    requireH3(verifier)(Object.assign(platform ?? {}, { req: request(), context: {} })),
  "h3, Nitro 3": (verifier, platform) => {
    const app = { fetch: async (_request: unknown) => inside() };
    accessPlugin(verifier)(app);
    const members = platform && { kept: platform.kept, waitUntil: platform.waitUntil };
    return app.fetch(Object.assign(request(), members));
  },
  mcp: (verifier, ctx) => requireMcp(verifier)(request(), inside, ctx),
};

describe.each(Object.entries(VISITS))("the waitUntil of %s", (_, visit) => {
  it("lets the verifier finish its work after the answer", async () => {
    const platform = new Platform();
    const verifyRequest = vi.fn(async (_request: unknown, call?: object) => {
      (call as Partial<Platform>).waitUntil?.(work);
      return granted;
    });
    await visit({ verifyRequest }, platform);
    expect(verifyRequest).toHaveBeenCalledTimes(1);
    expect(platform.kept).toHaveLength(1);
    expect(platform.kept[0]).toBe(work);
  });

  it("may be missing", async () => {
    const verifyRequest = vi.fn(async (_request: unknown, call?: object) => {
      (call as Partial<Platform>).waitUntil?.(work);
      return granted;
    });
    await visit({ verifyRequest }, undefined);
    const verified = await verifyRequest.mock.results[0]?.value;
    expect(verified).toBe(granted);
  });
});

it.each([[undefined], [null], ["ctx"], [7], [{}], [{ waitUntil: "later" }], [[() => {}]]])(
  "a last argument without waitUntil is no context of a platform: %j",
  async (context) => {
    const verifyRequest = vi.fn(async (_request: unknown, _call?: object) => granted);
    const answer = await guard({ verifyRequest }, inside)(request(), {}, context);
    expect(answer.status).toBe(200);
    expect(verifyRequest.mock.calls[0]?.[1]).toEqual({ waitUntil: undefined });
  },
);
