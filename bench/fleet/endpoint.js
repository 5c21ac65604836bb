import { SECOND } from "./issuer.js";

/** The certs endpoint as one instance sees it: with a latency, and with its outages. */
export class Endpoint {
  /**
   * @param outages `{ from, to, kind }`, where `kind` is "status" (503 at once) or "hang"
   * @param onFetch called for every request
   * @param onAnswer is told which kids an answer brought
   */
  constructor({ clock, publishedAt, outages, random, onFetch, onAnswer = () => {} }) {
    this.fetch = (_url, { signal }) =>
      new Promise((resolve, reject) => {
        onFetch();
        signal?.addEventListener("abort", () => reject(signal.reason));
        const outage = outages.find(({ from, to }) => clock.time >= from && clock.time < to);
        if (outage?.kind === "hang") return;
        const latency = Math.min(2 * SECOND, random.lognormal(60, 0.6));
        // What is published when the request arrives is what the answer holds.
        const body = publishedAt(clock.time + latency / 2);
        clock.after(latency, () => {
          if (outage === undefined) onAnswer(body.kids);
          resolve(response(outage === undefined ? 200 : 503, body.text));
        });
      });
  }
}

/** The part of a response that the libraries read; without a stream, so that it needs no real time. */
function response(status, text) {
  return {
    status,
    headers: { get: () => null },
    text: async () => text,
    json: async () => JSON.parse(text),
  };
}
