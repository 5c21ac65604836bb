import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { COMPATIBILITY_DATES, startIsolate } from "../support/isolate.js";

const QUESTION = "/cdn-cgi/access/get-identity";

/** An isolate that has its keys, so that a request waits only for the question. */
async function startWarm(t, date) {
  const { certs, request } = await startIsolate(t, date);
  assert.equal((await request("/?live", certs.token("another")).answer).status, 200);
  certs.fetches.length = 0;
  const token = certs.token("someone");
  const ask = (path) => request(path, token);
  const questions = () => certs.fetches.filter(({ path }) => path === QUESTION);
  return { ask, questions };
}

/** A request that is cancelled in the middle of its question. */
async function cancel(leading) {
  await sleep(150);
  leading.reset();
}

for (const date of COMPATIBILITY_DATES) {
  const later = `${date}: a question about a session that was cancelled`;

  test(`${later} delays neither the waiting requests nor later ones for ever`, {
    timeout: 60_000,
  }, async (t) => {
    const { ask, questions } = await startWarm(t, date);
    const isCancelled = cancel(ask("/?live"));
    await sleep(50);
    const waiting = Array.from({ length: 10 }, () => ask("/?live").answer);
    await isCancelled;
    const coming = Array.from({ length: 10 }, () => ask("/?live").answer);
    const answers = await Promise.all([...waiting, ...coming]);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(
      questions().map(({ isAnswered }) => isAnswered),
      [false, true],
    );
  });

  test(`${later} but given to waitUntil is answered for all`, async (t) => {
    const { ask, questions } = await startWarm(t, date);
    await cancel(ask("/?live&keep"));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask("/?live").answer));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(
      questions().map(({ isAnswered }) => isAnswered),
      [true],
    );
  });
}
