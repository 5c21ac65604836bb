import type { HostileToken } from "../testing/hostile/forge.ts";
import type { Carrier } from "./types.ts";
import type { Victim } from "./victim.ts";

/** Everything that one run of knocks needs. */
export interface Visit {
  /** The address as the report shows it. */
  readonly url: string;
  readonly origin: string;
  readonly host: string;
  /** The first path gets every knock. The others get those that depend on the path. */
  readonly paths: readonly string[];
  readonly carrier: Carrier;
  readonly victim: Victim;
  /** Origins of log-in pages: a redirect to one is a refusal. */
  readonly logins: readonly string[];
  readonly metaToken?: string | undefined;
  /** A genuine token, as the positive control. */
  readonly token?: string | undefined;
  /** Genuine tokens for another purpose, which must be refused. */
  readonly wrongKinds?: readonly HostileToken[] | undefined;
  /** Further hostile tokens. They do not count towards the limit of requests. */
  readonly hostile?: readonly HostileToken[] | undefined;
  /** The reasons to refuse the genuine token itself. */
  readonly flaws?: readonly HostileToken[] | undefined;
  /** What could not be prepared, in one sentence each. */
  readonly untried: readonly string[];
  /** Milliseconds for the whole run. */
  readonly timeoutMs: number;
}
