import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type BoundedResponse, boundedFetch, within } from "../../src/http/bounded-fetch.ts";
import { type FetchLike, KeySetError, type ResponseLike } from "../../src/index.ts";
import { rejection } from "../support/issuer.ts";

const URL = "https://keys.example/jwks?secret=1";

interface Bounds {
  timeoutMs?: number;
  maxBytes?: number;
  signal?: AbortSignal;
}

function get(
  fetch: FetchLike | undefined,
  bounds: Bounds = {},
  url = URL,
): Promise<BoundedResponse> {
  const { timeoutMs = 5000, maxBytes = 1024, signal } = bounds;
  return within(timeoutMs, { url, Family: KeySetError, signal }, (signal) =>
    boundedFetch(url, { accept: "application/json" }, { fetch, maxBytes, signal }, KeySetError),
  );
}

const respond =
  (body: string | ReadableStream | null, init?: ResponseInit): FetchLike =>
  async () =>
    new Response(body, init) as ResponseLike;

/** A body that goes on until it is cancelled, in chunks of 100 bytes. */
function endless(onCancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(100).fill(0x20)),
    cancel: onCancel,
  });
}

async function served<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  try {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("an exchange", () => {
  test("is one GET without redirects, credentials or cache", async () => {
    const fetch = vi.fn(respond("{}"));
    await get(fetch);
    expect(fetch).toHaveBeenCalledOnce();
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe(URL);
    expect(init).toEqual({
      headers: { accept: "application/json" },
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
      signal: expect.any(AbortSignal),
    });
  });

  test("works without the members that a runtime does not know", async () => {
    vi.stubGlobal("Request", class {});
    const fetch = vi.fn(respond("{}"));
    await get(fetch);
    expect(Object.keys(fetch.mock.calls[0]?.[1] ?? {}).sort()).toEqual([
      "headers",
      "redirect",
      "signal",
    ]);
  });

  test("needs no Request class", async () => {
    vi.stubGlobal("Request", undefined);
    expect((await get(respond("{}"))).text).toBe("{}");
  });

  test("uses the runtime's own fetch by default", async () => {
    const body = await served(
      ({ method, headers }, response) => response.end(`${method} ${headers.accept}`),
      async (url) => (await get(undefined, {}, url)).text,
    );
    expect(body).toBe("GET application/json");
  });

  test("gives status, headers and text of a 200", async () => {
    const response = await get(respond('{"é":1}', { headers: { etag: '"1"' } }));
    expect(response).toMatchObject({ status: 200, text: '{"é":1}' });
    expect(response.headers.get("etag")).toBe('"1"');
  });

  test("joins a character that is split between two chunks", async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of new TextEncoder().encode("é€😀")) {
          controller.enqueue(new Uint8Array([byte]));
        }
        controller.close();
      },
    });
    expect((await get(respond(body))).text).toBe("é€😀");
  });

  test("reads a body that is no stream", async () => {
    const response = { status: 200, headers: new Headers(), text: async () => "{}" };
    expect((await get(async () => response)).text).toBe("{}");
    expect((await get(async () => ({ ...response, body: null }))).text).toBe("{}");
  });

  test.each([204, 304, 400, 404, 429, 500, 503])("gives a %i without its body", async (status) => {
    const text = vi.fn(async () => "<html>");
    const headers = new Headers({ "retry-after": "7" });
    const response = await get(async () => ({ status, headers, text }));
    expect(response).toMatchObject({ status, text: "" });
    expect(response.headers.get("retry-after")).toBe("7");
    expect(text).not.toHaveBeenCalled();
  });

  test("cancels a body that it does not read", async () => {
    const onCancel = vi.fn();
    await get(respond(endless(onCancel), { status: 500 }));
    expect(onCancel).toHaveBeenCalledOnce();
  });

  test("accepts a body that cannot be cancelled", async () => {
    const body = { cancel: () => Promise.reject(new Error("locked")) };
    const response = { status: 500, headers: new Headers(), body, text: async () => "" };
    expect(await get(async () => response)).toMatchObject({ status: 500 });
  });
});

describe("a redirect", () => {
  test.each([300, 301, 302, 303, 307, 308])("of %i is refused", async (status) => {
    const headers = { location: "https://attacker.example/jwks" };
    const error = await rejection(get(respond(null, { status, headers })));
    expect(error).toBeInstanceOf(KeySetError);
    expect(error).toMatchObject({ code: "redirected", status: 503, upstreamStatus: status });
  });

  test("that a browser shows as status 0 is refused", async () => {
    const response = { status: 0, headers: new Headers(), body: null, text: async () => "" };
    const error = await rejection(get(async () => response));
    expect(error).toMatchObject({ code: "redirected", upstreamStatus: 0 });
  });

  test("is not followed over real HTTP either", async () => {
    const paths: (string | undefined)[] = [];
    const error = await served(
      (request, response) => {
        paths.push(request.url);
        response.writeHead(307, { location: "/other" }).end();
      },
      (url) => rejection(get(undefined, {}, url)),
    );
    expect(error).toMatchObject({ code: "redirected", upstreamStatus: 307 });
    expect(paths).toEqual(["/jwks"]);
  });
});

