import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { type FetchLike, getIdentity, IdentityError, type ResponseLike } from "../../src/index.ts";
import { rejection } from "../support/issuer.ts";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJraW0ifQ.c2lnbmF0dXJl";
const URL_OF_ACME = "https://acme.cloudflareaccess.com/cdn-cgi/access/get-identity";

const answer =
  (body: string, init: ResponseInit = {}): FetchLike =>
  async () =>
    new Response(body, init) as ResponseLike;

const ask = (fetch: FetchLike): Promise<unknown> => getIdentity(TOKEN, { team: "acme", fetch });

/** Serves a loopback team until the test ends. */
async function served<T>(
  listener: RequestListener,
  work: (team: string) => Promise<T>,
): Promise<T> {
  const server = createServer(listener);
  try {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("getIdentity", () => {
  test.each([7, "fetch", null, {}])("refuses the fetch function %j", async (fetch) => {
    const asked = getIdentity(TOKEN, { team: "acme", fetch: fetch as never });
    await expect(asked).rejects.toThrow(/^fetch must be a function, got /);
  });

  test("marks its error for other copies of the library", async () => {
    const error = await rejection(ask(answer("{}", { status: 403 })) as Promise<never>);
    expect(error).toMatchObject({ name: "IdentityError" });
    const marks = error as unknown as { [mark: symbol]: unknown };
    expect(marks[Symbol.for("postern.IdentityError")]).toBe(true);
  });

  test("asks the team's own endpoint, with the token only in the cookie", async () => {
    const fetch = vi.fn(answer('{"email":"kim@acme.example","groups":["staff"]}'));
    const identity = await getIdentity(TOKEN, { team: "acme", fetch });
    expect(identity).toEqual({ email: "kim@acme.example", groups: ["staff"] });
    expect(fetch).toHaveBeenCalledOnce();
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe(URL_OF_ACME);
    expect(init).toMatchObject({ redirect: "manual", credentials: "omit", cache: "no-store" });
    expect(init?.headers).toEqual({
      accept: "application/json",
      cookie: `CF_Authorization=${TOKEN}`,
    });
  });

  test.each([
    [429, { "retry-after": "30" }, 30],
    [503, { "retry-after": "0" }, 0],
    [408, { "retry-after": "2" }, 2],
    [
      503,
      { "retry-after": "Fri, 31 Jan 2025 09:01:00 GMT", date: "Fri, 31 Jan 2025 09:00:00 GMT" },
      60,
    ],
    [503, {}, undefined],
    [503, { "retry-after": "Fri, 31 Jan 2025 09:01:00 GMT" }, undefined],
    [503, { "retry-after": "soon" }, undefined],
    [503, { "retry-after": "-1" }, undefined],
    [503, { "retry-after": "" }, undefined],
  ])("passes on when to ask again: %i with %j", async (status, headers, seconds) => {
    const asked = ask(answer("", { status, headers: headers as Record<string, string> }));
    const error = await rejection(asked as Promise<never>);
    expect(error).toMatchObject({ code: "http_status", status: 503, upstreamStatus: status });
    expect((error as unknown as IdentityError).retryAfterSeconds).toBe(seconds);
  });

  test("asks over real HTTP", async () => {
    const identity = await served(
      ({ url, headers }, response) => response.end(JSON.stringify({ url, sent: headers.cookie })),
      (team) => getIdentity(TOKEN, { team }),
    );
    expect(identity).toEqual({
      url: "/cdn-cgi/access/get-identity",
      sent: `CF_Authorization=${TOKEN}`,
    });
  });

  test.each([
    ["a second cookie", `${TOKEN}; CF_AppSession=x`],
    ["a line end", `${TOKEN}\r\nX-Injected: 1`],
    ["a line feed after", `${TOKEN}\n`],
    ["a space", `${TOKEN} x`],
    ["a comma", `${TOKEN},x`],
    ["a quotation mark", `"${TOKEN}"`],
    ["an equals sign", `${TOKEN}=`],
    ["a NUL", `${TOKEN}\0`],
    ["a letter of another script", `${TOKEN}\u0435`],
    ["nothing", ""],
    ["more than a token can be", "a".repeat(16_385)],
    ["no string", undefined],
    ["an object that reads like a token", { length: 3, toString: (): string => TOKEN }],
  ])(
    "refuses %s before any request, so that nothing else gets into the cookie",
    async (_, token) => {
      const fetch = vi.fn(answer("{}"));
      const error = await rejection(getIdentity(token as string, { team: "acme", fetch }));
      expect(error).toBeInstanceOf(IdentityError);
      expect(error).toMatchObject({ code: "token_malformed", status: 401 });
      expect(fetch).not.toHaveBeenCalled();
    },
  );

  test("accepts a token of the greatest size", async () => {
    const fetch = vi.fn(answer("{}"));
    await getIdentity("a".repeat(16_384), { team: "acme", fetch });
    expect(fetch).toHaveBeenCalledOnce();
  });

  test.each([400, 401, 403, 410])("takes a %i as a refusal", async (status) => {
    const error = await rejection(ask(answer('{"err":"no app token set"}', { status })));
    expect(error).toBeInstanceOf(IdentityError);
    expect(error).toMatchObject({
      code: "identity_refused",
      status: 401,
      upstreamStatus: status,
      url: URL_OF_ACME,
    });
  });

  test.each([
    '{"err":"no app token set"}',
    '{"err":null}',
    '{"err":"","email":"kim@acme.example"}',
  ])("takes a 200 that says %s as a refusal", async (body) => {
    const error = await rejection(ask(answer(body)));
    expect(error).toMatchObject({ code: "identity_refused", status: 401, upstreamStatus: 200 });
  });

  test.each([404, 429, 500, 502, 503, 201, 204])(
    "cannot tell from a %i whether the session is valid",
    async (status) => {
      const body = status === 204 ? null : "<html>";
      const fetch: FetchLike = async () => new Response(body, { status }) as ResponseLike;
      const error = await rejection(ask(fetch));
      expect(error).toBeInstanceOf(IdentityError);
      expect(error).toMatchObject({ code: "http_status", status: 503, upstreamStatus: status });
    },
  );

  test.each(["<html>", "", "[]", "null", '"kim"'])(
    "cannot tell from a 200 with no JSON object: %j",
    async (body) => {
      const error = await rejection(ask(answer(body)));
      expect(error).toMatchObject({ code: "not_json", status: 503, upstreamStatus: 200 });
    },
  );

  test("never follows a redirect with the token", async () => {
    const seen: (string | undefined)[] = [];
    const error = await served(
      ({ url }, response) => {
        seen.push(url);
        response.writeHead(302, { location: "/elsewhere" }).end();
      },
      (team) => rejection(getIdentity(TOKEN, { team })),
    );
    expect(error).toMatchObject({ code: "redirected", status: 503, upstreamStatus: 302 });
    expect(seen).toEqual(["/cdn-cgi/access/get-identity"]);
  });

  test("reads no more than 262,144 bytes", async () => {
    const body = JSON.stringify({ name: "k".repeat(262_144) });
    const error = await rejection(ask(answer(body)));
    expect(error).toMatchObject({ code: "response_too_large", status: 503 });
  });

  test("gives up at its time limit, even if fetch ignores its signal", async () => {
    const fetch: FetchLike = () => new Promise(() => {});
    const options = { team: "acme", fetch, timeoutSeconds: 0.01 };
    const error = await rejection(getIdentity(TOKEN, options));
    expect(error).toMatchObject({ code: "fetch_timeout", status: 503 });
  });

  test("gives up when a body never ends", async () => {
    const error = await served(
      (_, response) => response.write('{"email":'),
      (team) => rejection(getIdentity(TOKEN, { team, timeoutSeconds: 0.05 })),
    );
    expect(error).toMatchObject({ code: "fetch_timeout", status: 503 });
  });

  test("gives up when the caller's signal ends it", async () => {
    const controller = new AbortController();
    const fetch: FetchLike = () => new Promise(() => {});
    const { signal } = controller;
    const waiting = rejection(getIdentity(TOKEN, { team: "acme", fetch, signal }));
    controller.abort(new Error("the client went away"));
    expect(await waiting).toMatchObject({
      code: "fetch_failed",
      cause: new Error("the client went away"),
    });
  });

  test("says when no endpoint could be reached", async () => {
    const cause = new TypeError("fetch failed");
    const error = await rejection(ask(() => Promise.reject(cause)));
    expect(error).toMatchObject({ code: "fetch_failed", status: 503, cause, url: URL_OF_ACME });
  });

  test("never shows the token", async () => {
    const fetches: FetchLike[] = [
      answer('{"err":"no"}', { status: 400 }),
      answer(`{"err":"${TOKEN}"}`),
      answer(TOKEN),
      answer("", { status: 500 }),
      () => Promise.reject(new TypeError("fetch failed")),
    ];
    const errors = await Promise.all(fetches.map((fetch) => rejection(ask(fetch))));
    errors.push(await rejection(getIdentity(`${TOKEN};`, { team: "acme" })));
    for (const error of errors) {
      expect(error).toBeInstanceOf(IdentityError);
      expect(inspect(error) + JSON.stringify(error)).not.toContain(TOKEN.slice(0, 20));
    }
  });

  test.each(["", "https://acme.cloudflareaccess.com/cdn-cgi/access/certs", undefined])(
    "refuses the team %j as a caller's mistake",
    async (team) => {
      const error = await rejection(getIdentity(TOKEN, { team: team as string }));
      expect(error).toBeInstanceOf(TypeError);
    },
  );

  test.each([
    ["0", 0],
    ["-1", -1],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["a string", "5"],
  ])("refuses a timeout of %s as a caller's mistake", async (_, timeoutSeconds) => {
    const fetch = vi.fn(answer("{}"));
    const options = { team: "acme", fetch, timeoutSeconds: timeoutSeconds as number };
    const error = await rejection(getIdentity(TOKEN, options));
    expect([TypeError, RangeError]).toContain((error as Error).constructor);
    expect((error as Error).message).toMatch(/^timeoutSeconds must be /);
    expect(fetch).not.toHaveBeenCalled();
  });
});
