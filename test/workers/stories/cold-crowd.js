import assert from "node:assert/strict";
import { test } from "node:test";
import { COMPATIBILITY_DATES, startIsolate } from "../support/isolate.js";

for (const date of COMPATIBILITY_DATES) {
  test(`${date}: a hundred requests on a cold isolate make a few fetches`, async (t) => {
    const { certs, request } = await startIsolate(t, date);
    const people = Array.from({ length: 100 }, (_, index) => `person-${index}`);
    const answers = await Promise.all(people.map((sub) => request("/", certs.token(sub)).answer));
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${body}`),
      people.map((sub) => `200 ${sub}`),
    );
    t.diagnostic(`${certs.fetches.length} fetches`);
    assert.ok(certs.fetches.length <= 5);
  });

  test(`${date}: a hundred requests with one token on a cold isolate are all answered`, async (t) => {
    const { certs, request } = await startIsolate(t, date);
    const one = certs.token("someone");
    const crowd = Array.from({ length: 100 }, () => request("/", one).answer);
    const answers = await Promise.all(crowd);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.ok(certs.fetches.length <= 5);
  });
}
