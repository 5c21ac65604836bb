import type { FetchInit, FetchLike, Jwk, ResponseLike } from "../../src/index.ts";
import { createDecoys } from "../../src/testing/decoys.ts";

const DECOYS = createDecoys();

/** How the origin of a key set answers one request. */
type Answer = (init: FetchInit) => Promise<ResponseLike>;

/** The parts of an answer. A missing part is that of an ordinary answer. */
export interface Script {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** An answer under way, which arrives when the test says so. */
export interface HeldAnswer {
  /** It arrives with the content at the time of its request. */
  arrive(): void;
  /** The connection breaks instead. */
  breakOff(): void;
}

/** The origin of a key set, with a method for each thing that can happen to it. */
export class ScriptedOrigin {
  /** The validator of every request, in order. */
  readonly requests: FetchInit[] = [];
  readonly fetch: FetchLike;
  #keys: Jwk[] = [];
  #headers: Record<string, string> = {};
  #once: Answer[] = [];
  #always: Answer | undefined;

  constructor() {
    this.fetch = (_url, init) => {
      this.requests.push(init);
      return (this.#once.shift() ?? this.#always ?? (async () => this.#ordinary(init)))(init);
    };
  }

  publish(...keys: Jwk[]): this {
    this.#keys = [...this.#keys, ...keys];
    return this;
  }

  withdraw(...keys: Jwk[]): this {
    this.#keys = this.#keys.filter((key) => !keys.includes(key));
    return this;
  }

  /** Adds headers to every ordinary answer, such as `cache-control`. An `etag` is also compared. */
  say(headers: Record<string, string>): this {
    this.#headers = headers;
    return this;
  }

  /** Every connection is refused. */
  goDown(cause: unknown = new TypeError("connection refused")): this {
    this.#always = () => Promise.reject(cause);
    return this;
  }

  /** Requests are accepted and never answered, whatever their signal does. */
  fallSilent(): this {
    this.#always = () => new Promise(() => {});
    return this;
  }

  answerSlowly(seconds: number): this {
    this.#always = async (init) => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return this.#ordinary(init);
    };
    return this;
  }

  /** Answers something else instead of the keys. */
  misbehave(script: Script): this {
    this.#always = async () => respond(script);
    return this;
  }

  /** The published keys are answered again, at once. */
  comeBack(): this {
    this.#always = undefined;
    this.#once = [];
    return this;
  }

  /** The next request alone fails. */
  failOnce(cause: unknown = new TypeError("connection reset")): this {
    this.#once.push(() => Promise.reject(cause));
    return this;
  }

  /**
   * The next request alone is answered when the test says so, with what is published at its start.
   */
  holdOnce(): HeldAnswer {
    let settle = { arrive: (): void => {}, breakOff: (): void => {} };
    this.#once.push((init) => {
      const answer = this.#ordinary(init);
      return new Promise((resolve, reject) => {
        settle = {
          arrive: () => resolve(answer),
          breakOff: () => reject(new TypeError("connection reset")),
        };
      });
    });
    return { arrive: () => settle.arrive(), breakOff: () => settle.breakOff() };
  }

  #ordinary({ headers }: FetchInit): ResponseLike {
    const { etag } = this.#headers;
    if (etag !== undefined && headers["if-none-match"] === etag) {
      return respond({ status: 304, headers: this.#headers });
    }
    return respond({ headers: this.#headers, body: { keys: [...DECOYS, ...this.#keys] } });
  }
}

/**
 * A response whose body is read at once. A string is the body itself, any other value becomes JSON.
 */
export function respond({ status = 200, headers = {}, body = "" }: Script): ResponseLike {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    status,
    headers: new Headers(headers),
    text: async () => text,
  };
}
