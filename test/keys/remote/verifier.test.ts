import { describe, expect, test } from "vitest";
import {
  createRemoteKeySet,
  createVerifier,
  isKeySetError,
  isTokenError,
} from "../../../src/index.ts";
import { AUDIENCE, NOW, TEAM } from "../../support/issuer.ts";
import { decideChance, URL_OF_KEYS } from "../../support/key-set-story.ts";
import { ScriptedOrigin } from "../../support/scripted-origin.ts";
import { createSigningKey, forged } from "../../support/signing-key.ts";
import { atOnce, isWaiting, startClock } from "../../support/story-clock.ts";

const [current, next] = await Promise.all([createSigningKey("current"), createSigningKey("next")]);

function beginGuard() {
  const clock = startClock();
  decideChance(0);
  const origin = new ScriptedOrigin().publish(current.jwk);
  const remote = { fetch: origin.fetch };
  const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, remote, now: clock.now });
  return { clock, origin, verifier };
}

describe("a verifier over a remote key set", () => {
  test("makes one fetch for many different tokens on a cold start", async () => {
    const { origin, verifier } = beginGuard();
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, n) => current.token({ sub: `user-${n}` })),
    );
    const verified = await atOnce(Promise.all(tokens.map((token) => verifier.verify(token))));
    expect(verified.map(({ principal }) => principal.id)).toEqual(
      tokens.map((_, n) => `user-${n}`),
    );
    expect(origin.requests).toHaveLength(1);
  });

  test("passes on a call's signal, which ends the wait of that call alone", async () => {
    const { origin, verifier } = beginGuard();
    const answer = origin.holdOnce();
    const caller = new AbortController();
    const token = await current.token();
    const leaving = verifier.safeVerify(token, { signal: caller.signal });
    const staying = verifier.safeVerify(token);
    const reason = new Error("client went away");
    caller.abort(reason);
    const left = await atOnce(leaving);
    expect(left).toMatchObject({ ok: false, error: { code: "fetch_failed", cause: reason } });
    answer.arrive();
    expect(await atOnce(staying)).toMatchObject({ ok: true });
    expect(origin.requests).toHaveLength(1);
  });

  test("passes on a call's waitUntil, for a remembered token too", async () => {
    const { clock, verifier } = beginGuard();
    const token = await current.token();
    const kept: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>): void => {
      kept.push(promise);
    };
    await atOnce(verifier.verify(token, { waitUntil }));
    expect(kept).toHaveLength(1);
    for (const turn of [2, 3]) {
      await clock.elapse(600);
      await atOnce(verifier.verify(token, { waitUntil }));
      expect(kept).toHaveLength(turn);
      await atOnce(Promise.all(kept));
    }
  });

  test("fetches nothing for a token that no key would make valid", async () => {
    const { origin, verifier } = beginGuard();
    await atOnce(verifier.prefetch());
    for (const [claims, code] of [
      [{ exp: NOW - 61 }, "token_expired"],
      [{ aud: ["another application"] }, "audience_mismatch"],
      [{ iss: "https://other.cloudflareaccess.com" }, "issuer_mismatch"],
      [{ type: "org" }, "token_type_mismatch"],
    ] as const) {
      const result = await atOnce(verifier.safeVerify(await next.token(claims)));
      expect(result).toMatchObject({ ok: false, error: { code, verified: false } });
    }
    expect(origin.requests).toHaveLength(1);
  });

  test("answers a forged token at once, and an old one under a withdrawn key", async () => {
    const { clock, verifier } = beginGuard();
    await clock.elapse(3600);
    await atOnce(verifier.prefetch());
    const fake = await atOnce(verifier.safeVerify(forged(await current.token())));
    expect(fake).toMatchObject({ ok: false, error: { code: "signature_invalid", status: 401 } });
    const old = await atOnce(verifier.safeVerify(await next.token()));
    expect(old).toMatchObject({ ok: false, error: { code: "key_not_found", status: 401 } });
  });

  test("says 503 and when to come back, never 401, when it cannot tell", async () => {
    const { clock, origin, verifier } = beginGuard();
    origin.goDown();
    const token = await current.token();
    const waited = verifier.safeVerify(token);
    await clock.elapse(1);
    for (const result of [await atOnce(waited), await atOnce(verifier.safeVerify(token))]) {
      expect(result).toMatchObject({ ok: false, error: { status: 503, retryAfterSeconds: 2 } });
      expect(!result.ok && isKeySetError(result.error)).toBe(true);
      expect(!result.ok && isTokenError(result.error)).toBe(false);
    }
  });

  test("verifies tokens of a known key while others wait for theirs", async () => {
    const { clock, origin, verifier } = beginGuard();
    await atOnce(verifier.prefetch());
    await atOnce(verifier.safeVerify(await next.token()));
    origin.publish(next.jwk);
    const parked = verifier.verify(await next.token());
    expect(await isWaiting(parked)).toBe(true);
    await atOnce(verifier.verify(await current.token()));
    await clock.elapse(10);
    await atOnce(parked);
  });
});

describe("a verifier over several remote key sets", () => {
  function beginGuards() {
    const clock = startClock();
    decideChance(0);
    const [origin, otherOrigin] = [new ScriptedOrigin(), new ScriptedOrigin()];
    origin.publish(current.jwk);
    otherOrigin.publish(next.jwk);
    const issuer = "https://issuer.example";
    const keys = createRemoteKeySet(URL_OF_KEYS, { fetch: otherOrigin.fetch, now: clock.now });
    const verifier = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, remote: { fetch: origin.fetch } },
        { issuer, audience: AUDIENCE, keys },
      ],
      { now: clock.now },
    );
    return { clock, origin, otherOrigin, verifier, issuer };
  }

  test("asks each issuer for its own keys, and accepts no key for another issuer", async () => {
    const { origin, otherOrigin, verifier, issuer } = beginGuards();
    await atOnce(verifier.verify(await current.token()));
    expect([origin.requests.length, otherOrigin.requests.length]).toEqual([1, 0]);
    await atOnce(verifier.verify(await next.token({ iss: issuer })));
    expect([origin.requests.length, otherOrigin.requests.length]).toEqual([1, 1]);
    const crossed = await atOnce(verifier.safeVerify(await current.token({ iss: issuer })));
    expect(crossed).toMatchObject({ ok: false, error: { code: "key_not_found" } });
  });

  test("keeps one issuer's outage away from the other's tokens", async () => {
    const { clock, otherOrigin, verifier, issuer } = beginGuards();
    otherOrigin.fallSilent();
    const waiting = verifier.safeVerify(await next.token({ iss: issuer }));
    await atOnce(verifier.verify(await current.token()));
    expect(await isWaiting(waiting)).toBe(true);
    await clock.elapse(11);
    expect(await atOnce(waiting)).toMatchObject({ ok: false, error: { status: 503 } });
  });

  test("finishes its prefetch when every issuer's keys are there, and rejects when one issuer's are missing", async () => {
    const { clock, origin, otherOrigin, verifier } = beginGuards();
    otherOrigin.goDown();
    const early = verifier.prefetch();
    early.catch(() => {});
    await clock.elapse(1);
    await expect(atOnce(early)).rejects.toMatchObject({ code: "fetch_failed", status: 503 });
    otherOrigin.comeBack();
    await clock.elapse(2);
    await atOnce(verifier.prefetch());
    expect([origin.requests.length, otherOrigin.requests.length]).toEqual([1, 3]);
  });
});
