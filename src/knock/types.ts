/** One header of a request. The name is sent exactly as written. */
export type Field = readonly [name: string, value: string];

/** A request to send. Other methods are never sent. */
export interface Sent {
  readonly method: "GET" | "HEAD" | "OPTIONS";
  /** The request target, sent exactly as written. */
  readonly target: string;
  readonly headers: readonly Field[];
  /** A WebSocket handshake (RFC 6455 section 4.1). */
  readonly isHandshake?: boolean;
}

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  /** The beginning of the body, one character for each byte. */
  readonly body: string;
}

/** A page that anyone may see. Parts of it can change with each request, such as a nonce or its path. */
export interface Page {
  readonly answer: Answer;
  /** How many characters at the beginning and at the end stay the same. */
  readonly head: number;
  readonly tail: number;
}

/** No answer came. */
export interface Silence {
  readonly status: null;
  /** Whether the connection was made and then closed. */
  readonly isCut: boolean;
  readonly reason: string;
}

export type Reply = Answer | Silence;

/** A way to send requests: sockets, or a function like `fetch`. */
export interface Carrier {
  /** Whether it can send the request exactly as written. */
  carries(sent: Sent): boolean;
  send(sent: Sent, signal: AbortSignal): Promise<Reply>;
}

/** The kind of a knock. The report has one piece of advice for each kind. */
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

/** One request to try, and what it would prove. */
export interface Knock {
  readonly name: string;
  /** The path that is tested, in its plain form. */
  readonly base: string;
  readonly family: Family;
  /** The fault in the application if the request gets in. */
  readonly why: string;
  readonly sent: Sent;
  /** A public page. As the answer, it leaks nothing. */
  readonly ordinary?: Page;
}

/** `control` is the genuine token, which must get in. */
export type Outcome = "shut" | "open" | "unclear" | "control";

/** The result of a whole report: `shut` only if every knock was shut. */
export type Verdict = "shut" | "open" | "unclear" | "unreachable";

/** One knock and its result. */
export interface KnockResult {
  readonly name: string;
  /** The path as it was sent, without its query. */
  readonly path: string;
  /** The fault in the application if such a request gets in. */
  readonly why: string;
  /** `null` when no answer came. */
  readonly status: number | null;
  readonly outcome: Outcome;
  readonly note?: string;
  readonly family: Family;
}

/** What was tried, and the results. */
export interface KnockReport {
  readonly url: string;
  readonly verdict: Verdict;
  readonly knocks: readonly KnockResult[];
  /** What could not be tried and why, in one sentence each. */
  readonly untried: readonly string[];
}
