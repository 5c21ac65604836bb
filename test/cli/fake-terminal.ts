import { run } from "../../src/cli/run.ts";
import type { ExitCode, Terminal } from "../../src/cli/terminal.ts";

/** The time of every test that shows one: a Friday morning. */
export const NOW: number = Date.UTC(2025, 0, 31, 9, 0, 0);

/** What a command printed, and how it ended. */
export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface World extends Partial<Omit<Terminal, "out" | "err" | "readStdin">> {
  readonly stdin?: string;
  /** Files by path. What a command writes is added here. */
  readonly files?: Map<string, string>;
}

/** Runs a command line with the files, variables and clock of a test. */
export async function postern(argv: readonly string[], world: World = {}): Promise<Said> {
  const { stdin = "", files = new Map<string, string>(), ...others } = world;
  let out = "";
  let err = "";
  const code = await run(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colour: false,
    readStdin: async () => stdin,
    async readFile(path) {
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error("no file"), { code: "ENOENT" });
      return text;
    },
    async writeFile(path, text) {
      files.set(path, text);
    },
    fetch: () => Promise.reject(new Error("no network")),
    now: () => NOW,
    env: {},
    onHangUp() {},
    version: async () => "1.2.3",
    interrupted: () => Promise.resolve(),
    ...others,
  });
  return { code, out, err };
}
