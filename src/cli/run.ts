import { nearest } from "../caller-mistakes.ts";
import { isKeySetError, type KeySetError } from "../errors.ts";
import { refuseSecret } from "../explain/guess-token.ts";
import { explain } from "../explain/key-trouble.ts";
import { commandPage, errorPage } from "../explain/pages.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { paint, safely } from "./paint.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

const COMMON = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Runs one command line. `argv` does not contain the name of the program.
 *
 * @returns the exit code; user mistakes never make it reject
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
    // A secret must never be printed, so it is refused in every argument.
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
  const { bold } = paint(terminal.colour);
  const [, ...blocks] = command.help.split("\n\n");
  const [first = "", ...others] = usageOf(command);
  const usage = [
    `${bold("Usage:")} ${bold(first)}`,
    ...others.map((line) => `       ${bold(line)}`),
  ];
  // An indented block without options contains examples.
  const text = blocks.map((block) => (/^ {2}[^ -]/.test(block) ? `Examples:\n${block}` : block));
  terminal.out(`${[usage.join("\n"), ...text].join("\n\n")}\nMore: ${commandPage(name)}\n`);
  return EXIT.accepted;
}

/** The usage lines of a command. */
function usageOf({ help }: Command): string[] {
  return help.slice(0, help.indexOf("\n\n")).split("\n");
}

function overview({ colour }: Terminal): string {
  const { bold } = paint(colour);
  const lines = COMMANDS.map(({ name, summary }) => `  ${bold(name.padEnd(8))} ${summary}`);
  return `${bold("Usage: postern COMMAND [OPTIONS]")}

Checks Cloudflare Access tokens, the keys that sign them, and the applications behind Access.

${lines.join("\n")}

Examples:
  pbpaste | postern verify --team acme --aud "$POLICY_AUD" -
  postern discover https://app.example.com

\`postern help COMMAND\` shows the options of a command. Give a token as an argument, or - to
read it from standard input. Every command takes --json. The variables TEAM_DOMAIN and
POLICY_AUD replace --team and --aud. NO_COLOR turns off colours.

Exit codes: 0 accepted or done, 1 refused, 2 the command line is wrong, 3 no keys.
More: ${commandPage()}
`;
}

/** Repeats the input only when it looks like a word, because it may be a token. */
function unknown(name: string, terminal: Terminal): ExitCode {
  if (name === "") {
    terminal.err(overview({ ...terminal, colour: false }));
    return EXIT.usage;
  }
  const isToken = /^ey[\w-]+\./.test(name);
  const isWord = /^[a-z-]{1,16}$/.test(name);
  const names = COMMANDS.map((command) => command.name);
  const near = isWord ? nearest(name, names) : undefined;
  const says = isToken
    ? "This is a token, but the command is missing: `postern decode` shows it, `postern verify` checks it."
    : `There is no command ${isWord ? `"${name}"` : "of that name"}${near ? `: did you mean "${near}"?` : "."}`;
  terminal.err(`${says}\n\`postern help\` lists all commands.\n`);
  return EXIT.usage;
}

/** Reports a usage mistake or a missing key set. Throws every other error again. */
function fail(error: unknown, command: Command, json: boolean, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    const hint = `\`postern help ${command.name}\` shows how to use it.`;
    terminal.err(`${visible(sentence(error.message))}\n${hint}\n`);
    if (json) terminal.out(`${visibleJson({ error: { code: "usage", says: error.message } })}\n`);
    return EXIT.usage;
  }
  if (!isKeySetError(error)) throw error;
  const { says, fix } = explain(error);
  const { code, url, upstreamStatus } = error;
  terminal.err(`No keys${placeOf(error)}: ${says}. ${fix} (${errorPage(code)})\n`);
  if (json) {
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
