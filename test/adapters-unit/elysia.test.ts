import { describe, expect, it, vi } from "vitest";
import { accessPlugin, requireAccess } from "../../src/adapters/elysia.ts";
import { TokenError } from "../../src/errors.ts";

const granted = { payload: { sub: "ada" } };
const no = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
const status = (code: number) => ({ code });

type Hook = (context: object) => Promise<unknown>;

/** An application that keeps the hooks it receives. */
function double() {
  const hooks: { decide?: Hook; resolve?: Hook } = {};
  const app = {
    config: {},
    hooks,
    onRequest(hook: Hook) {
      hooks.decide = hook;
      return app;
    },
    resolve(_scope: object, hook: Hook) {
      hooks.resolve = hook;
      return app;
    },
  };
  return app;
}

describe("accessPlugin", () => {
  it("turns off what answers without calling a hook", () => {
    const app = double();
    accessPlugin(no)(app as never);
    expect(app.config).toEqual({ systemRouter: false, nativeStaticResponse: false });
  });

  it("verifies once for both of its hooks", async () => {
    const verifyRequest = vi.fn(async () => granted);
    const app = double();
    accessPlugin({ verifyRequest })(app as never);
    const context = { request: new Request("http://app.example/"), set: { headers: {} }, status };
    expect(await app.hooks.decide?.(context)).toBe(undefined);
    expect(await app.hooks.resolve?.(context)).toEqual({ access: granted });
    expect(verifyRequest).toHaveBeenCalledTimes(1);
  });

  it("verifies again when another plugin replaced the request", async () => {
    const app = double();
    accessPlugin(no)(app as never);
    const context = { request: new Request("http://app.example/"), set: { headers: {} }, status };
    expect(await app.hooks.resolve?.(context)).toEqual({ code: 401 });
  });
});

// Elysia looks for the path from the 11th character of the URL on, so a short host makes it find
// `/admin`.
describe.each(["a", "ab", "abc"])("with the short host %s", (host) => {
  it("opens no public path", async () => {
    const guard = requireAccess(no, { publicPaths: () => true });
    const request = new Request(`http://${host}/public/admin`);
    expect(await guard({ request, set: { headers: {} }, status })).toEqual({ code: 401 });
  });
});

describe.each(["http://abcd", "http://a:81", "https://abc", "http://[::1]"])("at %s", (origin) => {
  it("opens a public path", async () => {
    const guard = requireAccess(no, { publicPaths: ["/public"] });
    const request = new Request(`${origin}/public`);
    expect(await guard({ request, set: { headers: {} }, status })).toEqual({ access: undefined });
  });
});
