// How long a request waits. These take real time, and run side by side.
import { answers } from "../endpoint.js";
import { keyOf, letsIn } from "../lab.js";

const LIMIT = 15;

async function timed(verify, token) {
  const start = process.hrtime.bigint();
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, LIMIT * 1000, "late");
  });
  const outcome = await Promise.race([letsIn(verify, token), limit]);
  clearTimeout(timer);
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e9);
  return { outcome, shown: outcome === "late" ? `more than ${LIMIT} s` : `${seconds} s` };
}

const stuck = (answer) => ({
  async ask({ endpoint, create, token }) {
    endpoint.answer = answer;
    return (await timed(await create(), token(keyOf("a")))).shown;
  },
});

export const waits = [
  {
    title: "The endpoint accepts the connection and never answers",
    ...stuck(answers.silence()),
  },
  {
    title: "The endpoint sends a response that never ends",
    ...stuck(answers.trickle()),
  },
  {
    title: "A custom `fetch` that never settles and ignores its signal",
    async ask({ library, create, token }) {
      if (!library.takesFetch) return "takes none";
      const verify = await create({ fetch: () => new Promise(() => {}) });
      return (await timed(verify, token(keyOf("a")))).shown;
    },
  },
  {
    title: "A token with a made-up kid, and two seconds later the first one of a new key",
    async ask({ token, publish, warm }) {
      const verify = await warm(keyOf("a"));
      await Promise.race([
        letsIn(verify, token(keyOf("c"))),
        new Promise((resolve) => setTimeout(resolve, 2000)),
      ]);
      publish(keyOf("a"), keyOf("b"));
      const { outcome, shown } = await timed(verify, token(keyOf("b")));
      if (outcome !== true) return "refused";
      return shown === "0 s" ? "accepted" : "accepted, after a wait";
    },
  },
];
