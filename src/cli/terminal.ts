import type { FetchLike } from "../http/bounded-fetch.ts";

/** Everything outside that a command touches, so that a test can replace it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
  /** All of standard input, as text. */
  readStdin(): Promise<string>;
  readFile(path: string): Promise<string>;
  /** A secret file is for its owner alone, and never replaces another. */
  writeFile(path: string, text: string, kind: "public" | "secret"): Promise<void>;
  /** The runtime's own when it is absent. */
  readonly fetch?: FetchLike | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The variables of the environment. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Of the package. */
  version(): Promise<string>;
  /** Resolves when the person asks the program to end. */
  interrupted(): Promise<void>;
  /** Calls back whenever the person asks the program to read its configuration anew. */
  onHangUp(listener: () => void): void;
}

/** The exit codes of all commands (sysexits are not used: these four are all there are). */
export const EXIT = { accepted: 0, refused: 1, usage: 2, keysUnavailable: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
