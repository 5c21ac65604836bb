import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { COMPATIBILITY_DATES, startIsolate } from "../support/isolate.js";

for (const date of COMPATIBILITY_DATES) {
  test(`${date}: a refresh given to waitUntil goes on behind the response`, async (t) => {
    const { certs, request } = await startIsolate(t, date);
    await request("/").answer;
    const { status } = await request("/?keep&ahead=700").answer;
    assert.equal(status, 200);
    await sleep(500);
    // The refresh succeeded: the set is fresh again, and no request asks for another.
    await request("/?keep&ahead=300").answer;
    assert.deepEqual(
      certs.fetches.map(({ isAnswered }) => isAnswered),
      [true, true],
    );
  });

  test(`${date}: refreshes that die with their requests are not repeated at every request`, async (t) => {
    const { certs, request } = await startIsolate(t, date);
    await request("/").answer;
    await request("/?ahead=601").answer;
    const before = certs.fetches.length;
    // Five minutes of a request every five seconds, none of which has a waitUntil.
    for (let turn = 0; turn < 60; turn++) {
      assert.equal((await request("/?ahead=5").answer).status, 200);
    }
    t.diagnostic(`${certs.fetches.length - before} fetches in five minutes`);
    assert.ok(certs.fetches.length - before <= 12);
  });
}
