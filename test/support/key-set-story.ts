import { vi } from "vitest";
import {
  createRemoteKeySet,
  type LookupHeader,
  type PosternEvent,
  type RemoteKeySet,
  type RemoteKeySetOptions,
} from "../../src/index.ts";
import { ScriptedOrigin } from "./scripted-origin.ts";
import { type StoryClock, startClock } from "./story-clock.ts";

/** The parts of a test about one remote key set. */
export interface KeySetStory {
  readonly clock: StoryClock;
  readonly origin: ScriptedOrigin;
  readonly keys: RemoteKeySet;
  readonly events: PosternEvent[];
  /** The events of one type. */
  told<T extends PosternEvent["type"]>(type: T): Extract<PosternEvent, { type: T }>[];
}

export const URL_OF_KEYS = "https://issuer.example/jwks";

/**
 * Without randomness: sets are fresh for exactly 600 s, and waits after failures are 1, 2, 4 … s.
 */
export function beginStory(options: RemoteKeySetOptions = {}): KeySetStory {
  const clock = startClock();
  decideChance(0);
  const origin = new ScriptedOrigin();
  const events: PosternEvent[] = [];
  const keys = createRemoteKeySet(URL_OF_KEYS, {
    ...(options.fetcher === undefined && { fetch: origin.fetch }),
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    clock,
    origin,
    keys,
    events,
    told: (type) => events.filter((event) => event.type === type) as never,
  };
}

/** The random number of every draw, from 0 to 1. */
export function decideChance(outcome: number): void {
  vi.spyOn(Math, "random").mockReturnValue(outcome);
}

/** The header of a token under a kid. */
export function under(kid: string): LookupHeader {
  return { alg: "RS256", kid };
}
