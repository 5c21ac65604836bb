import { run } from "../../src/cli/run.ts";
import type { ExitCode, Terminal } from "../../src/cli/terminal.ts";

/** Friday morning, for every test that shows a time. */
export const NOW: number = Date.UTC(2025, 0, 31, 9, 0, 0);

/** What a command said, and how it ended. */
export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface World extends Partial<Omit<Terminal, "out" | "err" | "readStdin">> {
  readonly stdin?: string;
  /** By path; what is written goes here too. */
  readonly files?: Map<string, string>;
}

/** Runs a command line in a world of the test's making. */
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
