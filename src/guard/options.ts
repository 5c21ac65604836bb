import { type AccessTeam, accessTeam } from "../access/team.ts";
import { headerName } from "../adapters/forward-auth.ts";
import {
  type IdentityFields,
  type IdentityHeaders,
  identityFields,
} from "../adapters/identity-headers.ts";
import { publicPathsOption } from "../adapters/public-paths.ts";
import {
  booleanOption,
  functionOptions,
  mistake,
  numberOption,
  readOptions,
} from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import type { FetchLike } from "../http/bounded-fetch.ts";
import { type Address, addressOption } from "./address.ts";
import { type AllowOptions, allowCheck } from "./allow.ts";

/** One guarded application. */
export interface AppOptions {
  /** Its AUD tag, or several. */
  audience: string | readonly string[];
  /** As a proxy: the names in `Host` that are this application's. Any, where there is only one application. */
  hosts?: readonly string[] | undefined;
  /** As a proxy: where its requests go, an http origin. */
  target?: string | undefined;
  /** Identity headers in addition to those that are always set: a name to a fact or a claim path. */
  headers?: IdentityHeaders | undefined;
  /** Which users and services may pass. @defaultValue all that Access lets in */
  allow?: AllowOptions | undefined;
  /** Paths that need no token. @defaultValue none */
  publicPaths?: readonly string[] | undefined;
  /** Lets requests without any token through, with empty identity headers. @defaultValue `false` */
  optional?: boolean | undefined;
}

/** What a guard is told: one application's options, or `apps`. Durations are seconds. */
export interface GuardOptions extends Partial<AppOptions> {
  /** `"acme"`, its origin, or a loopback origin with a port (Local Access). */
  team: string;
  /** Several applications, by name. */
  apps?: { readonly [name: string]: AppOptions } | undefined;
  /** `host:port`, or `unix:/path`. @defaultValue `"127.0.0.1:9180"` */
  listen?: string | undefined;
  /** Where health and metrics are answered. @defaultValue nowhere */
  admin?: string | undefined;
  /** Keeps the last good key set, for a restart in an outage. @defaultValue none */
  keysFile?: string | undefined;
  /** As an endpoint: the header with the requested path, for `publicPaths`. @defaultValue none */
  originalUriHeader?: string | undefined;
  /** As a proxy: keeps the token from the target. @defaultValue `false` */
  stripToken?: boolean | undefined;
  /** The format of the log: one line on standard output per decision. @defaultValue `"json"` */
  log?: "json" | "text" | "off" | undefined;
  /** Processes that share the port; only for the command. @defaultValue 1 */
  workers?: number | undefined;
  /** How long a client may take to send the head of a request. @defaultValue 15 */
  headerTimeoutSeconds?: number | undefined;
  /** How long an idle connection is kept. @defaultValue 120 */
  idleTimeoutSeconds?: number | undefined;
  /** How long to wait for the first byte of a target's answer. @defaultValue 60 */
  targetTimeoutSeconds?: number | undefined;
  /** The most connections of clients at one time. @defaultValue 10000 */
  maxConnections?: number | undefined;
  /** How long running requests may take after a signal to stop. @defaultValue 30 */
  drainTimeoutSeconds?: number | undefined;
  /** Replaces `fetch` for the key set. */
  fetch?: FetchLike | undefined;
  /** Takes each line of the log. @defaultValue writes to standard output */
  writeLog?: ((line: string) => void) | undefined;
}

/** An application, checked and copied. */
export interface SettledApp {
  readonly name: string;
  readonly audience: readonly string[];
  readonly hosts: readonly string[];
  readonly target: URL | undefined;
  readonly identity: IdentityFields;
  readonly check: ReturnType<typeof allowCheck> | undefined;
  readonly publicPaths: readonly string[] | undefined;
  readonly optional: boolean;
}

