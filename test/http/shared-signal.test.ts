import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pause } from "../../src/http/pause.ts";
import { createRemoteKeySet, createVerifier, getIdentity, type Verifier } from "../../src/index.ts";
import { memoryStore, withStore } from "../../src/stores/index.ts";
import { AUDIENCE, createSigner, now, TEAM, userClaims } from "../support/issuer.ts";

const WAITS = 25;
const never = (): Promise<never> => new Promise(() => {});
const url = "https://issuer.example/jwks";

const warnings: string[] = [];
const hear = ({ name }: Error): number => warnings.push(name);
beforeEach(() => {
  warnings.length = 0;
  process.on("warning", hear);
});
afterEach(() => {
  process.off("warning", hear);
});

let guard: Verifier<unknown>;
let token: string;
let cookie: string;
beforeAll(async () => {
  const signers = await Promise.all([createSigner(), createSigner()]);
  const tokens = await Promise.all(signers.map((signer) => signer.token(userClaims())));
  guard = createVerifier({ team: TEAM, audience: AUDIENCE, now, remote: { fetch: never } });
  token = tokens[0] as string;
  cookie = tokens.map((each) => `CF_Authorization=${each}`).join("; ");
});

/** Waits on a signal while no answer comes. */
const WAITERS: readonly [what: string, wait: (signal: AbortSignal) => Promise<unknown>][] = [
  ["a pause", (signal) => pause(60_000, undefined, signal)],
  ["a token whose keys are being fetched", (signal) => guard.verify(token, { signal })],
  ["several cookies of a request", (signal) => guard.verifyRequest({ cookie }, { signal })],
  [
    "a look for a key",
    (signal) => createRemoteKeySet(url, { fetch: never }).find({ alg: "RS256" }, { signal }),
  ],
  [
    "a question about an identity",
    (signal) => getIdentity("a.b.c", { team: "acme", fetch: never, signal }),
  ],
  [
    "a reading of a store",
    (signal) => {
      const store = { ...memoryStore(), get: never };
      return withStore(store, () => Promise.reject())({ url, cold: true, signal });
    },
  ],
];

describe.each(WAITERS)("one signal for many: %s", (_what, wait) => {
  test("prints no warning, ends every wait at once, and keeps no listener", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waits = Array.from({ length: WAITS }, () => wait(signal));
    const ended = Promise.allSettled(waits);
    // Some read a token or make a digest before they wait.
    await sleep(20);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    controller.abort();
    expect(await ended).toHaveLength(WAITS);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await sleep(1);
    expect(warnings).toEqual([]);
  });
});

test("a caller that stops waiting leaves the others waiting", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const short = pause(60_000, Promise.resolve(), signal);
  const long = pause(60_000, undefined, signal);
  expect(await short).toBe("settled");
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  controller.abort();
  expect(await long).toBe("aborted");
  expect(await pause(60_000, undefined, signal)).toBe("aborted");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
