/** One field of a request's head; names go out as they are spelt. */
export type Field = readonly [name: string, value: string];

/** A request as it is to go out. No other methods are ever sent. */
export interface Sent {
  readonly method: "GET" | "HEAD" | "OPTIONS";
  /** The request target, spelt exactly so. */
  readonly target: string;
  readonly headers: readonly Field[];
  /** A WebSocket handshake (RFC 6455 section 4.1). */
  readonly isHandshake?: boolean;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  /** The beginning of the body, a letter for each byte. */
  readonly body: string;
}

/** Nothing came back. */
export interface Silence {
  readonly status: null;
  /** Whether the connection stood and was then closed. */
  readonly isCut: boolean;
  readonly reason: string;
}

export type Reply = Answer | Silence;

/** A way to send requests: sockets, or a function like `fetch`. */
export interface Carrier {
  /** Whether the request would go out as it is spelt. */
  carries(sent: Sent): boolean;
  send(sent: Sent, signal: AbortSignal): Promise<Reply>;
}

/** What a knock is about; it decides what to do when the knock gets in. */
export type Family =
  | "no credentials"
  | "forged token"
  | "place of the token"
  | "token of the gate"
  | "genuine token, spoilt"
  | "genuine token, wrong kind"
  | "method"
  | "spelling of the path"
  | "header of a proxy";

/** One thing to try. */
export interface Knock {
  readonly name: string;
  /** The path that it is about, however the request spells it. */
  readonly base: string;
  readonly family: Family;
  /** What it would mean if the request got in. */
  readonly why: string;
  readonly sent: Sent;
  /** The answer of a page that is public anyway: the same answer gives nothing away. */
  readonly ordinary?: Answer;
}

/** `control`: the genuine token, which has to get in. */
export type Outcome = "shut" | "open" | "unclear" | "control";

/** What a whole report says: `shut` only if every knock was. */
export type Verdict = "shut" | "open" | "unclear" | "unreachable";

/** One knock and what came of it. */
export interface KnockResult {
  readonly name: string;
  /** As it was spelt, without its query. */
  readonly path: string;
  /** What it means when such a request gets in. */
  readonly why: string;
  /** `null` when no answer came. */
  readonly status: number | null;
  readonly outcome: Outcome;
  readonly note?: string;
  readonly family: Family;
}

/** What was tried, and what came of it. */
export interface KnockReport {
  readonly url: string;
  readonly verdict: Verdict;
  readonly knocks: readonly KnockResult[];
  /** What could not be tried, and why: a sentence each. */
  readonly untried: readonly string[];
}
