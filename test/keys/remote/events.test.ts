import { describe, expect, test } from "vitest";
import { createVerifier, type PosternEvent } from "../../../src/index.ts";
import { AUDIENCE, TEAM } from "../../support/issuer.ts";
import { beginStory, decideChance, URL_OF_KEYS, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { ScriptedOrigin } from "../../support/scripted-origin.ts";
import { createSigningKey, forged } from "../../support/signing-key.ts";
import { atOnce, isWaiting, startClock } from "../../support/story-clock.ts";

const first = publicJwk("first");
const second = publicJwk("second");
const url = URL_OF_KEYS;

describe("the events for an operator", () => {
  test("report a first fetch", async () => {
    const { clock, origin, keys, events, told } = beginStory();
    origin.publish(first, second).answerSlowly(0.25);
    const prefetched = keys.prefetch();
    await clock.elapse(0.25);
    await atOnce(prefetched);
    expect(told("key_skipped").map(({ reason }) => reason)).toEqual([
      "kty is not RSA",
      "use is not sig",
      "alg is not RS256",
      "kty is not RSA",
      "n or e is not base64url",
    ]);
    expect(events.filter(({ type }) => type !== "key_skipped")).toEqual([
      { type: "refresh_started", url, cause: "cold" },
      { type: "refresh_succeeded", url, durationSeconds: 0.25, notModified: false, keys: 2 },
      { type: "key_added", url, kid: "first" },
      { type: "key_added", url, kid: "second" },
    ]);
  });

  test("report a failure with its code, status, duration and the wait that follows", async () => {
    const { clock, origin, keys, events } = beginStory();
    origin.fallSilent();
    const refreshed = keys.refresh();
    refreshed.catch(() => {});
    await clock.elapse(5);
    await clock.elapse(1);
    origin.misbehave({ status: 429, headers: { "retry-after": "30" } });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ status: 503 });
    expect(events).toEqual([
      { type: "refresh_started", url, cause: "asked" },
      {
        type: "refresh_failed",
        url,
        durationSeconds: 5,
        code: "fetch_timeout",
        upstreamStatus: undefined,
        causeCode: undefined,
        retryAfterSeconds: 1,
      },
      { type: "refresh_started", url, cause: "asked" },
      {
        type: "refresh_failed",
        url,
        durationSeconds: 0,
        code: "http_status",
        upstreamStatus: 429,
        causeCode: undefined,
        retryAfterSeconds: 30,
      },
    ]);
  });

  test("report that an unknown kid was parked, and that it was refused", async () => {
    const { clock, origin, keys, events } = beginStory({ maxParked: 1 });
    origin.publish(first);
    await atOnce(keys.prefetch());
    events.length = 0;
    await atOnce(keys.find(under("a")));
    const parked = keys.find(under("b"));
    await isWaiting(parked);
    await expect(atOnce(keys.find(under("c")))).rejects.toMatchObject({ code: "backing_off" });
    await clock.elapse(10);
    await atOnce(parked);
    const told = events.filter(({ type }) => type.startsWith("kid_"));
    expect(told).toEqual([
      { type: "kid_parked", url, kid: "a" },
      { type: "kid_refused", url, kid: "a", code: "key_not_found" },
      { type: "kid_parked", url, kid: "b" },
      { type: "kid_refused", url, kid: "c", code: "backing_off" },
      { type: "kid_refused", url, kid: "b", code: "key_not_found" },
    ]);
  });

  test("cut a kid to 128 characters, and keep control characters out of it", async () => {
    const { origin, keys, told } = beginStory();
    origin.publish(first, publicJwk("\u001b[2J\u202e\n"));
    await atOnce(keys.prefetch());
    await atOnce(keys.find(under(`\u0007${"x".repeat(5000)}`)));
    const shown = [...told("key_added"), ...told("kid_refused"), ...told("kid_parked")];
    for (const { kid } of [...shown, ...keys.state.kids.map((kid) => ({ kid }))]) {
      expect(kid).toMatch(/^[ -~]*$/);
      expect(kid?.length).toBeLessThanOrEqual(128 + 5);
    }
    expect(shown).toHaveLength(4);
  });

  test("hold no token and no claim value", async () => {
    const signer = await createSigningKey("current");
    const clock = startClock();
    decideChance(0);
    const events: PosternEvent[] = [];
    const origin = new ScriptedOrigin().publish(signer.jwk);
    const verifier = createVerifier({
      team: TEAM,
      audience: AUDIENCE,
      remote: { fetch: origin.fetch },
      now: clock.now,
      onEvent: (event) => events.push(event),
    });
    const secrets = { sub: "secret-sub", email: "secret@mail.example", country: "secret-country" };
    const token = await signer.token({ ...secrets, jti: "secret-jti" });
    const others = [
      forged(token),
      await signer.token(secrets, { kid: "unknown" }),
      await signer.token({ ...secrets, aud: ["secret-aud"] }),
      await signer.token({ ...secrets, iss: "https://secret-issuer.example" }, { kid: "unknown" }),
      await signer.token({ ...secrets, exp: 1 }),
    ];
    expect((await atOnce(verifier.safeVerify(token))).ok).toBe(true);
    for (const other of others) expect((await atOnce(verifier.safeVerify(other))).ok).toBe(false);
    expect(events.length).toBeGreaterThan(5);
    const heard = JSON.stringify(events);
    expect(heard).not.toContain("secret");
    for (const part of [token, ...others].flatMap((text) => text.split("."))) {
      expect(heard).not.toContain(part);
    }
  });
});

