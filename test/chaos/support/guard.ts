import { createVerifier, type PosternEvent, type RemoteKeySetOptions } from "../../../src/index.ts";
import { AUDIENCE, NOW } from "../../support/issuer.ts";
import type { Endpoint } from "./endpoint.ts";

/** A verifier over real HTTP, on a clock that a test can set. */
export interface Guard {
  /** The code of a refusal with its status, or "accepted". */
  verdict(token: string): Promise<string>;
  /** The different verdicts on many tokens at once. */
  verdicts(tokens: readonly string[]): Promise<string[]>;
  /** Sets the clock forward, or back. */
  set(seconds: number): void;
  readonly events: PosternEvent[];
}

/**
 * Guards the team of the endpoint's origin. An exchange has its usual five seconds, because the machine may be busy.
 * A test of an endpoint that never answers asks for fewer.
 */
export function startGuard({ origin }: Endpoint, remote: RemoteKeySetOptions = {}): Guard {
  const ahead = { milliseconds: NOW * 1000 - Date.now() };
  const events: PosternEvent[] = [];
  const verifier = createVerifier({
    team: origin,
    audience: AUDIENCE,
    remote: { cooldownSeconds: 0.5, ...remote },
    now: () => Date.now() + ahead.milliseconds,
    onEvent: (event) => events.push(event),
  });
  async function verdict(token: string): Promise<string> {
    const result = await verifier.safeVerify(token);
    return result.ok ? "accepted" : `${result.error.status} ${result.error.code}`;
  }
  return {
    verdict,
    async verdicts(tokens) {
      return [...new Set(await Promise.all(tokens.map(verdict)))];
    },
    set(seconds) {
      ahead.milliseconds += seconds * 1000;
    },
    events,
  };
}
