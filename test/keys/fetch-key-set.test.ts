import { describe, expect, test, vi } from "vitest";
import { type FetchLike, KeySetError, type ResponseLike } from "../../src/index.ts";
import { type FetchedKeySet, fetchKeySet, readMaxAge } from "../../src/keys/fetch-key-set.ts";
import { rejection } from "../support/issuer.ts";

const URL = "https://acme.cloudflareaccess.com/cdn-cgi/access/certs";

function bring(fetch: FetchLike, etag?: string): Promise<FetchedKeySet> {
  const { signal } = new AbortController();
  const bounds = { fetch, timeoutMs: 1000, maxBytes: 1024 };
  return fetchKeySet({ url: URL, etag, cold: true, signal }, bounds);
}

const respond =
  (body: string | null, headers: { [name: string]: string } = {}, status = 200): FetchLike =>
  async () =>
    new Response(body, { status, headers }) as ResponseLike;

describe("a key set over HTTP", () => {
  test("is returned as it came, with what the response says about it", async () => {
    const headers = { etag: '"1"', "cache-control": "public, max-age=300", age: "100" };
    const brought = await bring(respond('{"keys":[]}', headers));
    expect(brought).toEqual({ jwks: { keys: [] }, etag: '"1"', maxAgeSeconds: 200 });
  });

  test("may come without headers that describe it", async () => {
    const brought = await bring(respond('{"keys":[]}'));
    expect(brought).toEqual({ jwks: { keys: [] }, etag: undefined, maxAgeSeconds: undefined });
  });

  test("is requested without a validator at first, and with one later", async () => {
    const fetch = vi.fn(respond("{}"));
    await bring(fetch);
    await bring(fetch, '"1"');
    const sent = fetch.mock.calls.map(([, { headers }]) => headers);
    expect(sent).toEqual([
      { accept: "application/jwk-set+json, application/json" },
      { accept: "application/jwk-set+json, application/json", "if-none-match": '"1"' },
    ]);
  });

  test("is still valid after a 304 to our own validator", async () => {
    const headers = { "cache-control": "max-age=60" };
    const brought = await bring(respond(null, headers, 304), '"1"');
    expect(brought).toEqual({ notModified: true, maxAgeSeconds: 60 });
  });

  test("does not come from a 304 without a validator", async () => {
    expect(await rejection(bring(respond(null, {}, 304)))).toMatchObject({
      code: "http_status",
      upstreamStatus: 304,
    });
  });

  test.each([201, 204, 400, 401, 403, 404, 429, 500, 503])(
    "does not come from a %i, which never becomes our own status",
    async (status) => {
      const body = status === 204 ? null : "<html>";
      const error = await rejection(bring(respond(body, {}, status)));
      expect(error).toBeInstanceOf(KeySetError);
      expect(error).toMatchObject({
        code: "http_status",
        status: 503,
        upstreamStatus: status,
        url: URL,
      });
    },
  );

  test.each(["<html>", "", "[]", "null", '"keys"', '{"keys":[]'])(
    "is not %j, which is no JSON object",
    async (body) => {
      const error = await rejection(bring(respond(body)));
      expect(error).toMatchObject({ code: "not_json", status: 503, upstreamStatus: 200 });
      expect((error as KeySetError).cause).toBeUndefined();
    },
  );
});

describe("Retry-After", () => {
  async function retryAfter(headers: { [name: string]: string }): Promise<number | undefined> {
    const error = await rejection(bring(respond("", headers, 503)));
    return (error as KeySetError).retryAfterSeconds;
  }

  test("is read in seconds", async () => {
    expect(await retryAfter({ "retry-after": "120" })).toBe(120);
    expect(await retryAfter({ "retry-after": "0" })).toBe(0);
  });

  test("is read as a date, by the server's own clock", async () => {
    const date = "Fri, 31 Dec 1999 23:59:00 GMT";
    expect(await retryAfter({ "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT", date })).toBe(59);
    expect(
      await retryAfter({ "retry-after": "Fri, 31 Dec 1999 23:58:00 GMT", date }),
    ).toBeUndefined();
  });

  test.each(["", "soon", "-1", "1e3", "NaN", "Fri, 31 Dec 1999 23:59:59 GMT"])(
    "is ignored when it says %j",
    async (value) => {
      expect(await retryAfter({ "retry-after": value })).toBeUndefined();
    },
  );

  test("may be absent", async () => {
    expect(await retryAfter({})).toBeUndefined();
  });
});

describe("freshness (RFC 9111 section 4.2)", () => {
  test.each([
    ["max-age=600", undefined, 600],
    ["public, max-age=600", undefined, 600],
    ["PUBLIC,MAX-AGE=600", undefined, 600],
    ['max-age="600"', undefined, 600],
    ["max-age = 600", undefined, 600],
    ["max-age=600", "100", 500],
    ["max-age=600", "700", 0],
    ["max-age=600", "soon", 600],
    ["max-age=600", "100x", 600],
    ["max-age=600", "-100", 600],
    ["max-age=0", undefined, 0],
    ["no-store", undefined, 0],
    ["no-cache", undefined, 0],
    ["no-store, max-age=600", undefined, 0],
    ["max-age=600, no-cache", undefined, 0],
    ['no-cache="set-cookie", max-age=600', undefined, 0],
    ["s-maxage=600", undefined, undefined],
    ["x-max-age=600", undefined, undefined],
    ["max-age=-1", undefined, undefined],
    ["max-age=soon", undefined, undefined],
    ["no-storexyz", undefined, undefined],
    ["private", undefined, undefined],
    ["", undefined, undefined],
    [undefined, "100", undefined],
  ])("of %j at age %j is %j", (cacheControl, age, expected) => {
    expect(readMaxAge(cacheControl, age)).toBe(expected);
  });
});
