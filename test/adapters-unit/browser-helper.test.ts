import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_ORIGINS } from "../support/no-origins.ts";
import { polluted } from "../support/polluted.ts";

/** What a page gives the helper: its address, its storage, and how it is reloaded. */
function page({ canRemember = true, canRead = true } = {}) {
  const items = new Map<string, string>();
  const reload = vi.fn();
  const listeners: (() => void)[] = [];
  vi.stubGlobal("location", { origin: "https://app.example", reload });
  vi.stubGlobal("addEventListener", (_type: string, listener: () => void) =>
    listeners.push(listener),
  );
  vi.stubGlobal("sessionStorage", {
    getItem(key: string) {
      if (!canRead) throw new DOMException("denied", "SecurityError");
      return items.get(key) ?? null;
    },
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
  ])("passes on every other answer", async (facts) => {
    page();
    const { createAccessFetch } = await load();
    const given = response(facts);
    const accessFetch = createAccessFetch({ fetch: async () => given });
    expect(await accessFetch("https://app.example/api", { redirect: "follow" })).toBe(given);
  });
});

describe("createAccessFetch with other origins", () => {
  const load = async () => (await import("../../src/browser/index.ts")).createAccessFetch;
  const api = "https://api.example.com";

  it("sends their requests with cookies, and checks the answers", async () => {
    page();
    const createAccessFetch = await load();
    const send = vi.fn(async (_request: Request) => new Response(null, { status: 401 }));
    const onSessionEnd = vi.fn();
    const accessFetch = createAccessFetch({ fetch: send as never, onSessionEnd, origins: [api] });
    const init = { method: "POST", body: "{}", credentials: "same-origin" } as const;
    await expect(accessFetch(`${api}/items`, init)).rejects.toMatchObject({
      name: "SessionEndedError",
    });
    const request = send.mock.calls[0]?.[0] as Request;
    expect(request.credentials).toBe("include");
    expect(request.redirect).toBe("manual");
    expect(request.headers.get("x-requested-with")).toBe("XMLHttpRequest");
    expect(await request.text()).toBe("{}");
    expect(onSessionEnd).toHaveBeenCalledTimes(1);
  });

  it.each([
    `${api}.evil.example/`,
    `${api}:8443/`,
    "http://api.example.com/",
    "https://example.com/",
  ])("does not match a similar origin: %s", async (address) => {
    page();
    const createAccessFetch = await load();
    const send = vi.fn(async (_request: Request) => new Response(null, { status: 401 }));
    await createAccessFetch({ fetch: send as never, origins: [api] })(address);
    expect(send.mock.calls[0]?.[0].headers.has("x-requested-with")).toBe(false);
    expect(send.mock.calls[0]?.[0].credentials).toBe("same-origin");
  });

  it("keeps the credentials of a same-origin request", async () => {
    page();
    const createAccessFetch = await load();
    const send = vi.fn(async (_request: Request) => new Response());
    await createAccessFetch({ fetch: send as never })("https://app.example/", {
      credentials: "omit",
    });
    expect(send.mock.calls[0]?.[0].credentials).toBe("omit");
  });

  it.each<[unknown]>([
    ["https://api.example.com"],
    [["https://api.example.com/"]],
    [["https://api.example.com/v1"]],
    [["api.example.com"]],
    [["null"]],
    [["*"]],
    [["HTTPS://API.example.com"]],
    [["ftp://api.example.com"]],
    [[api, 7]],
    [null],
    ...NO_ORIGINS.map((origin): [unknown] => [[origin]]),
  ])("refuses a malformed list of origins at once: %j", async (origins) => {
    page();
    const createAccessFetch = await load();
    expect(() => createAccessFetch({ origins: origins as never })).toThrow(/^origins must be/);
  });
});

describe("the options of the helper", () => {
  const load = async () => import("../../src/browser/index.ts");

  it("are a closed list, and read from the object itself", async () => {
    page();
    const { createAccessFetch, logIn } = await load();
    expect(() => createAccessFetch({ onSessionEnded: () => {} } as never)).toThrow(
      'did you mean "onSessionEnd"?',
    );
    expect(() => logIn({ every: 1 } as never)).toThrow('did you mean "everySeconds"?');
    for (const wrong of [{ fetch: 7 }, { onSessionEnd: "logIn" }, null, "fetch"]) {
      expect(() => createAccessFetch(wrong as never)).toThrow(TypeError);
    }
    for (const wrong of [{ reload: true }, { everySeconds: "1" }, null]) {
      expect(() => logIn(wrong as never)).toThrow(TypeError);
    }
    const send = vi.fn(async (_request: Request) => new Response(null, { status: 401 }));
    const accessFetch = await polluted({ origins: ["https://other.example"] }, () =>
      createAccessFetch({ fetch: send as never }),
    );
    expect((await accessFetch("https://other.example/")).status).toBe(401);
  });
});

