import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const VISITORS = 24;
const PAUSE_MS = 8;

/**
 * Many clients at once, each of which sends a request, checks the answer, and sends the next one.
 */
export class Visitors {
  /** For each kind of request: how many there were, and how many answers were wrong. */
  tally = new Map();
  /** Wrong answers in words, with their counts. */
  wrong = new Map();
  requests = 0;

  #agent = new Agent({ keepAlive: true, maxSockets: VISITORS });

  constructor(port) {
    this.port = port;
  }

  /**
   * Sends requests for a while and waits for the last answer.
   *
   * @param kinds each with a name, a weight, and `next`, which gives headers and the right answer
   */
  async call(kinds, seconds) {
    const draw = kinds.flatMap((kind) => Array(kind.weight).fill(kind));
    const end = performance.now() + seconds * 1000;
    const visit = async () => {
      while (performance.now() < end) {
        await this.#ask(draw[Math.floor(Math.random() * draw.length)]);
        await sleep(PAUSE_MS * 2 * Math.random());
      }
    };
    await Promise.all(Array.from({ length: VISITORS }, visit));
  }

  async #ask({ name, next }) {
    const { headers, expected, what = name } = await next();
    const answer = await this.get(headers);
    const count = this.tally.get(name) ?? { asked: 0, wrong: 0 };
    this.tally.set(name, count);
    this.requests++;
    count.asked++;
    if (answer === expected) return;
    count.wrong++;
    const words = `${what}: expected ${expected}, got ${answer}`;
    if (this.wrong.size < 20) this.wrong.set(words, (this.wrong.get(words) ?? 0) + 1);
  }

  /** One request; the origin itself names the accepted person or service. */
  get(headers) {
    return new Promise((resolve) => {
      const { port } = this;
      const sent = request({ host: "127.0.0.1", port, headers, agent: this.#agent }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        response.on("end", () => {
          resolve(response.statusCode === 200 ? `200 ${body}` : String(response.statusCode));
        });
      });
      sent.on("error", (error) => resolve(error.code)).end();
    });
  }

  leave() {
    this.#agent.destroy();
  }
}
