import { describe, expect, it, vi } from "vitest";
import { TokenError } from "../../src/errors.ts";

vi.mock("@sveltejs/kit", () => ({ error: vi.fn() }));

const missing = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
const everything = { publicPaths: () => true };
const origin = "http://app.example";
const inside = (): Response => new Response("in");

async function astro(path: string, init?: RequestInit): Promise<number> {
  const { requireAccess } = await import("../../src/adapters/astro.ts");
  const request = new Request(`${origin}${path}`, init);
  const context = { request, locals: {}, isPrerendered: false };
  return (await requireAccess(missing, everything)(context, async () => inside())).status;
}

async function next(path: string, init?: RequestInit): Promise<number> {
  const { requireAccess } = await import("../../src/adapters/next.ts");
  const response = await requireAccess(missing, everything)(new Request(`${origin}${path}`, init));
  return response?.status ?? 200;
}

async function reactRouter(path: string, init?: RequestInit): Promise<number> {
  const { requireAccess } = await import("../../src/adapters/react-router.ts");
  const request = new Request(`${origin}${path}`, init);
  const args = { request, context: { get: () => null, set() {} } } as never;
  return (await requireAccess(missing, everything)(args, async () => inside())).status;
}

async function svelteKit(path: string, facts: object = {}, publicPaths = ["/public"]) {
  const { requireAccess } = await import("../../src/adapters/sveltekit.ts");
  const event = { request: new Request(`${origin}${path}`), locals: {}, ...facts };
  return (await requireAccess(missing, { publicPaths })({ event, resolve: inside })).status;
}

const POST = { method: "POST" };

describe("a request that names the code to run is on no public path", () => {
  it.each([
    "/public?_action=remove",
    "/public?a=1&_action=remove",
    "/public?_action=",
    "/public?%5Faction=remove",
    "/public?_action=none&_action=remove",
    "/_actions/remove",
    "/base/_actions/remove",
    "/_actions/nested.remove/",
    "/_actions/subscribe?_action=remove",
  ])("of Astro: %s", async (path) => {
    expect(await astro(path, POST)).toBe(401);
    expect(await astro(path)).toBe(401);
  });

  it.each(["/public", "/public?action=remove", "/public?q=_action", "/actions/remove"])(
    "any other request of Astro is public: %s",
    async (path) => {
      expect(await astro(path, POST)).toBe(200);
    },
  );

  it.each([
    { "next-action": "7f00" },
    { "Next-Action": "" },
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-type": "Multipart/Form-Data;boundary=x" },
  ])("of Next.js: %o", async (headers) => {
    expect(await next("/public", { ...POST, headers: headers as Record<string, string> })).toBe(
      401,
    );
  });

  it("any other request of Next.js is public", async () => {
    expect(await next("/public")).toBe(200);
    expect(await next("/public", POST)).toBe(200);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(await next("/public", { ...POST, headers, body: "a=1" })).toBe(200);
    expect(await next("/public", { headers: { "next-action": "7f00" } })).toBe(200);
  });

  it("of React Router's server functions", async () => {
    const headers = { "rsc-action-id": "7f00#remove" };
    expect(await reactRouter("/public", { ...POST, headers })).toBe(401);
    expect(await reactRouter("/public", POST)).toBe(200);
  });

  it.each(["/public?/remote=1xz/remove", "/public?%2Fremote=1xz/remove", "/public?a&/remote"])(
    "of SvelteKit: %s",
    async (path) => {
      expect(await svelteKit(path)).toBe(401);
    },
  );

  it("of SvelteKit's remote functions, by their own path too", async () => {
    const remote = "/_app/remote/1xz/remove";
    expect(await svelteKit(remote, { isRemoteRequest: true }, [remote])).toBe(401);
    expect(await svelteKit("/public?/remove", { isRemoteRequest: false })).toBe(200);
  });
});

describe("a SvelteKit path that reroute sends elsewhere", () => {
  const to = (id: string | null, params: object = {}) => ({ route: { id }, params });

  it.each([
    ["/public", to("/admin")],
    ["/public", to("/")],
    ["/public", to("/(staff)/admin")],
    ["/public", to("/[...path]", { path: "admin" })],
    ["/public", to("/[page]", { page: "admin" })],
    ["/public", to("/[page=word]", { page: "admin" })],
    ["/public", to("/[[lang]]/admin", { lang: undefined })],
    ["/public", to("/x/public")],
    ["/public", to("/a[x+2d]public")],
    ["/public/", to("/admin")],
    ["/public/__data.json", to("/admin")],
    ["/public/__data.json/x", to("/public/x")],
    ["/public/x__data.json", to("/public/x")],
  ])("is not public: %s to %o", async (path, facts) => {
    expect(await svelteKit(path, facts, [path])).toBe(401);
  });

  it("is public when the route's own path is public too", async () => {
    const facts = to("/(site)/[[lang]]/about");
    expect(await svelteKit("/ueber-uns", facts, ["/ueber-uns"])).toBe(401);
    expect(await svelteKit("/ueber-uns", facts, ["/about"])).toBe(401);
    expect(await svelteKit("/ueber-uns", facts, ["/ueber-uns", "/about"])).toBe(200);
  });

  it.each([
    ["/public", to("/public")],
    ["/public", to("/(site)/public")],
    ["/public", to("/[page]", { page: "public" })],
    ["/public", to("/[...path]", { path: "public" })],
    ["/public", to("/[[lang]]/public", {})],
    ["/de/public", to("/[[lang=language]]/public", { lang: "de" })],
    ["/a-public", to("/a[x+2d]public")],
    ["/a-public", to("/a[u+002d]public")],
    ["/posts/7", to("/posts/[id=number]", { id: 7 })],
    ["/public/", to("/public")],
    ["/public/__data.json", to("/public")],
    ["/public.html__data.json", to("/public")],
    ["/__data.json", to("/")],
    ["/", to("/")],
    ["/base/public", to("/public")],
    ["/x(y)", to("/x(y)")],
    ["/(y)x", to("/(y)x")],
    ["/AB", to("/[x+41-42]")],
    ["/A-B", to("/[x+41][X+2D]B")],
    ["/a/b", to("/[...rest=word]", { rest: "a/b" })],
    ["/public", { route: { id: "/[[lang]]/public" } }],
    ["/public", { route: undefined }],
    ["/nowhere", to(null)],
  ])("is unchanged when reroute sends it nowhere else: %s at %o", async (path, facts) => {
    expect(await svelteKit(path, facts, [path])).toBe(200);
  });
});

describe("postern/next", () => {
  it("has neither access nor response when the token is optional and missing", async () => {
    const { getAccess } = await import("../../src/adapters/next.ts");
    expect(await getAccess(missing, new Headers(), { optional: true })).toEqual({});
    const bad = { verifyRequest: () => Promise.reject(new TokenError("token_expired")) };
    const { response } = await getAccess(bad, new Headers(), { optional: true });
    expect(response?.status).toBe(401);
  });
});
