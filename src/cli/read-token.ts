import { guessToken } from "../explain/guess-token.ts";
import { UsageError } from "../explain/usage-error.ts";
import type { Arguments } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Reads the token from the command line, or from standard input when the argument is `-`.
 *
 * @throws {UsageError} when there is no token, or more than one; the message never quotes it
 */
export async function readToken(args: Arguments, terminal: Terminal): Promise<string> {
  const [given, ...others] = args.positionals;
  if (given === undefined) {
    throw new UsageError(
      "The token is missing: give it as an argument, or - to read standard input",
    );
  }
  if (others.length > 0) {
    throw new UsageError("Give only one token: quote it if it contains spaces");
  }
  return readTokenFrom(given, terminal);
}

/** @throws {UsageError} when there is no token, or more than one */
export async function readTokenFrom(given: string, terminal: Terminal): Promise<string> {
  const { token, note } = guessToken(given === "-" ? await standardInput(terminal) : given);
  if (token === "") throw new UsageError("The token is empty");
  if (note !== undefined) terminal.err(`note: ${note}\n`);
  return token;
}

async function standardInput(terminal: Terminal): Promise<string> {
  try {
    return await terminal.readStdin();
  } catch {
    throw new UsageError("Standard input cannot be read, or is too large");
  }
}
