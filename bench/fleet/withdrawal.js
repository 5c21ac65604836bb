import { join } from "node:path";
import { drain } from "./clock.js";
import { Endpoint } from "./endpoint.js";
import { HOUR, MINUTE, SECOND, START } from "./issuer.js";
import { seeded } from "./random.js";
import { strategies } from "./strategies.js";

/** For how long a withdrawal is watched: a day's trust, an hour's freshness, and some more. */
const WATCHED = 26 * HOUR;

/**
 * The longest time after its withdrawal that a key was still accepted, in ms. Each instance fetched
 * the set just before, which is the worst moment. Someone who stole the key then comes again and
 * again (`busy`), or comes once, to an instance that had no request in between (`idle`).
 */
export async function longestAccepted(context, { strategy, isDown, use, seed }) {
  let longest = 0;
  if (use === "busy") {
    const thief = await withdrawn(context, { strategy, isDown, seed });
    for (let after = SECOND; after < WATCHED; after += 5 * SECOND) {
      await context.clock.moveTo(Math.max(context.clock.time, START + after));
      const at = context.clock.time - START;
      if ((await thief()) !== "ok") break;
      longest = at;
    }
    return longest;
  }
  for (let after = MINUTE; after < WATCHED; after += after < HOUR ? MINUTE : 20 * MINUTE) {
    const thief = await withdrawn(context, { strategy, isDown, seed });
    await context.clock.moveTo(START + after);
    if ((await thief()) === "ok") longest = after;
  }
  return longest;
}

/** An instance that fetched the set a moment before the key went; its only request since is a thief's. */
async function withdrawn({ clock, postern, keys }, { strategy, isDown, seed }) {
  clock.time = START - SECOND;
  Math.random = seeded(seed, 1).uniform;
  const guard = strategies[strategy](postern, {
    clock,
    fetch: endpointOf(clock, keys, isDown, seed),
  });
  const [{ kid }] = keys;
  const ask = async () => clock.settle(Promise.resolve(guard(kid, START - MINUTE)));
  if ((await ask()) !== "ok") throw new Error("the key must be accepted before it is withdrawn");
  await clock.moveTo(START);
  return ask;
}

/**
 * The same for hits of the verdict cache only: a real verifier, a real token that was accepted before,
 * repeated every five seconds.
 */
export async function longestRepeated({ clock, postern, keys, makeToken }, { isDown, seed }) {
  clock.time = START - SECOND;
  Math.random = seeded(seed, 1).uniform;
  const { token, jwk } = await makeToken(START);
  const fetch = endpointOf(clock, [jwk, keys[1]], isDown, seed);
  const { createVerifier } = postern;
  const verifier = createVerifier({
    team: "acme",
    audience: "app",
    remote: { fetch },
    now: clock.now,
  });
  const ask = async () => (await clock.settle(verifier.safeVerify(token))).ok;
  if (!(await ask())) throw new Error("the token must be accepted before its key is withdrawn");
  let longest = 0;
  for (let after = SECOND; after < WATCHED; after += 5 * SECOND) {
    await clock.moveTo(Math.max(clock.time, START + after));
    const at = clock.time - START;
    if (!(await ask())) break;
    longest = at;
  }
  return longest;
}

/**
 * The same for a guard with a keys file that starts anew every ten minutes: the file must not keep a key
 * alive for longer.
 */
export async function longestRestarted(context, { isDown, seed }) {
  const { clock, keys, folder } = context;
  clock.time = START - SECOND;
  Math.random = seeded(seed, 1).uniform;
  const fetch = endpointOf(clock, keys, isDown, seed);
  const keysFile = join(folder, `withdrawal ${isDown} ${seed}.json`);
  const start = () => strategies.guard(context.postern, { clock, fetch, keysFile });
  const [{ kid }] = keys;
  let guard = start();
  const ask = async () => clock.settle(Promise.resolve(guard(kid, START - MINUTE)));
  if ((await ask()) !== "ok") throw new Error("the key must be accepted before it is withdrawn");
  await drain();
  let longest = 0;
  let startedAt = START;
  for (let after = SECOND; after < WATCHED; after += 5 * SECOND) {
    await clock.moveTo(Math.max(clock.time, START + after));
    const at = clock.time - START;
    if (clock.time - startedAt >= 10 * MINUTE) {
      guard = start();
      startedAt = clock.time;
    }
    if ((await ask()) !== "ok") break;
    longest = at;
  }
  return longest;
}

/** Two keys, of which the first goes at the start; then the endpoint goes too, if it is down. */
function endpointOf(clock, keys, isDown, seed) {
  const spelt = (published) => ({
    text: JSON.stringify({ keys: published }),
    kids: published.map(({ kid }) => kid),
  });
  const before = spelt(keys.slice(0, 2));
  const after = spelt(keys.slice(1, 2));
  return new Endpoint({
    clock,
    publishedAt: (time) => (time < START ? before : after),
    outages: isDown ? [{ from: START, to: Number.POSITIVE_INFINITY, kind: "status" }] : [],
    random: seeded(seed, 2),
    onFetch: () => {},
  }).fetch;
}