/** All options, checked and copied. */
export interface Settled {
  readonly team: AccessTeam;
  readonly apps: readonly SettledApp[];
  readonly isProxy: boolean;
  readonly listen: Address;
  readonly admin: Address | undefined;
  readonly keysFile: string | undefined;
  readonly originalUriHeader: string | undefined;
  readonly stripToken: boolean;
  readonly log: "json" | "text" | "off";
  readonly workers: number;
  readonly headerTimeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly targetTimeoutSeconds: number;
  readonly maxConnections: number;
  readonly drainTimeoutSeconds: number;
  readonly fetch: FetchLike | undefined;
  readonly writeLog: ((line: string) => void) | undefined;
  /** One sentence for each option that has no effect. */
  readonly warnings: readonly string[];
}

export const APP_NAMES: readonly (keyof AppOptions)[] = [
  "audience",
  "hosts",
  "target",
  "headers",
  "allow",
  "publicPaths",
  "optional",
];

export const NAMES: readonly (keyof GuardOptions)[] = [
  ...APP_NAMES,
  "team",
  "apps",
  "listen",
  "admin",
  "keysFile",
  "originalUriHeader",
  "stripToken",
  "log",
  "workers",
  "headerTimeoutSeconds",
  "idleTimeoutSeconds",
  "targetTimeoutSeconds",
  "maxConnections",
  "drainTimeoutSeconds",
  "fetch",
  "writeLog",
];

/** The name of an application that has none. */
const ONLY = "default";
const DAY = 86_400;

/**
 * Checks and copies all that a guard is told, once.
 *
 * @throws {TypeError | RangeError} for the first mistake, in one sentence
 */
export function settle(given: unknown): Settled {
  const options = readOptions<GuardOptions>(given, NAMES);
  functionOptions(options, ["fetch", "writeLog"]);
  const number = (name: keyof GuardOptions, fallback: number, least: number, most: number) => {
    const { [name]: value = fallback } = options;
    return numberOption(name, value, [least, most]);
  };
  const whole = (name: keyof GuardOptions, fallback: number, most: number): number => {
    const value = number(name, fallback, 1, most);
    if (!Number.isInteger(value)) throw new RangeError(`${name} must be a whole number`);
    return value;
  };
  const { log = "json", keysFile, listen = "127.0.0.1:9180", admin } = options;
  if (!["json", "text", "off"].includes(log)) {
    throw new TypeError('log must be "json", "text" or "off"');
  }
  if (keysFile !== undefined && (typeof keysFile !== "string" || keysFile === "")) {
    throw mistake("keysFile", "the path of a file", keysFile);
  }
  const apps = appsOf(options);
  const isProxy = apps.some(({ target }) => target !== undefined);
  checkTogether(apps, isProxy);
  return {
    team: accessTeam(options.team),
    apps,
    isProxy,
    listen: addressOption("listen", listen),
    admin: admin === undefined ? undefined : addressOption("admin", admin),
    keysFile,
    originalUriHeader: headerName(options.originalUriHeader),
    stripToken: booleanOption("stripToken", options.stripToken),
    log,
    workers: whole("workers", 1, 128),
    headerTimeoutSeconds: number("headerTimeoutSeconds", 15, 0.1, 3600),
    idleTimeoutSeconds: number("idleTimeoutSeconds", 120, 0.1, DAY),
    targetTimeoutSeconds: number("targetTimeoutSeconds", 60, 0.1, DAY),
    maxConnections: whole("maxConnections", 10_000, 1_000_000),
    drainTimeoutSeconds: number("drainTimeoutSeconds", 30, 0, 3600),
    fetch: options.fetch,
    writeLog: options.writeLog,
    warnings: warningsOf(options, apps, isProxy),
  };
}

