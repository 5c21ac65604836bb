import type { HostileToken } from "../testing/hostile/forge.ts";
import type { Carrier } from "./types.ts";
import type { Victim } from "./victim.ts";

/** One visit to a door. */
export interface Visit {
  /** As it is shown. */
  readonly url: string;
  readonly origin: string;
  readonly host: string;
  /** The first gets every knock, the others those that depend on a path. */
  readonly paths: readonly string[];
  readonly carrier: Carrier;
  readonly victim: Victim;
  /** Where a refusal may send the client. */
  readonly logins: readonly string[];
  readonly metaToken?: string | undefined;
  /** A genuine token: the positive control. */
  readonly token?: string | undefined;
  /** Genuine tokens that are for something else, and must be refused. */
  readonly wrongKinds?: readonly HostileToken[] | undefined;
  /** Hostile tokens beyond the forgeries; they are not counted. */
  readonly hostile?: readonly HostileToken[] | undefined;
  /** What is known to be wrong with the genuine token itself. */
  readonly flaws?: readonly HostileToken[] | undefined;
  /** What could not be prepared. */
  readonly untried: readonly string[];
  /** For all of it. */
  readonly timeoutMs: number;
}
