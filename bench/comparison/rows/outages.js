// How genuine tokens are answered when the endpoint fails, is slow, or has changed its keys.
import { answers } from "../endpoint.js";
import { keyOf, letsIn, verdict } from "../lab.js";

const MINUTE = 60;
const HOUR = 3600;
const spans = [30, 9 * MINUTE, 30 * MINUTE, 9 * HOUR, 23 * HOUR, 48 * HOUR];
const spell = (seconds) =>
  seconds < MINUTE
    ? `${seconds} s`
    : seconds < HOUR
      ? `${seconds / MINUTE} min`
      : `${seconds / HOUR} h`;

export const outages = [
  {
    title: "The endpoint answers 503: how long a token with a known key is accepted",
    async ask({ endpoint, token, warm, pass }) {
      const key = keyOf("a");
      const verify = await warm(key);
      endpoint.answer = answers.status(503);
      const known = token(key);
      let last = 0;
      for (const span of spans) {
        await pass(span - last);
        if (!(await letsIn(verify, known))) {
          return last === 0 ? "not at all" : `at least ${spell(last)}, not ${spell(span)}`;
        }
        last = span;
      }
      return `${spell(last)} and longer`;
    },
  },
  {
    title: "… fetches for 50 requests, one per second, half an hour after the last good answer",
    async ask({ endpoint, token, warm, pass }) {
      const key = keyOf("a");
      const verify = await warm(key);
      endpoint.answer = answers.status(503);
      await pass(30 * MINUTE);
      const known = token(key);
      const before = endpoint.fetches;
      let passed = 0;
      for (let request = 0; request < 50; request++) {
        await pass(1);
        if (await letsIn(verify, known)) passed++;
      }
      await endpoint.quiet();
      const fetches = endpoint.fetches - before;
      const few = fetches > 0 && fetches < 10 ? "fewer than 10" : fetches || "none";
      return `${few}; ${passed} accepted`;
    },
  },
  {
    title: "Fetches for 50 requests at once before there are any keys",
    async ask({ endpoint, create, token, publish }) {
      const key = keyOf("a");
      publish(key);
      endpoint.answer = answers.late(150, endpoint.answer);
      const verify = await create();
      const known = token(key);
      await Promise.all(Array.from({ length: 50 }, () => letsIn(verify, known)));
      await endpoint.quiet();
      return `${endpoint.fetches}`;
    },
  },
  {
    title: "A new key, published one second after the last fetch: its first token",
    async ask({ token, publish, warm, pass }) {
      const verify = await warm(keyOf("a"));
      publish(keyOf("a"), keyOf("b"));
      await pass(1);
      return verdict(verify, token(keyOf("b")));
    },
  },
  {
    title: "A key is withdrawn: when its token, sent every five minutes, is refused",
    async ask({ token, publish, warm, pass }) {
      const verify = await warm(keyOf("a"));
      const known = token(keyOf("a"));
      publish(keyOf("b"));
      for (let minutes = 0; minutes <= 120; minutes += 5) {
        if (!(await letsIn(verify, known))) return minutes === 0 ? "at once" : `by ${minutes} min`;
        await pass(5 * MINUTE);
      }
      return "not within two hours";
    },
  },
];
