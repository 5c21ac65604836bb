import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** What a page is to the helper: where it is, what it remembers, and how it is loaded anew. */
function page({ canRemember = true } = {}) {
  const items = new Map<string, string>();
  const reload = vi.fn();
  const listeners: (() => void)[] = [];
  vi.stubGlobal("location", { origin: "https://app.example", reload });
  vi.stubGlobal("addEventListener", (_type: string, listener: () => void) =>
    listeners.push(listener),
  );
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem(key: string, value: string) {
      if (!canRemember) throw new Error("denied");
      items.set(key, value);
    },
  });
  const show = (): void => {
    for (const listener of listeners.splice(0)) listener();
  };
  return { reload, items, show };
}

/** Responses with members that only a browser's own fetch can set. */
function response(facts: object): Response {
  return Object.defineProperties(new Response(null), Object.getOwnPropertyDescriptors(facts));
}

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["Date"] });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("createAccessFetch", () => {
  const load = async () => import("../../src/browser/index.ts");

  it("asks Access for a 401 instead of the log-in, and follows no redirect", async () => {
    page();
    const { createAccessFetch } = await load();
    const send = vi.fn(async (_request: Request) => new Response("items"));
    const accessFetch = createAccessFetch({ fetch: send as never });
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    const answer = await accessFetch("https://app.example/api/items", init);
    expect(await answer.text()).toBe("items");
    const request = send.mock.calls[0]?.[0] as Request;
    expect(request.headers.get("x-requested-with")).toBe("XMLHttpRequest");
    expect(request.headers.get("content-type")).toBe("application/json");
    expect(request.redirect).toBe("manual");
    expect(await request.text()).toBe("{}");
  });

  it("leaves requests to other origins alone", async () => {
    page();
    const { createAccessFetch } = await load();
    const send = vi.fn(async (_request: Request) => new Response(null, { status: 401 }));
    const answer = await createAccessFetch({ fetch: send as never })("https://other.example/");
    expect(answer.status).toBe(401);
    expect(send.mock.calls[0]?.[0].headers.has("x-requested-with")).toBe(false);
  });

  it.each([
    ["a 401", { status: 401 }],
    ["a redirect that was not followed", { status: 0, type: "opaqueredirect" }],
    [
      "the log-in page",
      {
        redirected: true,
        url: "https://acme.cloudflareaccess.com/cdn-cgi/access/login/app.example",
      },
    ],
    [
      "the log-in of Local Access",
      { redirected: true, url: "http://127.0.0.1:8788/cdn-cgi/access/login" },
    ],
  ])("says that the session has ended when a request meets %s", async (_what, facts) => {
    page();
    const { createAccessFetch, SessionEndedError } = await load();
    const onSessionEnd = vi.fn();
    const accessFetch = createAccessFetch({ fetch: async () => response(facts), onSessionEnd });
    await expect(accessFetch("https://app.example/api")).rejects.toBeInstanceOf(SessionEndedError);
    expect(onSessionEnd).toHaveBeenCalledTimes(1);
  });

  it.each([
    { status: 200 },
    { status: 403 },
    { status: 503 },
    { status: 200, redirected: true, url: "https://app.example/elsewhere" },
    { status: 200, redirected: true, url: "https://evilcloudflareaccess.com/" },
  ])("hands on whatever else is answered", async (facts) => {
    page();
    const { createAccessFetch } = await load();
    const given = response(facts);
    const accessFetch = createAccessFetch({ fetch: async () => given });
    expect(await accessFetch("https://app.example/api", { redirect: "follow" })).toBe(given);
  });
});

describe("logIn", () => {
  const load = async () => (await import("../../src/browser/index.ts")).logIn;

  it("loads the page anew, once, however many requests failed at once", async () => {
    const { reload } = page();
    const logIn = await load();
    expect([logIn(), logIn(), logIn()]).toEqual([true, true, true]);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("does not try again at once when that did not help: no loop", async () => {
    const { reload } = page();
    (await load())();
    // The page that was loaded anew starts from nothing but what the session remembers.
    vi.resetModules();
    const logIn = await load();
    expect(logIn()).toBe(false);
    vi.setSystemTime(Date.now() + 29_999);
    expect(logIn()).toBe(false);
    expect(reload).toHaveBeenCalledTimes(1);
    vi.setSystemTime(Date.now() + 1);
    expect(logIn()).toBe(true);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it("does nothing where nothing can be remembered", async () => {
    const { reload } = page({ canRemember: false });
    expect((await load())()).toBe(false);
    expect(reload).not.toHaveBeenCalled();
  });

  it("is ready again when the page is shown again, and when the clock was set back", async () => {
    const { reload, show, items } = page();
    const logIn = await load();
    logIn();
    show();
    expect(logIn()).toBe(false);
    vi.setSystemTime(Date.now() - 1);
    expect(logIn()).toBe(true);
    show();
    items.set("postern.logInAt", "nonsense");
    expect(logIn()).toBe(true);
    expect(reload).toHaveBeenCalledTimes(3);
  });

  it("may be told how to load the page, and how often", async () => {
    page();
    const logIn = await load();
    const reload = vi.fn();
    expect(logIn({ reload, everySeconds: 1 })).toBe(true);
    expect(reload).toHaveBeenCalledTimes(1);
    expect(() => logIn({ everySeconds: 0 })).toThrow(RangeError);
  });
});
