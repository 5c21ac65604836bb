import { existsSync, readFileSync } from "node:fs";
import { COMMANDS } from "../../src/cli/commands.ts";

/** npm's own commands, beside the scripts of a package. */
const NPM = [
  ...["audit", "ci", "cit", "deprecate", "install", "outdated", "pack", "pkg", "publish"],
  ...["version", "view"],
];
const NPX = ["deno", "postern", "tsc", "wrangler"];

/**
 * The calls of npm, npx, Node, the gate and the command in a piece of shell, each split into words.
 */
export function callsIn(shell: string): string[] {
  const plain = shell.replaceAll("\\\n", " ").replace(/ +#.*$/gm, "");
  const calls =
    /(?:^|[|;&(]) *(?:\w+=\S* )*((?:npm|npx|postern|node|\.ci\/run)(?= |$)[^|;&)\n]*)/gm;
  return [...plain.matchAll(calls)].map(([, call = ""]) => call.trim().replace(/\s+/g, " "));
}

/** What is wrong with a call, if anything. */
export function offence(call: string): string | undefined {
  const [program = "", ...words] = call.split(" ");
  if (program === "npm") return npm(words);
  if (program === "npx") return npx(words);
  if (program === "postern") return postern(words);
  // A reader's own file is in no folder of the project, and an address is no file.
  const isFile = (word: string): boolean => /^[^:]*\//.test(word);
  const file = program === "node" ? words.find(isFile) : program;
  return file === undefined || existsSync(file) ? undefined : `no file ${file}`;
}

function npm(words: readonly string[]): string | undefined {
  const isElsewhere = words[0] === "--prefix";
  const folder = isElsewhere ? (words[1] ?? "") : ".";
  const [word = "", script = ""] = isElsewhere ? words.slice(2) : words;
  if (NPM.includes(word)) return undefined;
  const name = word === "run" ? script : word;
  const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  return Object.hasOwn(scripts, name) ? undefined : `no script ${name}`;
}

function npx(given: readonly string[]): string | undefined {
  if (given.length === 0) return undefined;
  const [name = "", ...words] = given.filter((word) => word !== "--no-install");
  if (!NPX.includes(name)) return `npx ${name}`;
  return name === "postern" ? postern(words) : undefined;
}

function postern(words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const [name, ...rest] = words[0] === "help" ? words.slice(1) : words;
  // The help of all commands, or of the one that a reader chooses.
  if (words[0] === "help" && (name === undefined || name === "COMMAND")) return undefined;
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined) return `no command ${name}`;
  const options = [...Object.keys(command.options), "json", "help"];
  const unknown = rest
    .filter((word) => word.startsWith("--"))
    .find((word) => !options.includes(word.slice(2).split("=")[0] as string));
  return unknown === undefined ? undefined : `no option ${unknown}`;
}
