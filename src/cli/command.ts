import type { Arguments, OptionTable } from "./arguments.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** One word after `postern`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The help text, with examples to paste. */
  readonly help: string;
  /** The command's own options. Every command also has `--json` and `--help`. */
  readonly options: OptionTable;
  /**
   * @throws {UsageError} (rejects) when the command line is wrong
   * @throws {KeySetError} (rejects) when the keys cannot be fetched or used
   */
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>;
}
