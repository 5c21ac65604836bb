import { parseArgs } from "node:util";
import { UsageError } from "../explain/usage-error.ts";

export interface OptionFacts {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
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
    list: (name) =>
      texts(name)
        .flatMap((value) => value.split(","))
        .map((value) => value.trim())
        .filter((value) => value !== ""),
  };
}

type Parsed = {
  values: { [name: string]: string | boolean | (string | boolean)[] | undefined };
  positionals: string[];
};

function parse(argv: readonly string[], options: OptionTable): Parsed {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true }) as Parsed;
  } catch (error) {
    // Node's message quotes the command line. A name of an option is short and made of letters.
    const { code, message } = error as { code?: string; message: string };
    const [, quoted = ""] = /'(?:-\w, )?(--?[a-z][a-z-]{0,24})(?: <value>)?'/.exec(message) ?? [];
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw new UsageError(
        quoted === "" ? "There is no such option" : `There is no option ${quoted}`,
      );
    }
    const isFlag = options[quoted.replace(/^--/, "")]?.type === "boolean";
    throw new UsageError(`${quoted || "An option"} ${isFlag ? "takes no value" : "needs a value"}`);
  }
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