describe("a listener that throws", () => {
  test("harms no verification, refresh or refusal", async () => {
    let heard = 0;
    const { clock, origin, keys } = beginStory({
      onEvent() {
        heard++;
        throw new Error("a faulty listener");
      },
    });
    origin.publish(first);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(await atOnce(keys.find(under("unknown")))).toEqual([]);
    await clock.elapse(600);
    expect(keys.known(under("first"))).toHaveLength(1);
    await clock.elapse(1);
    origin.goDown();
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed" });
    expect(heard).toBeGreaterThan(6);
  });
});

describe("the state of a key set", () => {
  test("shows a health check what is held and until when", async () => {
    const { clock, origin, keys } = beginStory();
    const nothing = {
      standing: "none",
      kids: [],
      fetchedAt: undefined,
      freshUntilAt: undefined,
      trustedUntilAt: undefined,
      failures: 0,
      retryAt: undefined,
      lastError: undefined,
      parked: 0,
    };
    expect(keys.state).toEqual(nothing);

    const fetchedAt = clock.now();
    origin.publish(first, second);
    await atOnce(keys.prefetch());
    const held = {
      ...nothing,
      standing: "fresh",
      kids: ["first", "second"],
      fetchedAt,
      freshUntilAt: fetchedAt + 600_000,
      trustedUntilAt: fetchedAt + 600_000 + 86_400_000,
    };
    expect(keys.state).toEqual(held);

    await clock.elapse(600);
    expect(keys.state).toEqual({ ...held, standing: "stale" });
    await clock.elapse(600);
    expect(keys.state).toEqual({ ...held, standing: "unasked" });

    origin.goDown();
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed" });
    expect(keys.state).toMatchObject({
      ...held,
      standing: "stale",
      failures: 1,
      retryAt: clock.now() + 1000,
      lastError: { code: "fetch_failed", status: 503 },
    });
    await clock.elapse(86_400);
    expect(keys.state).toMatchObject({ standing: "none", kids: ["first", "second"], failures: 1 });
  });

  test("is a snapshot, which later changes do not touch", async () => {
    const { origin, keys } = beginStory();
    const before = keys.state;
    origin.publish(first);
    await atOnce(keys.prefetch());
    expect(before.standing).toBe("none");
    expect(keys.state.standing).toBe("fresh");
  });
});

describe("the methods of a key set", () => {
  test("work without their object", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first);
    const { find, known, prefetch, refresh } = keys;
    await atOnce(prefetch());
    await atOnce(refresh());
    expect(known(under("first"))).toHaveLength(1);
    expect(await atOnce(find(under("first")))).toHaveLength(1);
  });
});
