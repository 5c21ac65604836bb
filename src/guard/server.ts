import { createServer, type Server } from "node:http";
import { unlessPromise } from "../caller-mistakes.ts";
import type { RemoteKeySet } from "../keys/remote-key-set.ts";
import { endsAfterOwed } from "../proxy/pipeline.ts";
import type { Target } from "../proxy/target.ts";
import { answerOnSocket } from "../proxy/upgrade.ts";
import { type Address, showAddress } from "./address.ts";
import { createAdmin } from "./admin.ts";
import { plainAnswer } from "./answer.ts";
import { type Apps, createApps } from "./apps.ts";
import type { Record } from "./decide.ts";
import { Traffic } from "./drain.ts";
import { answerQuestion } from "./endpoint.ts";
import { createKeys } from "./keys.ts";
import { listenAt, removeStale } from "./listen.ts";
import { createLog } from "./log.ts";
import { type Counts, Metrics, render } from "./metrics.ts";
import { type GuardOptions, type Settled, settle } from "./options.ts";
import { passOn, passUpgradeOn } from "./pass-on.ts";
import { createTellFailure } from "./target-failures.ts";

/** A running guard. */
export interface Guard {
  /** Where it listens: `http://127.0.0.1:9180`, or `unix:/run/postern.sock`. */
  readonly url: string;
  /** Where health and metrics are answered; `undefined` unless that was asked for. */
  readonly adminUrl: string | undefined;
  /**
   * Takes a new configuration without dropping a connection. Addresses, limits and the log stay as they
   * are until a restart.
   *
   * @throws {TypeError | RangeError} (rejects) for a configuration that is wrong; the old one stays
   */
  reload(options: GuardOptions): Promise<void>;
  /** Takes no more requests, waits for those under way, at most `drainTimeoutSeconds`, and ends. */
  close(): Promise<void>;
}

/** The same as a worker of several sees it. */
export interface Worker extends Omit<Guard, "reload"> {
  readonly isProxy: boolean;
  reload(next: Settled): Promise<void>;
  /** Why there were no keys before it listened. */
  readonly trouble: Error | undefined;
  isReady(): boolean;
  counts(): Counts;
}

/**
 * Guards an origin in any language: as the endpoint that a proxy asks before it lets a request in, or,
 * with a `target`, as a reverse proxy of its own. It has usable keys before it listens, or answers 503
 * until it has.
 *
 * @throws {TypeError | RangeError} (rejects) for an option that is wrong, in one sentence
 * @throws {Error} (rejects) in one sentence, with Node's `code`, when an address is taken or not allowed
 *
 * @example
 * ```ts
 * import { startGuard } from "postern/guard";
 *
 * const guard = await startGuard({
 *   team: "acme",
 *   audience: "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2",
 *   target: "http://127.0.0.1:3000",
 * });
 * console.log(guard.url);
 * process.once("SIGTERM", () => guard.close());
 * ```
 */
export async function startGuard(options: GuardOptions): Promise<Guard> {
  const settled = settle(options);
  const { warnings, workers } = settled;
  for (const warning of warnings) console.warn(`postern guard: ${warning}`);
  if (workers > 1)
    console.warn("postern guard: workers has no effect: only the command starts several");
  await removeStale(settled.listen);
  if (settled.admin !== undefined) await removeStale(settled.admin);
  const { url, adminUrl, reload, close } = await openGuard(settled);
  return { url, adminUrl, reload: async (next) => reload(settle(next)), close };
}

/** Listens, once there are keys. */
export async function openGuard(settled: Settled): Promise<Worker> {
  const metrics = new Metrics();
  const { writeLog = (line: string) => void process.stdout.write(line) } = settled;
  const write = (line: string): void => void unlessPromise(writeLog(line));
  const tellFailure = createTellFailure((line) => console.error(line));
  const record: Record = { log: createLog(settled.log, write), metrics, tellFailure };
  const targets = new Map<string, Target>();
  const keysOf = (of: Settled): RemoteKeySet => createKeys(of, (event) => metrics.heard(event));
  let apps = createApps(settled, keysOf(settled), targets);
  const trouble = await fetchKeys(apps.keys);

  const traffic = new Traffic();
  const server = createPublic(settled, record, traffic, () => apps);
  const address = await listenAt(server, "listen", settled.listen);
  let isClosing = false;
  const isReady = (): boolean => !isClosing && apps.keys.state.standing !== "none";
  const counts = (): Counts => metrics.counts(apps.keys.state);
  const admin = createAdmin({ isReady, metrics: () => render(counts()) });
  let adminAddress: Address | undefined;
  try {
    if (settled.admin !== undefined) adminAddress = await listenAt(admin, "admin", settled.admin);
  } catch (error) {
    server.close();
    throw error;
  }

  let reloads = 0;
  let closed: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    isClosing = true;
    await traffic.drain(server, settled.drainTimeoutSeconds);
    for (const { pool } of targets.values()) pool.destroy();
    admin.close();
    admin.closeAllConnections();
  };
  return {
    url: showAddress(address),
    adminUrl: adminAddress && showAddress(adminAddress),
    isProxy: settled.isProxy,
    trouble,
    isReady,
    counts,
    async reload(next) {
      if (next.isProxy !== settled.isProxy) {
        throw new TypeError("target must stay given or not given until a restart");
      }
      const isSame =
        next.team.issuer === apps.settled.team.issuer &&
        next.keysFile === apps.settled.keysFile &&
        next.fetch === apps.settled.fetch;
      const keys = isSame ? apps.keys : keysOf(next);
      const created = createApps(next, keys, targets);
      const at = ++reloads;
      if (!isSame) await fetchKeys(keys);
      // A later configuration may have needed no keys, and must stay.
      if (at === reloads) apps = created;
    },
    close() {
      closed ??= end();
      return closed;
    },
  };
}

async function fetchKeys(keys: RemoteKeySet): Promise<Error | undefined> {
  try {
    await keys.prefetch();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function createPublic(
  settled: Settled,
  record: Record,
  traffic: Traffic,
  current: () => Apps,
): Server {
  const server = createServer({
    // Explicit, so that no command line makes the parser lenient.
    insecureHTTPParser: false,
    // A token comes twice, as assertion and as cookie, and each may be of 16 KiB.
    maxHeaderSize: 65_536,
    headersTimeout: settled.headerTimeoutSeconds * 1000,
    // A body may take as long as it moves.
    requestTimeout: 0,
    keepAliveTimeout: settled.idleTimeoutSeconds * 1000,
    connectionsCheckingInterval: 500,
  });
  server.maxConnections = settled.maxConnections;
  const answer = settled.isProxy ? passOn : answerQuestion;
  for (const event of ["request", "checkContinue"]) {
    server.on(event, (request, response) => {
      if (!traffic.began(response)) return;
      answer(current(), record, request, response).catch(() => response.destroy());
    });
  }
  server.on("connect", (_request, socket) => {
    socket.on("error", () => socket.destroy());
    if (endsAfterOwed(socket)) return;
    const { status, fields, body } = plainAnswer(405);
    answerOnSocket(socket, status, fields, body);
  });
  // Without a listener an upgrade is a plain request, as it is to an endpoint.
  if (settled.isProxy) {
    server.on("upgrade", (request, socket, early) => {
      // From here on Node listens no more, and an error without a listener ends the process.
      socket.on("error", () => socket.destroy());
      traffic.upgraded(socket);
      if (endsAfterOwed(socket)) return;
      passUpgradeOn(current(), record, request, socket, early).catch(() => socket.destroy());
    });
  }
  return server;
}
