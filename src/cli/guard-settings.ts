import { nearest } from "../caller-mistakes.ts";
import { isJsonObject, parseJsonObject } from "../encoding/json.ts";
import { guessTeam, isPlaceholder } from "../explain/guess-team.ts";
import { UsageError } from "../explain/usage-error.ts";
import type { GuardOptions } from "../guard/index.ts";
import { type Arguments, AUDIENCE, type OptionTable, refuseAddresses } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

export const GUARD_OPTIONS: OptionTable = {
  team: { type: "string" },
  ...AUDIENCE,
  listen: { type: "string" },
  target: { type: "string" },
  admin: { type: "string" },
  "keys-file": { type: "string" },
  header: { type: "string", multiple: true },
  "allow-email": { type: "string", multiple: true },
  "allow-domain": { type: "string", multiple: true },
  "allow-service": { type: "string", multiple: true },
  "original-uri-header": { type: "string" },
  "strip-token": { type: "boolean" },
  workers: { type: "string" },
  log: { type: "string" },
  config: { type: "string" },
  "header-timeout-seconds": { type: "string" },
  "idle-timeout-seconds": { type: "string" },
  "target-timeout-seconds": { type: "string" },
  "max-connections": { type: "string" },
};

/** Flags whose text is the value of an option. */
const TEXTS = {
  listen: "listen",
  target: "target",
  admin: "admin",
  "keys-file": "keysFile",
  "original-uri-header": "originalUriHeader",
  log: "log",
} as const;

const NUMBERS = {
  workers: "workers",
  "header-timeout-seconds": "headerTimeoutSeconds",
  "idle-timeout-seconds": "idleTimeoutSeconds",
  "target-timeout-seconds": "targetTimeoutSeconds",
  "max-connections": "maxConnections",
} as const;

const ALLOW = {
  "allow-email": "emails",
  "allow-domain": "domains",
  "allow-service": "services",
} as const;

/** Values by flag, from the command line or from the environment. */
interface Given {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  flag(name: string): boolean;
}

/**
 * Reads the options of the guard from flags, else from variables, else from the configuration file.
 *
 * @throws {UsageError} (rejects) when a setting is wrong; the message never quotes a value
 */
export async function readSettings(args: Arguments, terminal: Terminal): Promise<GuardOptions> {
  if (args.positionals.length > 0) throw new UsageError("postern guard takes only flags");
  refuseEmpty(args);
  const environment = fromEnvironment(terminal.env);
  const path = args.text("config") ?? environment.text("config");
  const file = path === undefined ? {} : await readConfiguration(path, terminal);
  // POLICY_AUD names one application, so a file that lists several goes first.
  const ambient = "apps" in file ? environment.without("audience") : environment;
  const weaker = { ...file, ...optionsOf(ambient, file) };
  const options: Options = { ...weaker, ...optionsOf(args, weaker) };
  if (options["team"] === undefined) throw new UsageError(`The team is missing: give ${TEAM}`);
  if (options["audience"] === undefined && options["apps"] === undefined) {
    throw new UsageError(`The application is missing: give ${APPLICATION}`);
  }
  return options as unknown as GuardOptions;
}

const TEAM = "--team acme, the variable TEAM_DOMAIN, or team in the configuration file";
const APPLICATION =
  "--audience with its AUD tag, the variable POLICY_AUD, or audience or apps in the configuration file";

type Options = { [name: string]: unknown };

/** @param weaker the options that these replace; lists in `headers` and `allow` are added to */
function optionsOf(given: Given, weaker: Options): Options {
  const options: Options = {};
  const team = given.text("team");
  if (team !== undefined) options["team"] = guessTeam(team).issuer;
  const audience = [...given.list("audience"), ...given.list("aud")];
  if (audience.some(isPlaceholder)) {
    throw new UsageError("The audience looks like a placeholder that was not replaced");
  }
  refuseAddresses(audience);
  if (audience.length > 0) options["audience"] = audience;
  for (const [flag, name] of Object.entries(TEXTS)) {
    const text = given.text(flag);
    if (text !== undefined) options[name] = text;
  }
  for (const [flag, name] of Object.entries(NUMBERS)) {
    const text = given.text(flag);
    if (text !== undefined) options[name] = numberIn(flag, text);
  }
  const headers = given.list("header").map(headerIn);
  if (headers.length > 0) {
    options["headers"] = added(weaker["headers"], Object.fromEntries(headers));
  }
  const allow: Options = {};
  for (const [flag, name] of Object.entries(ALLOW)) {
    const list = given.list(flag);
    if (list.length > 0) allow[name] = list;
  }
  // Lists that are not given here stay, because without the file's `custom` more people would get in.
  if (Object.keys(allow).length > 0) options["allow"] = added(weaker["allow"], allow);
  if (given.flag("strip-token")) options["stripToken"] = true;
  return options;
}

