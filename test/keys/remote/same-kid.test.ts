import { describe, expect, test } from "vitest";
import { createVerifier } from "../../../src/index.ts";
import { AUDIENCE, NOW, TEAM } from "../../support/issuer.ts";
import { decideChance } from "../../support/key-set-story.ts";
import { ScriptedOrigin } from "../../support/scripted-origin.ts";
import { createSigningKey, forged } from "../../support/signing-key.ts";
import { atOnce, startClock, until } from "../../support/story-clock.ts";

const [before, after] = await Promise.all([createSigningKey("only"), createSigningKey("only")]);
const { kid: _, ...beforeWithoutKid } = before.jwk;
const { kid: __, ...afterWithoutKid } = after.jwk;

/** A guard whose issuer has published one key and is about to replace it. */
async function beginGuard(jwk = before.jwk, header = {}) {
  const clock = startClock();
  decideChance(0);
  const origin = new ScriptedOrigin().publish(jwk);
  const causes: string[] = [];
  let ended = 0;
  const verifier = createVerifier({
    team: TEAM,
    audience: AUDIENCE,
    remote: { fetch: origin.fetch },
    now: clock.now,
    onEvent: (event) => {
      if (event.type === "refresh_started") causes.push(event.cause);
      if (event.type === "refresh_succeeded" || event.type === "refresh_failed") ended++;
    },
  });
  async function verdict(token: string): Promise<string> {
    const result = await atOnce(verifier.safeVerify(token));
    return result.ok ? "accepted" : result.error.code;
  }
  expect(await verdict(await before.token({}, header))).toBe("accepted");
  return { clock, origin, causes, verdict, refreshed: (n: number) => until(() => ended === n) };
}

describe("an issuer that replaces its key under the same kid", () => {
  test("is followed: the first new token is refused at once and starts one background refresh", async () => {
    const { origin, causes, verdict, refreshed } = await beginGuard();
    origin.withdraw(before.jwk).publish(after.jwk);
    expect(await verdict(await after.token())).toBe("signature_invalid");
    await refreshed(2);
    expect(await verdict(await after.token())).toBe("accepted");
    expect(await verdict(await before.token())).toBe("signature_invalid");
    expect(causes).toEqual(["cold", "signature"]);
  });

  test("is followed when the keys have no kid", async () => {
    const { origin, verdict, refreshed } = await beginGuard(beforeWithoutKid, { kid: undefined });
    origin.withdraw(beforeWithoutKid).publish(afterWithoutKid);
    const token = await after.token({}, { kid: undefined });
    expect(await verdict(token)).toBe("signature_invalid");
    await refreshed(2);
    expect(await verdict(token)).toBe("accepted");
  });

  test("is asked once a minute at most, however many tokens are forged", async () => {
    const { clock, causes, verdict, refreshed } = await beginGuard();
    for (let round = 0; round < 5; round++) {
      for (let time = 0; time < 10; time++) {
        expect(await verdict(forged(await before.token({ jti: `${round} ${time}` })))).toBe(
          "signature_invalid",
        );
      }
      await clock.elapse(30);
    }
    await refreshed(4);
    expect(causes).toEqual(["cold", "signature", "signature", "signature"]);
  });

  test("is not asked before its Retry-After is over", async () => {
    const { clock, origin, causes, verdict, refreshed } = await beginGuard();
    origin.misbehave({ status: 429, headers: { "retry-after": "90" } });
    expect(await verdict(await after.token())).toBe("signature_invalid");
    await refreshed(2);
    await clock.elapse(61);
    expect(await verdict(await after.token())).toBe("signature_invalid");
    expect(causes).toHaveLength(2);
    await clock.elapse(30);
    expect(await verdict(await after.token())).toBe("signature_invalid");
    expect(causes).toHaveLength(3);
  });

  test.each([
    ["expired", { exp: NOW - 3600 }],
    ["for another application", { aud: ["other"] }],
    ["of another issuer", { iss: "https://attacker.example" }],
    ["of another type", { type: "org" }],
    ["not valid yet", { nbf: NOW + 3600 }],
    ["issued in the future", { iat: NOW + 3600 }],
  ])(
    "is not asked about a token that is %s, because no key would make it valid",
    async (_why, claims) => {
      const { causes, verdict } = await beginGuard();
      expect(await verdict(await after.token(claims))).toBe("signature_invalid");
      expect(causes).toEqual(["cold"]);
    },
  );
});
