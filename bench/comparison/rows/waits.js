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
    title: "the endpoint takes the connection and never answers: the first request waits",
    ...stuck(answers.silence()),
  },
  {
    title: "the endpoint sends its response without end: the first request waits",
    ...stuck(answers.trickle()),
  },
  {
    title:
      "a `fetch` of one's own that never settles and ignores its signal: the first request waits",
    async ask({ library, create, token }) {
      if (!library.takesFetch) return "takes none";
      const verify = await create({ fetch: () => new Promise(() => {}) });
      return (await timed(verify, token(keyOf("a")))).shown;
    },
  },
  {
    title: "a token under a made-up kid, and two seconds later the first one of a new key",
    async ask({ token, publish, warm }) {
      const verify = await warm(keyOf("a"));
      await Promise.race([
        letsIn(verify, token(keyOf("c"))),
        new Promise((resolve) => setTimeout(resolve, 2000)),
      ]);
      publish(keyOf("a"), keyOf("b"));
      const { outcome, shown } = await timed(verify, token(keyOf("b")));
      if (outcome !== true) return "refused";
      return shown === "0 s" ? "let in" : "let in, after a wait";
    },
  },
];
