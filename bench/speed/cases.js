// The cases. Each returns the time of one token: microseconds of wall, main-thread and process
// time.
// A token arrives from a socket as a new string object: its hash is not known yet, and a cache has
// to compute it. So tokens are decoded again from their bytes, a few at a time, outside the
// measured time.

import { sum } from "./clock.js";

const CROWD = 64;
const BLOCK = 512;
const SESSIONS = 100;
const MILLISECONDS = 25;

const utf8 = new TextDecoder();

/** A new string object. */
export function fresh(bytes) {
  return utf8.decode(bytes);
}

export const CASES = {
  sequence: {
    title: "new, in sequence",
    run: (contestant, { clock, accepted, round, count }) =>
      timed(clock, inSequence, contestant, pick(accepted, round * count, count), CROWD),
  },
  atOnce: {
    title: "new, 64 at once",
    run: (contestant, { clock, accepted, round, count }) =>
      timed(clock, atOnce, contestant, pick(accepted, round * count, count), CROWD),
  },
  repeated: {
    title: "repeated",
    needs: "isCached",
    run: (contestant, input) => repeat(contestant, input),
  },
  request: {
    title: "repeated request",
    needs: "createForRequests",
    run: (contestant, input) => repeat(contestant, input),
  },
  refused: {
    title: "forged",
    async run(contestant, { clock, accepted, forged, round, count }) {
      // Warm: everything that a verifier learns from a genuine token is known by now.
      await inSequence(contestant, [contestant.toInput(accepted[round % accepted.length])]);
      const tokens = pick(forged, round * count, count);
      return timed(clock, refusing, contestant, tokens, CROWD);
    },
  },
  decode: {
    title: "decoded only",
    needs: "decode",
    run: ({ decode, toInput }, { clock, accepted, round }) =>
      timed(
        clock,
        inSequence,
        { verify: decode, sync: true, toInput },
        pick(accepted, round * BLOCK, 32 * BLOCK),
        BLOCK,
        MILLISECONDS,
      ),
  },
};

/** Sessions in turn, after the first request of each. */
async function repeat(contestant, { clock, accepted, round }) {
  const sessions = pick(accepted, round * SESSIONS, SESSIONS);
  await inSequence(contestant, sessions.map(contestant.toInput));
  const tokens = pick(sessions, 0, 32 * BLOCK);
  return timed(clock, inSequence, contestant, tokens, BLOCK, MILLISECONDS);
}

/** Works through the tokens block by block, up to a time limit. */
async function timed(
  clock,
  work,
  contestant,
  tokens,
  size,
  milliseconds = Number.POSITIVE_INFINITY,
) {
  let spent = { wall: 0, held: 0, all: 0 };
  let done = 0;
  while (done < tokens.length && spent.wall < milliseconds * 1000) {
    const inputs = tokens.slice(done, done + size).map(contestant.toInput);
    const start = clock.begin();
    await work(contestant, inputs);
    spent = sum(spent, clock.since(start));
    done += inputs.length;
  }
  return { wall: spent.wall / done, held: spent.held / done, all: spent.all / done };
}

async function inSequence({ verify, sync }, inputs) {
  if (sync) for (const input of inputs) verify(input);
  else for (const input of inputs) await verify(input);
}

async function atOnce({ verify, sync }, inputs) {
  if (sync) for (const input of inputs) verify(input);
  else await Promise.all(inputs.map(verify));
}

async function refusing({ verify, sync }, inputs) {
  let refused = 0;
  for (const input of inputs) {
    try {
      if (sync) verify(input);
      else await verify(input);
    } catch {
      refused++;
    }
  }
  if (refused !== inputs.length) throw new Error("a forged token was accepted");
}

/** `count` of them from a position on, starting again at the end. */
function pick(tokens, from, count) {
  return Array.from({ length: count }, (_, index) => tokens[(from + index) % tokens.length]);
}
