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
  const { bold } = paint(terminal.colour);
  const [, ...blocks] = command.help.split("\n\n");
  const [first = "", ...others] = usageOf(command);
  const usage = [
    `${bold("Usage:")} ${bold(first)}`,
    ...others.map((line) => `       ${bold(line)}`),
  ];
  // A block that is set in and lists no options holds lines to paste.
  const text = blocks.map((block) => (/^ {2}[^ -]/.test(block) ? `Examples:\n${block}` : block));
  terminal.out(`${[usage.join("\n"), ...text].join("\n\n")}\nMore: ${commandPage(name)}\n`);
  return EXIT.accepted;
}

/** The ways to call it. */
function usageOf({ help }: Command): string[] {
  return help.slice(0, help.indexOf("\n\n")).split("\n");
}

function overview({ colour }: Terminal): string {
  const { bold } = paint(colour);
  const lines = COMMANDS.map(({ name, summary }) => `  ${bold(name.padEnd(8))} ${summary}`);
  return `${bold("Usage: postern COMMAND [OPTIONS]")}

Looks at Cloudflare Access tokens and at the keys that sign them.

${lines.join("\n")}

Examples:
  pbpaste | postern verify --team acme --aud "$POLICY_AUD" -
  postern discover https://app.example.com

\`postern help verify\`, or any other command, shows its options. Give a token as an argument,
or - to read it from standard input. Every command takes --json. TEAM_DOMAIN and POLICY_AUD
replace --team and --aud. Colours are only for terminals, and NO_COLOR turns them off.

Exit codes: 0 accepted (or done), 1 refused, 2 the command line is wrong, 3 no keys.
More: ${commandPage()}
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
  const near = isWord ? nearest(name, names) : undefined;
  const says = isToken
    ? "That is a token, and a command is missing: `postern decode` shows it, `postern verify` checks it."
    : `There is no command ${isWord ? `"${name}"` : "of that name"}${near ? `: did you mean "${near}"?` : "."}`;
  terminal.err(`${says}\n\`postern help\` lists them.\n`);
  return EXIT.usage;
}

/** Says what went wrong. What is neither a mistake nor a missing key set is thrown again. */
function fail(error: unknown, command: Command, json: boolean, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    const hint = `\`postern help ${command.name}\` says more.`;
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
