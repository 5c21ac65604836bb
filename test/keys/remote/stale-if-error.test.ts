import { describe, expect, test } from "vitest";
import { beginStory, type KeySetStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import type { Script } from "../../support/scripted-origin.ts";
import { atOnce } from "../../support/story-clock.ts";

const first = publicJwk("first");
const second = publicJwk("second");
const DAY = 86_400;

async function beginWarm(): Promise<KeySetStory> {
  const story = beginStory();
  story.origin.publish(first);
  await atOnce(story.keys.prefetch());
  return story;
}

const HTML = "<!doctype html><title>Welcome</title>";
const FAILURES: { name: string; code: string; script: Script }[] = [
  {
    name: "an error status",
    code: "http_status",
    script: { status: 500, body: { keys: [second] } },
  },
  { name: "404 with HTML", code: "http_status", script: { status: 404, body: HTML } },
  { name: "an empty 204", code: "http_status", script: { status: 204 } },
  { name: "a partial 206", code: "http_status", script: { status: 206, body: { keys: [second] } } },
  { name: "a 304 without a validator", code: "http_status", script: { status: 304 } },
  { name: "a redirect", code: "redirected", script: { status: 302, headers: { location: "/" } } },
  { name: "200 with HTML", code: "not_json", script: { body: HTML } },
  { name: "200 with nothing", code: "not_json", script: { body: "" } },
  { name: "truncated JSON", code: "not_json", script: { body: '{"keys":[{"kty":"RSA","n":"' } },
  { name: "an array", code: "not_json", script: { body: [second] } },
  { name: "null", code: "not_json", script: { body: "null" } },
  { name: "an object without keys", code: "jwks_malformed", script: { body: {} } },
  { name: "keys that are no array", code: "jwks_malformed", script: { body: { keys: second } } },
  { name: "an empty set", code: "no_usable_keys", script: { body: { keys: [] } } },
  {
    name: "a set without a usable key",
    code: "no_usable_keys",
    script: { body: { keys: [null, { ...second, kty: "EC" }, { ...second, use: "enc" }] } },
  },
  {
    name: "more than 262,144 bytes",
    code: "response_too_large",
    script: { body: { keys: [second], padding: "x".repeat(262_144) } },
  },
];

describe("a failed refresh never discards the last good set", () => {
  for (const { code, script, name } of FAILURES) {
    test(`when the answer is ${name}`, async () => {
      const { clock, origin, keys, told } = await beginWarm();
      const [key] = keys.known(under("first"));
      origin.misbehave(script);
      await clock.elapse(700);
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code, status: 503 });
      expect(keys.state.lastError).toMatchObject({ code });
      expect(told("refresh_failed").at(-1)).toMatchObject({ code });

      expect(keys.known(under("first"))).toEqual([key]);
      expect(keys.known(under("second"))).toEqual([]);
      await clock.elapse(DAY - 101);
      expect(await atOnce(keys.find(under("first")))).toEqual([key]);
    });
  }

  for (const { code, script, name } of FAILURES) {
    test(`and is a failure for a cold set too: ${name}`, async () => {
      const { clock, origin, keys } = beginStory();
      origin.misbehave(script);
      const cold = keys.find(under("second"));
      cold.catch(() => {});
      await clock.elapse(1);
      await expect(atOnce(cold)).rejects.toMatchObject({ code, status: 503 });
      expect(keys.state.standing).toBe("none");
    });
  }

  test("when the connection is refused, with the reason as cause", async () => {
    const { origin, keys } = await beginWarm();
    const cause = new TypeError("connection refused");
    origin.goDown(cause);
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed", cause });
    expect(keys.known(under("first"))).toHaveLength(1);
  });
});

describe("the trust in the last good set", () => {
  test("ends a day past its freshness, and not before", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.goDown();
    await clock.elapse(600 + DAY - 0.001);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);

    await clock.elapse(0.001);
    expect(keys.state.standing).toBe("none");
    expect(keys.known(under("first"))).toEqual([]);
    const refused = keys.find(under("first"));
    refused.catch(() => {});
    await clock.elapse(1);
    await expect(atOnce(refused)).rejects.toMatchObject({ code: "fetch_failed", status: 503 });
  });

  test("is renewed by a 304", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"' });
    await atOnce(keys.prefetch());
    await clock.elapse(1000);
    await atOnce(keys.refresh());
    origin.goDown();
    await clock.elapse(DAY);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(origin.requests[1]?.headers).toHaveProperty("if-none-match", '"one"');
  });

  test("ends with freshness when stale-if-error is off", async () => {
    const { clock, origin, keys } = beginStory({ staleIfErrorSeconds: 0 });
    origin.publish(first);
    await atOnce(keys.prefetch());
    origin.goDown();
    await clock.elapse(599);
    expect(keys.known(under("first"))).toHaveLength(1);
    await clock.elapse(1);
    expect(keys.known(under("first"))).toEqual([]);
  });

  test("comes back with the origin", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.goDown();
    await clock.elapse(2 * DAY);
    await expect(Promise.all([keys.find(under("first")), clock.elapse(1)])).rejects.toMatchObject({
      status: 503,
    });

    origin.publish(second).comeBack();
    await clock.elapse(60);
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
    expect(keys.known(under("first"))).toHaveLength(1);
  });
});

describe("one unusable entry", () => {
  test("is skipped with a reason in an event, and spoils no other entry", async () => {
    const { origin, keys, told } = beginStory();
    const unusable = { ...second, kid: "encryption", use: "enc" };
    origin.misbehave({ body: { keys: ["text", unusable, first] } });
    await atOnce(keys.prefetch());
    expect(keys.state.kids).toEqual(["first"]);
    expect(told("key_skipped")).toMatchObject([
      { kid: undefined, reason: "not an object" },
      { kid: "encryption", reason: "use is not sig" },
    ]);
  });
});