/** Adds members to an object. A value of another type stays, so that it is refused later. */
function added(to: unknown, members: Options): unknown {
  return to === undefined || isJsonObject(to) ? { ...to, ...members } : to;
}

function numberIn(flag: string, text: string): number {
  const value = /^\d{1,9}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new UsageError(`--${flag} must be a number`);
  return value;
}

function headerIn(text: string): [name: string, fact: string] {
  const [, name, fact] = /^([^=\s]+)=(\S+)$/.exec(text.trim()) ?? [];
  if (name === undefined || fact === undefined) {
    throw new UsageError("--header must be NAME=FACT, like X-WEBAUTH-USER=email");
  }
  return [name, fact];
}

/** Refuses an empty list, because it must not mean "everyone". */
function refuseEmpty(args: Arguments): void {
  for (const name of Object.keys(GUARD_OPTIONS)) {
    const texts = args.texts(name);
    const isEmpty = texts.some((text) => text.split(",").some((part) => part.trim() === ""));
    if (isEmpty) throw new UsageError(`--${name} must not be empty`);
  }
}

interface Environment extends Given {
  without(name: string): Given;
}

/** Names of variables that Kubernetes sets for a service called "postern", "postern-guard" or the like. */
const FOREIGN =
  /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;

/** The same. One that ends in "_PORT" could also be a mistake, so its value decides. */
function isForeign(variable: string, value: string = ""): boolean {
  return (
    FOREIGN.test(variable) || (variable.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//.test(value))
  );
}

/**
 * Reads the variables that replace flags.
 *
 * @throws {UsageError} when a POSTERN_ variable belongs to no flag, or a variable is empty
 */
function fromEnvironment(env: Terminal["env"]): Environment {
  const names = Object.keys(GUARD_OPTIONS);
  const variableOf = (name: string): string => `POSTERN_${name.toUpperCase().replaceAll("-", "_")}`;
  const variables = new Map(names.map((name) => [variableOf(name), name]));
  const values = new Map<string, string>();
  const take = (variable: string, name: string): void => {
    const value = env[variable];
    if (value === undefined || values.has(name)) return;
    if (value.split(",").some((part) => part.trim() === "")) {
      throw new UsageError(`The variable ${variable} must not be empty`);
    }
    values.set(name, value.trim());
  };
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith("POSTERN_")) continue;
    const name = variables.get(variable);
    if (name === undefined) {
      if (isForeign(variable, env[variable])) continue;
      // The common prefix must not count when names are compared.
      const typed = variable.slice("POSTERN_".length).toLowerCase().replaceAll("_", "-");
      const near = nearest(typed, names);
      const meant = near === undefined ? "" : `: did you mean ${variableOf(near)}?`;
      throw new UsageError(`There is no variable ${variable.slice(0, 64)}${meant}`);
    }
    take(variable, name);
  }
  take("TEAM_DOMAIN", "team");
  take("POLICY_AUD", "audience");
  const given = (hidden?: string): Given => {
    const text = (name: string): string | undefined =>
      name === hidden ? undefined : values.get(name);
    return {
      text,
      list: (name) => (text(name) ?? "").split(",").flatMap((part) => part.trim() || []),
      flag: (name) => switchIn(variableOf(name), text(name)),
    };
  };
  return { ...given(), without: given };
}

function switchIn(variable: string, text: string | undefined): boolean {
  if (text === undefined || /^(?:0|false|no|off)$/i.test(text)) return false;
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  throw new UsageError(`The variable ${variable} must be true or false`);
}

async function readConfiguration(path: string, terminal: Terminal): Promise<Options> {
  let text: string;
  try {
    text = await terminal.readFile(path);
  } catch (error) {
    const { code = "it cannot be read" } = error as { code?: string };
    throw new UsageError(`The configuration file ${path} cannot be read (${code})`);
  }
  const configuration = parseJsonObject(text);
  if (configuration === undefined) {
    throw new UsageError(
      `The configuration file ${path} must be one JSON object: check its commas and quotes`,
    );
  }
  // Editors use $schema to check the file.
  const { $schema: _schema, ...rest } = configuration;
  const options: Options = rest;
  if (typeof options["team"] === "string") options["team"] = guessTeam(options["team"]).issuer;
  return options;
}
