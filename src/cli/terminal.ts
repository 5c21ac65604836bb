import type { FetchLike } from "../http/bounded-fetch.ts";

/** Everything that a command uses of its environment, so that a test can replace it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard output can show colours. */
  readonly colour: boolean;
  readStdin(): Promise<string>;
  readFile(path: string): Promise<string>;
  /** Only the owner can read a secret file. It never replaces another file. */
  writeFile(path: string, text: string, kind: "public" | "secret"): Promise<void>;
  /** If absent, the `fetch` of the runtime. */
  readonly fetch?: FetchLike | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly env: { readonly [name: string]: string | undefined };
  /** The version of the package. */
  version(): Promise<string>;
  /** Resolves on SIGINT or SIGTERM. */
  interrupted(): Promise<void>;
  /** Calls the listener on each SIGHUP, which means "read the configuration again". */
  onHangUp(listener: () => void): void;
}

/** The exit codes of all commands. */
export const EXIT = { accepted: 0, refused: 1, usage: 2, keysUnavailable: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
