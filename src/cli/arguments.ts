import { parseArgs } from "node:util";
import { nearest } from "../caller-mistakes.ts";
import { UsageError } from "../explain/usage-error.ts";

export interface OptionFacts {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
}

/** The options for the AUD tag in every command. `--aud` is short for `--audience`. */
export const AUDIENCE: OptionTable = {
  audience: { type: "string", multiple: true },
  aud: { type: "string", multiple: true },
};

/** Returns all AUD tags of both options, else those of the variable `POLICY_AUD`. */
export function audiencesOf(args: Arguments, env: Environment): readonly string[] {
  const given = [...args.list("audience"), ...args.list("aud")];
  return given.length > 0 ? given : partsOf(env["POLICY_AUD"] ?? "");
}

/** Returns one AUD tag, for commands that take only one. The last one wins. */
export function tagOf(args: Arguments, env: Environment): string | undefined {
  return args.text("audience") ?? args.text("aud") ?? partsOf(env["POLICY_AUD"] ?? "")[0];
}

/** @throws {UsageError} when an AUD tag is an address, because it was probably swapped with the team */
export function refuseAddresses(tags: readonly string[]): void {
  if (!tags.some((tag) => tag.includes("://"))) return;
  throw new UsageError(
    "The audience must be an AUD tag, not an address: are the team and the audience swapped?",
  );
}

/** Returns the team of `--team`, else of the variable `TEAM_DOMAIN`, as `postern discover` prints it. */
export function teamOf(args: Arguments, env: Environment): string | undefined {
  return args.text("team") ?? (env["TEAM_DOMAIN"]?.trim() || undefined);
}

type Environment = { readonly [name: string]: string | undefined };

function partsOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export type OptionTable = { readonly [name: string]: OptionFacts };

/** A parsed command line. */
export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  /** The value of an option. The last one wins. */
  text(name: string): string | undefined;
  /** All values of an option, split at commas. */
  list(name: string): readonly string[];
  /** All values of an option, unchanged. */
  texts(name: string): readonly string[];
}

/**
 * Parses a command line.
 *
 * @throws {UsageError} when an option is wrong; the message quotes no value, because it may be a token
 */
export function parseArguments(argv: readonly string[], options: OptionTable): Arguments {
  const { values, positionals } = parse(argv, options);
  const texts = (name: string): readonly string[] =>
    [values[name] ?? []].flat().filter((value) => typeof value === "string");
  return {
    positionals,
    flag: (name) => values[name] === true,
    text: (name) => texts(name).at(-1),
    texts,
    list: (name) => texts(name).flatMap(partsOf),
  };
}

type Parsed = {
  values: { [name: string]: string | boolean | (string | boolean)[] | undefined };
  positionals: string[];
};

function parse(argv: readonly string[], options: OptionTable): Parsed {
  try {
    const args = joinNumbers(argv, options);
    return parseArgs({ args, options, allowPositionals: true, strict: true }) as Parsed;
  } catch (error) {
    // Node's message quotes the command line, so only a short option name of letters is taken from it.
    const { code, message } = error as { code?: string; message: string };
    const [, quoted = ""] = /'(?:-\w, )?(--?[a-z][a-z-]{0,24})(?: <value>)?'/i.exec(message) ?? [];
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw new UsageError(
        quoted === ""
          ? "There is no such option"
          : `There is no option ${quoted}${meant(quoted, options)}`,
      );
    }
    const isFlag = options[quoted.replace(/^--/, "")]?.type === "boolean";
    throw new UsageError(`${quoted || "An option"} ${isFlag ? "takes no value" : "needs a value"}`);
  }
}

/** Joins a negative number to its option with "=", because Node reads "-5" alone as an option. */
function joinNumbers(argv: readonly string[], options: OptionTable): string[] {
  const args: string[] = [];
  let isEnded = false;
  for (const arg of argv) {
    const before = isEnded ? undefined : args.at(-1);
    isEnded ||= arg === "--";
    const takesValue = before?.startsWith("--") && options[before.slice(2)]?.type === "string";
    if (takesValue && /^-\.?\d/.test(arg)) args[args.length - 1] = `${before}=${arg}`;
    else args.push(arg);
  }
  return args;
}

/** Suggests the option that was probably meant. */
function meant(quoted: string, options: OptionTable): string {
  const typed = quoted.replace(/^--?/, "");
  const names = Object.keys(options);
  const [only, another] = names.filter((name) => name.startsWith(typed));
  const name = typed.length > 1 ? nearest(typed, names) : another === undefined ? only : undefined;
  return name === undefined ? "" : `: did you mean --${name}?`;
}

/** @throws {UsageError} when it is not a number between the limits */
export function numberOf(
  args: Arguments,
  name: string,
  [least, most]: readonly [least: number, most: number],
): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a number from ${least} to ${most}`);
}