/** Says which options have no effect, because someone may rely on them. */
function warningsOf(
  { originalUriHeader, stripToken, targetTimeoutSeconds }: GuardOptions,
  apps: readonly SettledApp[],
  isProxy: boolean,
): string[] {
  const has = (name: "hosts" | "publicPaths"): boolean =>
    apps.some(({ [name]: list = [] }) => list.length > 0);
  const idle: [isIdle: boolean, warning: string][] = isProxy
    ? [[originalUriHeader !== undefined, "originalUriHeader has no effect with a target"]]
    : [
        [stripToken === true, "stripToken has no effect without a target"],
        [targetTimeoutSeconds !== undefined, "targetTimeoutSeconds has no effect without a target"],
        [has("hosts"), "hosts have no effect without a target: the path names the application"],
        [
          has("publicPaths") && originalUriHeader === undefined,
          "publicPaths have no effect: give originalUriHeader, the header in which the proxy sends the path",
        ],
      ];
  return idle.filter(([isIdle]) => isIdle).map(([, warning]) => warning);
}

function appsOf(options: GuardOptions): SettledApp[] {
  const { apps } = options;
  if (apps === undefined) {
    const only: { [name: string]: unknown } = {};
    for (const name of APP_NAMES) if (name in options) only[name] = options[name];
    return [settleApp(ONLY, only)];
  }
  const besides = APP_NAMES.find((name) => options[name] !== undefined);
  if (besides !== undefined)
    throw new TypeError(`${besides} must be in one of the apps, not next to them`);
  if (!isJsonObject(apps)) throw mistake("apps", "an object of applications by name", apps);
  const entries = Object.entries(apps);
  if (entries.length === 0) throw new TypeError("apps must name an application");
  return entries.map(([name, app]) => {
    if (!/^[\w-][\w.-]{0,63}$/.test(name)) {
      throw new TypeError("apps must have names of letters, digits, dots, hyphens and underscores");
    }
    return settleApp(name, app);
  });
}

function settleApp(name: string, given: unknown): SettledApp {
  const label = name === ONLY ? "options" : `apps.${name}`;
  const app = readOptions<AppOptions>(given, APP_NAMES, label);
  const audience = [app.audience].flat();
  if (audience.length === 0 || audience.some((tag) => typeof tag !== "string" || tag === "")) {
    throw mistake("audience", "a non-empty string or array of them", app.audience);
  }
  // Here, so that a configuration that is wrong is refused before anything of it is in force.
  publicPathsOption(app.publicPaths);
  return {
    name,
    audience,
    hosts: hostsOption(app.hosts),
    target: app.target === undefined ? undefined : targetOption(app.target),
    identity: identityFields(app.headers),
    check: app.allow === undefined ? undefined : allowCheck(app.allow),
    publicPaths: app.publicPaths,
    optional: booleanOption("optional", app.optional),
  };
}

function hostsOption(hosts: unknown): readonly string[] {
  if (hosts === undefined) return [];
  const expected = "a non-empty array of host names without a port";
  if (!Array.isArray(hosts) || hosts.length === 0) throw mistake("hosts", expected, hosts);
  return hosts.map((host) => {
    if (typeof host !== "string" || !/^(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])$/i.test(host)) {
      throw mistake("hosts", expected, host);
    }
    return host.toLowerCase();
  });
}

function targetOption(value: unknown): URL {
  const expected = 'an http origin, like "http://127.0.0.1:3000"';
  if (typeof value !== "string") throw mistake("target", expected, value);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== "http:" || url.href !== `${url.origin}/`) {
    throw new TypeError(`target must be ${expected}`);
  }
  return url;
}

/** What must hold between applications. */
function checkTogether(apps: readonly SettledApp[], isProxy: boolean): void {
  const owners = new Map<string, string>();
  for (const { name, hosts, target } of apps) {
    if (isProxy && target === undefined) {
      throw new TypeError(
        `apps.${name} must have a target, as others have: a guard is a proxy or none`,
      );
    }
    if (isProxy && apps.length > 1 && hosts.length === 0) {
      throw new TypeError(`apps.${name} must have hosts, because there are several applications`);
    }
    for (const host of hosts) {
      if (owners.has(host)) throw new TypeError(`hosts must not have ${host} twice`);
      owners.set(host, name);
    }
  }
}
