import { describe, expect, test } from "vitest";
import { createRemoteKeySet } from "../../../src/index.ts";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { respond, ScriptedOrigin } from "../../support/scripted-origin.ts";
import { atOnce } from "../../support/story-clock.ts";

const first = publicJwk("first");

describe("the URL of a key set", () => {
  for (const url of [
    "https://issuer.example/jwks",
    "http://localhost:8788/certs",
    "http://127.0.0.1/certs",
    "http://127.9.9.9:1/certs",
    "http://[::1]:8788/certs",
  ]) {
    test(`may be ${url}`, () => {
      expect(() => createRemoteKeySet(url)).not.toThrow();
      expect(() => createRemoteKeySet(new URL(url))).not.toThrow();
    });
  }

  for (const url of [
    "http://issuer.example/jwks",
    "http://localhost.example/jwks",
    "http://127.0.0.1.example/jwks",
    "http://10.0.0.1/jwks",
    "http://0.0.0.0/jwks",
    "http://[::ffff:127.0.0.1]/jwks",
    "ftp://issuer.example/jwks",
    "file:///jwks.json",
    "data:application/json,{}",
    "https://user:password@issuer.example/jwks",
    "issuer.example/jwks",
    "/jwks",
    "",
    undefined,
    null,
    {},
  ]) {
    test(`is refused at once when it is ${url}`, () => {
      expect(() => createRemoteKeySet(url as string)).toThrow(TypeError);
    });
  }

  test("does not show its userinfo in the refusal", () => {
    const url = "https://user:password@issuer.example/jwks";
    expect(() => createRemoteKeySet(url)).not.toThrow(/password/);
  });

  test("is shown to operators without its query, and requested with it", async () => {
    const asked: string[] = [];
    const origin = new ScriptedOrigin().goDown();
    const shown: unknown[] = [];
    const keys = createRemoteKeySet("https://issuer.example/jwks?api-key=secret#part", {
      fetch(url, init) {
        asked.push(url);
        return origin.fetch(url, init);
      },
      onEvent: (event) => shown.push(event),
    });
    const error = await atOnce(keys.refresh()).catch((reason: unknown) => reason);
    expect(asked[0]).toContain("?api-key=secret");
    expect(shown).not.toEqual([]);
    expect(JSON.stringify([shown, keys.state, error])).not.toContain("secret");
    expect(error).toMatchObject({ url: "https://issuer.example/jwks" });
  });
});

describe("a request for keys", () => {
  test("follows no redirect, sends no credentials and reads no cache", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first);
    await atOnce(keys.prefetch());
    const [{ signal, ...init }] = origin.requests as [(typeof origin.requests)[0]];
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(init).toEqual({
      headers: { accept: "application/jwk-set+json, application/json" },
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
    });
  });

  for (const status of [301, 302, 303, 307, 308, 300, 0]) {
    test(`is not redirected by ${status}`, async () => {
      const { clock, origin, keys } = beginStory();
      const headers = { location: "https://elsewhere.example/jwks" };
      origin.misbehave({ status, headers, body: { keys: [first] } });
      const cold = keys.find(under("first"));
      cold.catch(() => {});
      await clock.elapse(1);
      await expect(atOnce(cold)).rejects.toMatchObject({
        code: "redirected",
        status: 503,
        upstreamStatus: status,
      });
      expect(origin.requests).toHaveLength(2);
    });
  }

  test("cancels a body that it does not need", async () => {
    let isCancelled = false;
    const { keys } = beginStory({
      fetch: async () => ({
        ...respond({ status: 500 }),
        body: new ReadableStream({
          cancel() {
            isCancelled = true;
          },
        }),
      }),
    });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "http_status" });
    expect(isCancelled).toBe(true);
  });

  test("stops reading a body that is too large, whatever its length claims", async () => {
    let chunks = 0;
    let isCancelled = false;
    const { keys } = beginStory({
      maxBytes: 1000,
      fetch: async () => ({
        ...respond({ headers: { "content-length": "10" } }),
        body: new ReadableStream({
          pull(controller) {
            chunks++;
            controller.enqueue(new Uint8Array(300).fill(0x20));
          },
          cancel() {
            isCancelled = true;
          },
        }),
      }),
    });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "response_too_large" });
    expect(isCancelled).toBe(true);
    expect(chunks).toBeLessThanOrEqual(6);
  });

  test("takes a body of exactly the allowed size, in one piece or in many", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ keys: [first] }));
    for (const size of [1, 7, bytes.length]) {
      const { keys } = beginStory({
        maxBytes: bytes.length,
        fetch: async () => ({
          ...respond({}),
          body: new ReadableStream({
            start(controller) {
              for (let at = 0; at < bytes.length; at += size) {
                controller.enqueue(bytes.slice(at, at + size));
              }
              controller.close();
            },
          }),
        }),
      });
      await atOnce(keys.refresh());
      expect(keys.known(under("first"))).toHaveLength(1);
    }
  });

  test("bounds a body that does not stream, too", async () => {
    const { origin, keys } = beginStory({ maxBytes: 1000 });
    origin.publish(first).misbehave({ body: { keys: [first], padding: "x".repeat(1000) } });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "response_too_large" });
  });
});

