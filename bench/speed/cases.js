// The cases. Each gives back the microseconds that one token took.
//
// A token arrives from a socket as a new string object: its hash is not known yet, and a cache pays
// for it. So every token is decoded anew from its bytes before each block, outside the clock.

const BLOCK = 256;
const SESSIONS = 100;
const MILLISECONDS = 25;

const utf8 = new TextDecoder();

/** A new string object for everyone; raw verification gets its bytes. */
export function fresh(bytes) {
  return utf8.decode(bytes);
}

export const CASES = {
  sequence: {
    title: "distinct, in sequence",
    run: (contestant, { accepted, round, count }) =>
      timedLoop(contestant, pick(accepted, round * count, count)),
  },
  atOnce: {
    title: "distinct, 64 at once",
    run: (contestant, { accepted, round, count }) =>
      timedCrowds(contestant, pick(accepted, round * count, count), 64),
  },
  repeated: {
    title: "repeated",
    async run(contestant, { accepted, round }) {
      const sessions = pick(accepted, round * SESSIONS, SESSIONS);
      // Each session's first request is not a repetition.
      await loop(contestant, sessions.map(contestant.toInput));
      return timedBlocks(contestant, sessions, loop);
    },
  },
  refused: {
    title: "refused (forged)",
    run: (contestant, { forged, round, count }) =>
      timedLoop(contestant, pick(forged, round * count, count), refusals),
  },
  decode: {
    title: "decode only",
    needs: "decode",
    run: ({ decode, toInput }, { accepted, round }) =>
      timedBlocks(
        { verify: decode, sync: true, toInput },
        pick(accepted, round * BLOCK, BLOCK),
        loop,
      ),
  },
};

async function timedLoop(contestant, tokens, body = loop) {
  const inputs = tokens.map(contestant.toInput);
  const start = performance.now();
  await body(contestant, inputs);
  return ((performance.now() - start) * 1000) / inputs.length;
}

/** For what is too quick for one look at the clock. */
async function timedBlocks(contestant, tokens, body) {
  let spent = 0;
  let done = 0;
  for (let from = 0; spent < MILLISECONDS && done < 64 * BLOCK; from += BLOCK) {
    const inputs = pick(tokens, from, BLOCK).map(contestant.toInput);
    const start = performance.now();
    await body(contestant, inputs);
    spent += performance.now() - start;
    done += inputs.length;
  }
  return (spent * 1000) / done;
}

async function timedCrowds(contestant, tokens, size) {
  const inputs = tokens.map(contestant.toInput);
  const { verify, sync } = contestant;
  const start = performance.now();
  for (let from = 0; from < inputs.length; from += size) {
    const crowd = inputs.slice(from, from + size);
    if (sync) for (const input of crowd) verify(input);
    else await Promise.all(crowd.map(verify));
  }
  return ((performance.now() - start) * 1000) / inputs.length;
}

async function loop({ verify, sync }, inputs) {
  if (sync) for (const input of inputs) verify(input);
  else for (const input of inputs) await verify(input);
}

async function refusals({ verify, sync }, inputs) {
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

/** `count` of them from a place on, round and round. */
function pick(tokens, from, count) {
  return Array.from({ length: count }, (_, index) => tokens[(from + index) % tokens.length]);
}
