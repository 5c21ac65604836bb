import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { COMPATIBILITY_DATES, startIsolate } from "../support/isolate.js";

/**
 * Half the time limit of one exchange: a request that finishes by then did not wait for that limit.
 */
const PROMPT_MS = 2500;

const LEADERS = [
  { name: "is cancelled during its fetch", path: "/", isReset: true },
  { name: "answers before its fetch ends", path: "/?leave", isReset: false },
];
const FOLLOWERS = [
  { name: "the waiting requests", afterMs: 50 },
  { name: "later requests", afterMs: 200 },
];

for (const date of COMPATIBILITY_DATES) {
  for (const leader of LEADERS) {
    for (const followers of FOLLOWERS) {
      const title = `${date}: when the leading request ${leader.name}, ${followers.name} finish promptly`;
      test(title, { timeout: 60_000 }, async (t) => {
        const { certs, request } = await startIsolate(t, date);
        const leading = request(leader.path);
        const isLost = sleep(150).then(() => leader.isReset && leading.reset());
        await sleep(followers.afterMs);
        const answers = await Promise.all(crowd(20, () => request("/").answer));
        await isLost;
        const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds));
        t.diagnostic(`slowest of 20: ${slowest} ms, ${certs.fetches.length} fetches`);
        assert.equal(certs.fetches[0].isAnswered, false, "the leader's fetch ended with it");
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
        assert.ok(certs.fetches.length <= 5);
        assert.ok(slowest < PROMPT_MS, `the slowest took ${slowest} ms`);
      });
    }
    test(`${date}: a fetch given to waitUntil outlives a leading request that ${leader.name}`, async (t) => {
      const { certs, request } = await startIsolate(t, date);
      const leading = request(`${leader.path}${leader.path.includes("?") ? "&" : "?"}keep`);
      await sleep(150);
      if (leader.isReset) leading.reset();
      const answers = await Promise.all(crowd(20, () => request("/").answer));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.deepEqual(
        certs.fetches.map(({ isAnswered }) => isAnswered),
        [true],
      );
    });
  }
}

function crowd(count, one) {
  return Array.from({ length: count }, one);
}