describe("a listener that fails", () => {
  it("does not replace the session error, and becomes its cause", async () => {
    page();
    const { createAccessFetch } = await import("../../src/browser/index.ts");
    const fault = new Error("a bug");
    const accessFetch = createAccessFetch({
      fetch: async () => new Response(null, { status: 401 }),
      onSessionEnd() {
        throw fault;
      },
    });
    await expect(accessFetch("https://app.example/")).rejects.toMatchObject({
      name: "SessionEndedError",
      cause: fault,
    });
  });

  it("is not logIn where storage is forbidden", async () => {
    const { reload } = page({ canRead: false });
    const { createAccessFetch, logIn } = await import("../../src/browser/index.ts");
    const told: boolean[] = [];
    const accessFetch = createAccessFetch({
      fetch: async () => new Response(null, { status: 401 }),
      onSessionEnd: () => told.push(logIn()),
    });
    const error = await accessFetch("https://app.example/").catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "SessionEndedError" });
    expect(error.cause).toBeUndefined();
    expect(told).toEqual([false]);
    expect(reload).not.toHaveBeenCalled();
  });
});

describe("logIn in an installed web app", () => {
  const load = async () => (await import("../../src/browser/index.ts")).logIn;

  /** A browser with workers, and what happens when they are unregistered. */
  function workers(unregister: () => Promise<unknown>) {
    const asked: (string | undefined)[] = [];
    const steps: string[] = [];
    vi.stubGlobal("navigator", {
      serviceWorker: {
        async getRegistration(address?: string) {
          asked.push(address);
          if (address !== undefined) return undefined;
          return {
            unregister() {
              steps.push("unregister");
              return unregister();
            },
          };
        },
      },
    });
    return { asked, steps };
  }

  it("unregisters the page's worker before it loads the page", async () => {
    const { reload } = page();
    const { asked, steps } = workers(async () => true);
    reload.mockImplementation(() => steps.push("reload"));
    const logIn = await load();
    expect([logIn(), logIn()]).toEqual([true, true]);
    await vi.waitFor(() => expect(steps).toContain("reload"));
    expect(steps).toEqual(["unregister", "reload"]);
    expect(asked).toEqual([undefined, "/cdn-cgi/access/"]);
  });

  it("loads the page even when a worker cannot be unregistered", async () => {
    const { reload } = page();
    workers(() => Promise.reject(new DOMException("denied", "SecurityError")));
    expect((await load())()).toBe(true);
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  });

  it("loads the page even when that takes too long", async () => {
    const { reload } = page();
    workers(() => new Promise(() => {}));
    vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["Date", "setTimeout"] });
    expect((await load())()).toBe(true);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("keeps the worker when the application has its own reload", async () => {
    page();
    const { asked } = workers(async () => true);
    const reload = vi.fn();
    (await load())({ reload });
    expect(reload).toHaveBeenCalledTimes(1);
    expect(asked).toEqual([]);
  });

  it("loads a sandboxed page, where workers cannot be read", async () => {
    const { reload } = page();
    vi.stubGlobal("navigator", {
      get serviceWorker(): never {
        throw new DOMException("sandboxed", "SecurityError");
      },
    });
    expect((await load())()).toBe(true);
    expect(reload).toHaveBeenCalledTimes(1);
  });
});

describe("logIn", () => {
  const load = async () => (await import("../../src/browser/index.ts")).logIn;

  it("reloads the page once, however many requests failed", async () => {
    const { reload } = page();
    const logIn = await load();
    expect([logIn(), logIn(), logIn()]).toEqual([true, true, true]);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("does not reload again at once when that did not help", async () => {
    const { reload } = page();
    (await load())();
    // The reloaded page has only what the session storage holds.
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

  it("does nothing without session storage", async () => {
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

  it("takes a reload function and an interval", async () => {
    page();
    const logIn = await load();
    const reload = vi.fn();
    expect(logIn({ reload, everySeconds: 1 })).toBe(true);
    expect(reload).toHaveBeenCalledTimes(1);
    expect(() => logIn({ everySeconds: 0 })).toThrow(RangeError);
  });
});
