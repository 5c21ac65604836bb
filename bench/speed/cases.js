// The cases. Each gives back the microseconds that one token took.
//
// A token arrives from a socket as a new string object: its hash is not known yet, and a cache pays
// for it. So tokens are decoded anew from their bytes, a few at a time, outside the clock.

const CROWD = 64;
const BLOCK = 256;
const SESSIONS = 100;
const MILLISECONDS = 25;

const utf8 = new TextDecoder();

/** A new string object. */
export function fresh(bytes) {
  return utf8.decode(bytes);
}

export const CASES = {
  sequence: {
    title: "distinct, in sequence",
    run: (contestant, { accepted, round, count }) =>
      timed(inSequence, contestant, pick(accepted, round * count, count), CROWD),
  },
  atOnce: {
    title: "distinct, 64 at once",
    run: (contestant, { accepted, round, count }) =>
      timed(atOnce, contestant, pick(accepted, round * count, count), CROWD),
  },
  repeated: {
    title: "repeated",
    async run(contestant, { accepted, round }) {
      const sessions = pick(accepted, round * SESSIONS, SESSIONS);
      // Each session's first request is not a repetition.
      await inSequence(contestant, sessions.map(contestant.toInput));
      return timed(inSequence, contestant, pick(sessions, 0, 64 * BLOCK), BLOCK, MILLISECONDS);
    },
  },
  refused: {
    title: "refused (forged)",
    run: (contestant, { forged, round, count }) =>
      timed(refusing, contestant, pick(forged, round * count, count), CROWD),
  },
  decode: {
    title: "decode only",
    needs: "decode",
    run: ({ decode, toInput }, { accepted, round }) =>
      timed(
        inSequence,
        { verify: decode, sync: true, toInput },
        pick(accepted, round * BLOCK, 64 * BLOCK),
        BLOCK,
        MILLISECONDS,
      ),
  },
};

/** Works through the tokens block by block, but for no longer than it may take. */
async function timed(work, contestant, tokens, size, milliseconds = Number.POSITIVE_INFINITY) {
  let spent = 0;
  let done = 0;
  while (done < tokens.length && spent < milliseconds) {
    const inputs = tokens.slice(done, done + size).map(contestant.toInput);
    const start = performance.now();
    await work(contestant, inputs);
    spent += performance.now() - start;
    done += inputs.length;
  }
  return (spent * 1000) / done;
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

/** `count` of them from a place on, round and round. */
function pick(tokens, from, count) {
  return Array.from({ length: count }, (_, index) => tokens[(from + index) % tokens.length]);
}
