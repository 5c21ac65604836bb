import assert from "node:assert/strict";
import fc from "fast-check";
import { createRemoteKeySet, createVerifier, isKeySetError } from "../../../dist/index.js";
import { AUDIENCE, attacker, CERTS, current, NOW, previous, TEAM } from "../world/world.js";
import { TOKENS } from "./known-keys.js";
import { outcomeOf } from "./outcome.js";

const SETS = [[current], [previous], [current, previous], [attacker], []];
const HOUR = 3600;
const DAY = 86_400;

const step = fc.record({
  seconds: fc.oneof(fc.constantFrom(0, 1, 61, 660, 1300, HOUR, DAY, 2 * DAY, -61), fc.nat(2000)),
  /** The set of the endpoint from now on; `undefined` for an outage. */
  set: fc.constantFrom(0, 1, 2, 2, 3, 4, undefined, undefined),
  act: fc.constantFrom("verify", "verify", "refresh", "both"),
});

export default {
  name: "through outages, rotations and clock jumps a key verifies only while it is in the last good set",
  share: 5,
  mustSee: ["accepted", "fetch_failed"],
  arbitrary: fc.array(step, { minLength: 1, maxLength: 8 }),
  async check(steps) {
    let time = NOW * 1000;
    let published;
    let underWay = 0;
    /** The last set that the endpoint gave, and when. */
    let good = { kids: [], at: Number.NEGATIVE_INFINITY };
    const keys = createRemoteKeySet(CERTS, {
      now: () => time,
      onEvent({ type }) {
        if (type === "refresh_started") underWay++;
        if (type === "refresh_succeeded" || type === "refresh_failed") underWay--;
      },
      async fetch() {
        if (published === undefined) throw new TypeError("fetch failed");
        if (published.length > 0) good = { kids: published.map(({ kid }) => kid), at: time };
        return Response.json({ keys: published.map(({ jwk }) => jwk) });
      },
    });
    // Its clock does not move, so tokens stay valid; only the key set's clock moves.
    const verifier = createVerifier({
      ...{ team: TEAM, audience: AUDIENCE, keys, now: () => NOW * 1000, verdictCache: {} },
    });
    const settle = async () => {
      while (underWay > 0) await new Promise(setImmediate);
    };
    const words = [];
    for (const { seconds, set, act } of steps) {
      time += seconds * 1000;
      published = SETS[set];
      if (act !== "verify") {
        await keys.refresh().catch((error) => assert.ok(isKeySetError(error), error));
        await settle();
      }
      if (act === "refresh") continue;
      for (const { kid, token } of TOKENS) {
        const held = good;
        // A call that must wait is aborted at once, so that the test takes no time.
        const verdict = await outcomeOf(verifier.verify(token, { signal: AbortSignal.abort() }));
        await settle();
        const { word } = verdict;
        words.push(word);
        const age = time - held.at;
        const isHeld = held.kids.includes(kid);
        if (word === "accepted") {
          assert.ok(isHeld, "it is a key of the last good set");
          assert.ok(age >= 0 && age < (HOUR + DAY) * 1000, "and that set is not too old");
        } else if (isHeld) {
          // At most ten minutes are fresh, less a tenth; for ten more the set is used before a
          // fetch.
          assert.ok(age < 0 || age >= 0.9 * 600_000, `${word}, although the key is fresh`);
          assert.equal(verdict.error.status, 503);
        }
      }
    }
    return words.includes("accepted") ? "accepted" : (words.at(-1) ?? "no token");
  },
};