describe("a validator", () => {
  test("is sent back, and 304 renews the set and its freshness", async () => {
    const { clock, origin, keys, told } = beginStory();
    origin.publish(first).say({ etag: 'W/"one"', "cache-control": "max-age=900" });
    await atOnce(keys.prefetch());
    const [key] = keys.known(under("first"));
    await clock.elapse(900);
    await atOnce(keys.refresh());
    expect(origin.requests[1]?.headers).toEqual({
      accept: "application/jwk-set+json, application/json",
      "if-none-match": 'W/"one"',
    });
    expect(told("refresh_succeeded").at(-1)).toMatchObject({ notModified: true, keys: 1 });
    expect(keys.known(under("first"))).toEqual([key]);
    expect(keys.state.freshUntilAt).toBe(clock.now() + 900_000);
    expect(keys.state.fetchedAt).toBe(clock.now());
  });

  test("is replaced by a newer one, and removed by a response without one", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"' });
    await atOnce(keys.prefetch());
    origin.say({ etag: '"two"' });
    await atOnce(keys.refresh());
    origin.say({});
    await atOnce(keys.refresh());
    await atOnce(keys.refresh());
    const sent = origin.requests.map(({ headers }) => headers["if-none-match"]);
    expect(sent).toEqual([undefined, '"one"', '"two"', undefined]);
  });

  test("is sent again after each 304", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"' });
    await atOnce(keys.prefetch());
    await atOnce(keys.refresh());
    await atOnce(keys.refresh());
    const sent = origin.requests.map(({ headers }) => headers["if-none-match"]);
    expect(sent).toEqual([undefined, '"one"', '"one"']);
  });

  test("is kept through failures", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"' });
    await atOnce(keys.prefetch());
    origin.failOnce();
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed" });
    await clock.elapse(1);
    await atOnce(keys.refresh());
    expect(origin.requests[2]?.headers).toHaveProperty("if-none-match", '"one"');
  });

  test("is not sent for a set that is no longer trusted", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"' });
    await atOnce(keys.prefetch());
    await clock.elapse(600 + 86_400);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(origin.requests[1]?.headers).not.toHaveProperty("if-none-match");
  });
});

describe("a response is fresh", () => {
  for (const { headers, seconds } of [
    { headers: {}, seconds: 600 },
    { headers: { "cache-control": "max-age=900" }, seconds: 900 },
    { headers: { "cache-control": "public, max-age=900, must-revalidate" }, seconds: 900 },
    { headers: { "cache-control": "Max-Age=900" }, seconds: 900 },
    { headers: { "cache-control": 'max-age="900"' }, seconds: 900 },
    { headers: { "cache-control": "max-age=900", age: "300" }, seconds: 600 },
    { headers: { "cache-control": "max-age=900", age: "870" }, seconds: 60 },
    { headers: { "cache-control": "max-age=900", age: "901" }, seconds: 60 },
    { headers: { "cache-control": "max-age=900", age: "old" }, seconds: 900 },
    { headers: { "cache-control": "max-age=0" }, seconds: 60 },
    { headers: { "cache-control": "max-age=59" }, seconds: 60 },
    { headers: { "cache-control": "max-age=3601" }, seconds: 3600 },
    { headers: { "cache-control": `max-age=${"9".repeat(20)}` }, seconds: 3600 },
    { headers: { "cache-control": "no-store" }, seconds: 60 },
    { headers: { "cache-control": "no-cache" }, seconds: 60 },
    { headers: { "cache-control": "max-age=900, no-cache" }, seconds: 60 },
    { headers: { "cache-control": "No-Store, max-age=900" }, seconds: 60 },
    { headers: { "cache-control": "s-maxage=900" }, seconds: 600 },
    { headers: { "cache-control": "max-age=soon" }, seconds: 600 },
    { headers: { "cache-control": "private" }, seconds: 600 },
    { headers: { age: "300" }, seconds: 600 },
  ]) {
    test(`for ${seconds} s when it says ${JSON.stringify(headers)}`, async () => {
      const { clock, origin, keys } = beginStory();
      origin.publish(first).say(headers as Record<string, string>);
      await atOnce(keys.prefetch());
      expect(keys.state.freshUntilAt).toBe(clock.now() + seconds * 1000);
    });
  }

  test("for as long as the operator says when it says nothing, even for a second", async () => {
    const { clock, origin, keys } = beginStory({ maxAgeSeconds: 1 });
    origin.publish(first);
    await atOnce(keys.prefetch());
    expect(keys.state.freshUntilAt).toBe(clock.now() + 1000);
  });

  test("again for the time that a 304 says", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"', "cache-control": "max-age=900" });
    await atOnce(keys.prefetch());
    origin.say({ etag: '"one"', "cache-control": "max-age=1200" });
    await atOnce(keys.refresh());
    expect(keys.state.freshUntilAt).toBe(clock.now() + 1_200_000);
  });
});
