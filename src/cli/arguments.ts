import { parseArgs } from "node:util";
import { nearest } from "../caller-mistakes.ts";
import { UsageError } from "../explain/usage-error.ts";

export interface OptionFacts {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
}

/** The application's AUD tag, in every command: `--aud` is the short form of `--audience`. */
export const AUDIENCE: OptionTable = {
  audience: { type: "string", multiple: true },
  aud: { type: "string", multiple: true },
};

/** Each AUD tag that was given, by either name; else those of the variable `POLICY_AUD`. */
export function audiencesOf(args: Arguments, env: Environment): readonly string[] {
  const given = [...args.list("audience"), ...args.list("aud")];
  return given.length > 0 ? given : partsOf(env["POLICY_AUD"] ?? "");
}

/** The one AUD tag of a command that takes one; when it was given several times, the last one. */
export function tagOf(args: Arguments, env: Environment): string | undefined {
  return args.text("audience") ?? args.text("aud") ?? partsOf(env["POLICY_AUD"] ?? "")[0];
}

/** The team that was given, else that of the variable `TEAM_DOMAIN`, as `postern discover` prints it. */
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

/** A command line, taken apart. */
export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  /** The value; when it was given several times, the last one. */
  text(name: string): string | undefined;
  /** Every value, also those that commas join. */
  list(name: string): readonly string[];
  /** Every value as it was given. */
  texts(name: string): readonly string[];
}

/**
 * Takes a command line apart.
 *
 * @throws {UsageError} and never quotes a value: it may be a token
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
    // Node's message quotes the command line. A name of an option is short and made of letters.
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

/** A negative number is a value, and not an option: Node takes it for one only after an equals sign. */
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

/** Only what is near enough to be the same word; of a single letter, the one option that begins with it. */
function meant(quoted: string, options: OptionTable): string {
  const typed = quoted.replace(/^--?/, "");
  const names = Object.keys(options);
  const [only, another] = names.filter((name) => name.startsWith(typed));
  const name = typed.length > 1 ? nearest(typed, names) : another === undefined ? only : undefined;
  return name === undefined ? "" : `: did you mean --${name}?`;
}

/** @throws {UsageError} when it is not a number, or out of bounds */
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