describe("the size of a body", () => {
  test("may be exactly the limit", async () => {
    expect((await get(respond(" ".repeat(1024)))).text).toHaveLength(1024);
  });

  test("is refused one byte above the limit, in bytes and not in characters", async () => {
    const error = await rejection(get(respond(" ".repeat(1025))));
    expect(error).toMatchObject({ code: "response_too_large", status: 503, upstreamStatus: 200 });
    expect(await rejection(get(respond("é".repeat(513))))).toMatchObject({
      code: "response_too_large",
    });
  });

  test("is refused while it streams: the rest is never read", async () => {
    const onCancel = vi.fn();
    const error = await rejection(get(respond(endless(onCancel))));
    expect(error).toMatchObject({ code: "response_too_large" });
    expect(onCancel).toHaveBeenCalledOnce();
  });

  test("is refused, even when the rest cannot be cancelled", async () => {
    const value = new Uint8Array(2000);
    const cancel = (): Promise<void> => Promise.reject(new Error("gone"));
    const reader = { read: async () => ({ done: false, value }), cancel };
    const body = { getReader: () => reader };
    const response = { status: 200, headers: new Headers(), body, text: async () => "" };
    expect(await rejection(get(async () => response))).toMatchObject({
      code: "response_too_large",
    });
  });

  test("has the same limit without a stream", async () => {
    const response = { status: 200, headers: new Headers(), text: async () => " ".repeat(1025) };
    expect(await rejection(get(async () => response))).toMatchObject({
      code: "response_too_large",
    });
  });
});

describe("the time of an exchange", () => {
  test("ends a fetch that ignores its signal, and tells it", async () => {
    let signal: AbortSignal | undefined;
    const fetch: FetchLike = (_, init) => {
      signal = init.signal;
      return new Promise(() => {});
    };
    const error = await rejection(get(fetch, { timeoutMs: 5 }));
    expect(error).toBeInstanceOf(KeySetError);
    expect(error).toMatchObject({ code: "fetch_timeout", status: 503 });
    expect(signal?.aborted).toBe(true);
  });

  test("ends a body that stalls", async () => {
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const error = await rejection(get(respond(body), { timeoutMs: 5 }));
    expect(error).toMatchObject({ code: "fetch_timeout" });
  });

  test("ends a text that never comes", async () => {
    const text = (): Promise<string> => new Promise(() => {});
    const response = { status: 200, headers: new Headers(), text };
    expect(await rejection(get(async () => response, { timeoutMs: 5 }))).toMatchObject({
      code: "fetch_timeout",
    });
  });

  test("ends when the caller's signal ends it", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = rejection(get(() => new Promise(() => {}), { signal }));
    controller.abort("went away");
    expect(await waiting).toMatchObject({ code: "fetch_failed", cause: "went away" });
  });
});

describe("a failure", () => {
  test.each([
    ["a rejection", () => Promise.reject(new TypeError("fetch failed"))],
    [
      "a throw",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
    ["no response", async () => undefined],
    ["a response without headers and text", async () => ({ status: 200 })],
    [
      "a body that breaks off",
      async () =>
        new Response(new ReadableStream({ pull: () => Promise.reject(new Error("reset")) })),
    ],
    ["chunks that are no bytes", respond(new ReadableStream({ start: (c) => c.enqueue(null) }))],
  ])("of fetch keeps its cause: %s", async (_, fetch) => {
    const error = await rejection(get(fetch as FetchLike));
    expect(error).toBeInstanceOf(KeySetError);
    expect(error).toMatchObject({ code: "fetch_failed", status: 503 });
    expect((error as KeySetError).cause).toBeInstanceOf(Error);
  });

  test("of the same family is passed on unchanged", async () => {
    const thrown = new KeySetError("no_usable_keys");
    expect(await rejection(get(() => Promise.reject(thrown)))).toBe(thrown);
  });

  test("shows no query", async () => {
    const error = await rejection(get(() => Promise.reject(new Error("down"))));
    expect((error as KeySetError).url).toBe("https://keys.example/jwks");
  });
});

describe("a body from a custom fetch function", () => {
  const streaming = (value: unknown): FetchLike => {
    const reader = { read: async () => ({ done: false, value }), cancel: () => undefined };
    const response = { status: 200, headers: new Headers(), text: async () => "" };
    return async () => ({ ...response, body: { getReader: () => reader } });
  };

  test.each([
    ["buffers, which have no length", new ArrayBuffer(100)],
    ["wide numbers, which are more bytes than their count", new Uint32Array(25)],
    ["nothing, without end", new Uint8Array()],
  ])("ends with its own code when the chunks are %s", async (_, chunk) => {
    const error = await rejection(get(streaming(chunk)));
    expect(error).toMatchObject({ code: "response_too_large" });
  });

  test("is a redirect when the response says so itself", async () => {
    const response = {
      status: 200,
      redirected: true,
      headers: new Headers(),
      text: async () => "{}",
    };
    expect(await rejection(get(async () => response))).toMatchObject({ code: "redirected" });
  });

  test("keeps its own code when the cancel throws", async () => {
    const cancel = (): never => {
      throw new Error("gone");
    };
    const response = {
      status: 302,
      headers: new Headers(),
      body: { cancel },
      text: async () => "",
    };
    expect(await rejection(get(async () => response))).toMatchObject({ code: "redirected" });
  });
});
