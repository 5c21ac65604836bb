// A child process: verifies a large number of refused tokens, and reports what is left of them in
// memory.
// node --expose-gc storm.js COUNT SEED     prints one line of JSON
import { createRemoteKeySet, createVerifier } from "../../../dist/index.js";
import { createTestIssuer } from "../../../dist/testing.js";
import { AUDIENCE, CERTS, current, genuine, jwks, now, TEAM } from "../world/world.js";

const [count, seed] = process.argv.slice(2).map(Number);
const AT_ONCE = 16;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const issuer = await createTestIssuer({
  decoyKeys: true,
  ...{ team: TEAM, audience: AUDIENCE, privateJwk: current.privateJwk, now },
});
const hostile = (await issuer.hostileTokens({ carrier: "string" })).map(({ token }) => token);
const bases = [...hostile, ...genuine];
const keys = createRemoteKeySet(CERTS, {
  fetch: async () => Response.json(jwks),
  cooldownSeconds: 0,
  now,
});
const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });
await verifier.prefetch();

const outcomes = {};
let state = seed >>> 0 || 1;

/** Marsaglia's xorshift: quick, and good enough to spread over tokens. */
function random(below) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

/** A new token: one or two other characters in the signature of a known one. */
function unheardOf() {
  const base = bases[random(bases.length)];
  let token = base;
  for (let edits = 2; edits > 0; edits--) {
    const at = random(4) === 0 ? random(token.length) : token.length - 1 - random(340);
    token = `${token.slice(0, at)}${ALPHABET[random(64)]}${token.slice(at + 1)}`;
  }
  return token;
}

async function meet() {
  const token = unheardOf();
  const way = random(3);
  const result = await (way === 0
    ? verifier.safeVerify(token)
    : verifier.safeVerifyRequest(
        way === 1
          ? { "cf-access-jwt-assertion": token }
          : { cookie: `a=b; CF_Authorization=${token}; c=d` },
      ));
  const word = result.ok ? "accepted" : result.error.code;
  outcomes[word] = (outcomes[word] ?? 0) + 1;
}

async function meetMany(many) {
  for (let met = 0; met < many; met += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, meet));
  }
}

async function bytesInUse() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// Until every path is compiled, and the caches have their size.
await meetMany(20_000);
const before = await bytesInUse();
await meetMany(count);
const after = await bytesInUse();

const known = await Promise.all(genuine.map((token) => verifier.safeVerify(token)));
const isAllIn = known.every(({ ok }) => ok);
console.log(JSON.stringify({ before, after, outcomes, isAllIn }));
