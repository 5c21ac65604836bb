import { guessToken } from "../explain/guess-token.ts";
import { UsageError } from "../explain/usage-error.ts";
import type { Arguments } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The token of the command line, or of standard input when it is `-`.
 *
 * @throws {UsageError} when there is none, or more than one; it never holds the token
 */
export async function readToken(args: Arguments, terminal: Terminal): Promise<string> {
  const [given, ...others] = args.positionals;
  if (given === undefined) {
    throw new UsageError("A token is missing: give it as an argument, or - to read standard input");
  }
  if (others.length > 0) {
    throw new UsageError("Give one token: quote it if there are spaces in it");
  }
  return readTokenFrom(given, terminal);
}

/** @throws {UsageError} when it is empty, or there are several */
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
