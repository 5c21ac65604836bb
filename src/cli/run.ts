import { isKeySetError, type KeySetError } from "../errors.ts";
import { refuseSecret } from "../explain/guess-token.ts";
import { explain } from "../explain/key-trouble.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import { type Arguments, nearName, parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { paint, safely } from "./paint.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

const COMMON = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Runs one command line, without the name of the program.
 *
 * @returns the exit code; it never rejects for anything that a person can do
 */
export async function run(argv: readonly string[], given: Terminal): Promise<ExitCode> {
  const terminal = safely(given);
  const [name = "", ...rest] = argv;
  if (name === "--version" || name === "-v") {
    terminal.out(`${await terminal.version()}\n`);
    return EXIT.accepted;
  }
  if (name === "help" || name === "--help" || name === "-h") return help(rest[0], terminal);
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) return unknown(name, terminal);
  let args: Arguments | undefined;
  try {
    args = parseArguments(rest, { ...command.options, ...COMMON });
    if (args.flag("help")) return help(name, terminal);
    // Wherever it was pasted, it is not to be repeated.
    for (const text of rest) refuseSecret(text);
    return await command.run(args, terminal);
  } catch (error) {
    return fail(error, command, args?.flag("json") === true, terminal);
  }
}

function help(name: string | undefined, terminal: Terminal): ExitCode {
  if (name === undefined) {
    terminal.out(overview(terminal));
    return EXIT.accepted;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) return unknown(name, terminal);
  const [usage = "", ...text] = command.help.split("\n");
  terminal.out(`${paint(terminal.colour).bold(usage)}\n${text.join("\n")}`);
  return EXIT.accepted;
}

function overview({ colour }: Terminal): string {
  const { bold } = paint(colour);
  const lines = COMMANDS.map(({ name, summary }) => `  ${bold(name.padEnd(8))} ${summary}`);
  return `${bold("postern")} looks at Cloudflare Access tokens and at the keys that sign them.

${lines.join("\n")}

\`postern help verify\`, or any other of these words, says more. A token is an argument, or
comes from standard input where - stands. Every command takes --json. Colours are only for
terminals, and NO_COLOR turns them off.

Exits with 0 when a token is accepted (or the command did what it was asked), 1 when it is
refused, 2 when the command line is wrong, 3 when keys could not be had.
`;
}

/** What was typed is only repeated when it looks like a word: it may be a token. */
function unknown(name: string, terminal: Terminal): ExitCode {
  if (name === "") {
    terminal.err(overview({ ...terminal, colour: false }));
    return EXIT.usage;
  }
  const isToken = /^ey[\w-]+\./.test(name);
  const isWord = /^[a-z-]{1,16}$/.test(name);
  const names = COMMANDS.map((command) => command.name);
  const near = isWord ? nearName(name, names) : undefined;
  const says = isToken
    ? "That is a token, and a command is missing: `postern decode` shows it, `postern verify` checks it."
    : `There is no command ${isWord ? `"${name}"` : "of that name"}${near ? `: did you mean "${near}"?` : "."}`;
  terminal.err(`${says}\n\`postern help\` lists them.\n`);
  return EXIT.usage;
}

/** What went wrong in words; what is nobody's mistake is thrown again. */
function fail(error: unknown, { name }: Command, json: boolean, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    terminal.err(`${visible(sentence(error.message))}\n\`postern help ${name}\` says more.\n`);
    if (json) terminal.out(`${visibleJson({ error: { code: "usage", says: error.message } })}\n`);
    return EXIT.usage;
  }
  if (!isKeySetError(error)) throw error;
  const { says, fix } = explain(error);
  terminal.err(`No keys${placeOf(error)}: ${says}. ${fix}\n`);
  if (json) {
    const { code, url, upstreamStatus } = error;
    terminal.out(`${visibleJson({ error: { code, says, fix, url, upstreamStatus } })}\n`);
  }
  return EXIT.keysUnavailable;
}

function sentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}

function placeOf({ url }: KeySetError): string {
  return url === undefined ? "" : ` from ${visible(url)}`;
}
