// Cost against the number of distinct tokens that one verifier has seen, up to a million.
// Ten thousand tokens are signed. Beyond that the signature operation is replaced, in this process,
// by one that always accepts. The rest of a verification is unchanged, and for the small counts
// both can be compared. Forged tokens need no signer and are all really verified.

import { createVerifier } from "../../dist/index.js";
import { heapInUse } from "../heap.js";
import { fresh } from "../speed/cases.js";
import { median } from "../statistics.js";
import { AUDIENCE, base64Url, createIssuer, signTokens, TEAM, userPayload } from "../tokens.js";

const COUNTS = [100, 1_000, 10_000, 100_000, 1_000_000];
const SIGNED = 10_000;
const BLOCK = 100;
/** A small count is repeated with new verifiers, so that there is enough time to measure. */
const LEAST = 10_000;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const utf8 = new TextEncoder();

/** @returns series of points: microseconds and bytes against the count */
export async function measureDistinctTokens(most) {
  const upTo = (limit) => COUNTS.filter((count) => count <= Math.min(limit, most));
  const issuer = await createIssuer();
  const signed = (await signTokens(issuer, Math.min(SIGNED, most))).map((token) =>
    utf8.encode(token),
  );
  const unsigned = createUnsigned(issuer);
  const create = (verdictCache) => createReady(issuer, verdictCache);

  const withSignature = await measureCounts(upTo(SIGNED), create, (user) => signed[user]);
  const refused = await measureCounts(upTo(100_000), create, unsigned, { refuses: true });
  const { withoutSignature, remembered } = await withSignatureReplaced(async () => ({
    withoutSignature: await measureCounts(upTo(1_000_000), create, unsigned),
    remembered: await measureCounts(
      upTo(100_000),
      // Room for all of them, however the cache divides it.
      (count) => create({ maxEntries: 2 * count }),
      unsigned,
      { repeats: true },
    ),
  }));
  return [
    {
      name: "new tokens, whole verification",
      unit: "µs",
      expected: "flat",
      points: withSignature.times,
    },
    {
      name: "new tokens, without the signature operation",
      unit: "µs",
      expected: "flat",
      points: withoutSignature.times,
    },
    { name: "forged tokens", unit: "µs", expected: "flat", points: refused.times },
    {
      name: "repeated tokens, a cache for all of them",
      unit: "µs",
      expected: "flat",
      points: remembered.times,
    },
    {
      name: "memory, default cache (1,000 tokens)",
      unit: "bytes",
      expected: "flat",
      // The cache fills up to there.
      from: 1_000,
      points: withoutSignature.memory,
    },
    {
      name: "memory, a cache for all of them",
      unit: "bytes",
      expected: "linear",
      // Below this count, the measurement's own noise is larger.
      from: 1_000,
      points: remembered.memory,
    },
  ];
}

async function createReady({ jwk }, verdictCache) {
  const remote = { fetch: async () => Response.json({ keys: [jwk] }) };
  const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, remote, verdictCache });
  await verifier.prefetch();
  return verifier;
}

async function measureCounts(counts, create, bytesOf, { refuses = false, repeats = false } = {}) {
  const times = [];
  const memory = [];
  for (const count of counts) {
    const passes = Math.ceil(LEAST / count);
    const microseconds = [];
    for (let pass = 1; pass <= passes; pass++) {
      const verifier = await create(repeats ? count : undefined);
      const isLast = pass === passes;
      const before = isLast ? await heapInUse() : 0;
      const first = await runThrough(verifier, count, bytesOf, refuses);
      const time = repeats ? await runThrough(verifier, count, bytesOf, refuses) : first;
      microseconds.push(time / count);
      if (isLast) memory.push([count, Math.max(1, (await heapInUse()) - before)]);
      // Still in use, so that it is not collected before the measurement.
      await verifier.prefetch();
    }
    times.push([count, median(microseconds)]);
  }
  return { times, memory };
}

/** @returns microseconds for all of them, without the time to make the strings */
async function runThrough(verifier, count, bytesOf, refuses) {
  let milliseconds = 0;
  for (let from = 0; from < count; from += BLOCK) {
    const tokens = Array.from({ length: BLOCK }, (_, index) => fresh(bytesOf(from + index)));
    const start = performance.now();
    let accepted = 0;
    for (const token of tokens) accepted += (await verifier.safeVerify(token)).ok ? 1 : 0;
    milliseconds += performance.now() - start;
    if (accepted !== (refuses ? 0 : BLOCK)) throw new Error("a verdict is wrong");
  }
  return milliseconds * 1000;
}

/** Well-formed tokens without a real signature; every signature differs, at its end too. */
function createUnsigned({ header }) {
  const characters = (length) =>
    base64Url(crypto.getRandomValues(new Uint8Array(length))).slice(0, length);
  // Leading zeros: a number above the modulus would be refused without the work.
  const start = `AA${characters(308)}`;
  const pieces = Array.from({ length: 4096 }, () => characters(16));
  // The same user gets the same token at any time.
  const now = Math.floor(Date.now() / 1000);
  const times = { exp: now + 86_400, iat: now - 60, nbf: now - 60 };
  return (user) => {
    const end = `${pieces[user >> 12]}${pieces[user & 4095].slice(5)}${lastCharacters(user)}`;
    return utf8.encode(`${header}.${userPayload(user, header, times)}.${start}${end}`);
  };
}

/**
 * Five characters that differ from user to user as in real signatures, because a cache may index by
 * them.
 */
function lastCharacters(user) {
  const spread = Math.imul(user, 0x9e3779b1) >>> 0;
  const four = [26, 20, 14, 8].map((shift) => ALPHABET[(spread >>> shift) & 63]).join("");
  // 2048 bits leave four unused bits in the last character, which must be zero.
  return four + ALPHABET[((spread >>> 6) & 3) << 4];
}

async function withSignatureReplaced(measure) {
  const { subtle } = crypto;
  let calls = 0;
  const verify = async () => {
    calls++;
    return true;
  };
  Object.defineProperty(subtle, "verify", { configurable: true, value: verify });
  const measured = await measure();
  // Back to the prototype's own.
  delete subtle.verify;
  if (calls < LEAST) throw new Error("the signature operation was not replaced");
  return measured;
}
