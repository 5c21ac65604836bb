import type { Arguments, OptionTable } from "./arguments.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** One word after `postern`. */
export interface Command {
  readonly name: string;
  /** A line for the list of commands. */
  readonly summary: string;
  /** How to use it, with an example that can be pasted. */
  readonly help: string;
  /** In addition to `--json` and `--help`, which every command has. */
  readonly options: OptionTable;
  /**
   * @throws {UsageError} (rejects) for a mistake of the person's
   * @throws {KeySetError} (rejects) when keys could not be had
   */
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>;
}
