import { describe, expect, test } from "vitest";
import { createVerifier } from "../../../src/index.ts";
import { AUDIENCE, NOW, TEAM } from "../../support/issuer.ts";
import { beginStory, decideChance, type KeySetStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { ScriptedOrigin } from "../../support/scripted-origin.ts";
import { createSigningKey, forged } from "../../support/signing-key.ts";
import { atOnce, startClock, until } from "../../support/story-clock.ts";

const [current, next] = await Promise.all([createSigningKey("current"), createSigningKey("next")]);
const impostor = await createSigningKey("current");

const first = publicJwk("first");
const second = publicJwk("second");

/** A verifier of a team whose certs endpoint publishes one key. */
function beginGuard() {
  const clock = startClock();
  decideChance(0);
  const origin = new ScriptedOrigin().publish(current.jwk);
  let refreshes = 0;
  const verifier = createVerifier({
    team: TEAM,
    audience: AUDIENCE,
    remote: { fetch: origin.fetch },
    now: clock.now,
    onEvent: ({ type }) => {
      if (type === "refresh_succeeded") refreshes++;
    },
  });
  /** The guard's answer to a token: the code of a refusal, or "accepted". */
  async function verdict(token: string): Promise<string> {
    const result = await atOnce(verifier.safeVerify(token));
    return result.ok ? "accepted" : result.error.code;
  }
  /** Waits until the origin has sent its keys this many times. */
  const refreshed = (times: number): Promise<void> => until(() => refreshes === times);
  return { clock, origin, verdict, refreshed };
}

describe("a rotation", () => {
  test("refuses no token: the next key is published, used, and the old one withdrawn", async () => {
    const { clock, origin, verdict, refreshed } = beginGuard();
    const oldToken = await current.token();
    expect(await verdict(oldToken)).toBe("accepted");

    // Published in time: the routine refresh fetches it.
    origin.publish(next.jwk);
    await clock.elapse(601);
    expect(await verdict(oldToken)).toBe("accepted");
    await refreshed(2);

    // Used: no extra fetch.
    const newToken = await next.token({ iat: NOW + 601 });
    expect(await verdict(newToken)).toBe("accepted");
    expect(await verdict(oldToken)).toBe("accepted");
    expect(origin.requests).toHaveLength(2);

    // Withdrawn.
    origin.withdraw(current.jwk);
    await clock.elapse(600);
    expect(await verdict(newToken)).toBe("accepted");
    await refreshed(3);
    expect(await verdict(oldToken)).toBe("key_not_found");
    expect(await verdict(newToken)).toBe("accepted");
  });

  test("refuses no token even when the first one comes before the next key was fetched", async () => {
    const { clock, origin, verdict } = beginGuard();
    expect(await verdict(await current.token())).toBe("accepted");
    await clock.elapse(30);
    origin.publish(next.jwk).withdraw(current.jwk);
    expect(await verdict(await next.token())).toBe("accepted");
    expect(origin.requests).toHaveLength(2);
  });

  test("does not let a forged token pass for one under a new key", async () => {
    const { origin, verdict } = beginGuard();
    expect(await verdict(await current.token())).toBe("accepted");
    expect(await verdict(await impostor.token())).toBe("signature_invalid");
    expect(await verdict(forged(await current.token()))).toBe("signature_invalid");
    expect(origin.requests).toHaveLength(2);
  });
});

describe("a withdrawn key", () => {
  test("stops verifying tokens that were accepted before, again and again", async () => {
    const { clock, origin, verdict, refreshed } = beginGuard();
    const token = await current.token();
    for (let time = 0; time < 3; time++) expect(await verdict(token)).toBe("accepted");
    origin.withdraw(current.jwk).publish(next.jwk);

    // The guard only sees the one token that it remembers, and still finds out.
    await clock.elapse(600);
    expect(await verdict(token)).toBe("accepted");
    await refreshed(2);
    expect(await verdict(token)).toBe("key_not_found");
  });

  test("is accepted no longer than 1,200 s by an idle instance whose origin answers", async () => {
    const { clock, origin, verdict } = beginGuard();
    const token = await current.token();
    expect(await verdict(token)).toBe("accepted");
    origin.withdraw(current.jwk).publish(next.jwk);
    await clock.elapse(1200);
    expect(await verdict(token)).toBe("key_not_found");
  });

  test("is accepted no longer than a day past freshness while the origin is down", async () => {
    const { clock, origin, verdict } = beginGuard();
    const token = await current.token();
    expect(await verdict(token)).toBe("accepted");
    origin
      .withdraw(current.jwk)
      .publish(next.jwk)
      .misbehave({
        status: 503,
        headers: { "retry-after": "10" },
      });
    await clock.elapse(86_999);
    expect(await verdict(token)).toBe("accepted");
    await clock.elapse(1);
    expect(await verdict(token)).toBe("backing_off");
    origin.comeBack();
    await clock.elapse(10);
    expect(await verdict(token)).toBe("key_not_found");
  });
});

describe("an entry that stays", () => {
  async function beginWarm(): Promise<KeySetStory> {
    const story = beginStory();
    story.origin.publish(first);
    await atOnce(story.keys.prefetch());
    return story;
  }

  test("keeps its CryptoKey through every refresh, whatever is added and removed beside it", async () => {
    const { origin, keys, told } = await beginWarm();
    const cryptoKey = keys.known(under("first"))[0]?.cryptoKey;
    origin.withdraw(first).publish(second, { ...first, "x-note": "moved to the end" });
    await atOnce(keys.refresh());
    expect(keys.known(under("first"))[0]?.cryptoKey).toBe(cryptoKey);
    origin.withdraw(second);
    await atOnce(keys.refresh());
    expect(keys.known(under("first"))[0]?.cryptoKey).toBe(cryptoKey);
    expect(told("key_added").map(({ kid }) => kid)).toEqual(["first", "second"]);
    expect(told("key_withdrawn").map(({ kid }) => kid)).toEqual(["second"]);
  });

  test("is another key when its material changes under the same kid", async () => {
    const { origin, keys, told } = await beginWarm();
    const cryptoKey = keys.known(under("first"))[0]?.cryptoKey;
    origin.withdraw(first).publish(publicJwk("first", "other material"));
    await atOnce(keys.refresh());
    const [key, ...others] = keys.known(under("first"));
    expect(others).toEqual([]);
    expect(key?.cryptoKey).not.toBe(cryptoKey);
    expect(told("key_added").map(({ kid }) => kid)).toEqual(["first", "first"]);
    expect(told("key_withdrawn").map(({ kid }) => kid)).toEqual(["first"]);
  });

  test("and another one under the same kid are two candidates, and the same entry twice is one", async () => {
    const { origin, keys } = await beginWarm();
    origin.publish(publicJwk("first", "other material"), { ...first });
    await atOnce(keys.refresh());
    expect(keys.known(under("first"))).toHaveLength(2);
  });
});

test("new material under an old kid refuses the old tokens and accepts the new", async () => {
  const { clock, origin, verdict } = beginGuard();
  const [oldToken, newToken] = [await current.token(), await impostor.token()];
  expect(await verdict(oldToken)).toBe("accepted");
  origin.withdraw(current.jwk).publish(impostor.jwk);
  await clock.elapse(1200);
  expect(await verdict(newToken)).toBe("accepted");
  expect(await verdict(oldToken)).toBe("signature_invalid");
});
