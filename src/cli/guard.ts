import cluster from "node:cluster";
import { isKeySetError } from "../errors.ts";
import { explain } from "../explain/key-trouble.ts";
import { errorPage } from "../explain/pages.ts";
import { UsageError } from "../explain/usage-error.ts";
import { visible, visibleJson } from "../explain/visible.ts";
import type { GuardOptions } from "../guard/index.ts";
import { removeStale } from "../guard/listen.ts";
import { type Settled, settle } from "../guard/options.ts";
import { openGuard, type Worker } from "../guard/server.ts";
import { isAddressFault } from "../proxy/listening.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { GUARD_OPTIONS, readSettings } from "./guard-settings.ts";
import { serveAsWorker } from "./guard-worker.ts";
import { type Director, directWorkers } from "./guard-workers.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

export const guardCommand: Command = {
  name: "guard",
  summary: "guard an origin in any language, as a forward-auth endpoint or a reverse proxy",
  help: `postern guard --team NAME --audience TAG

Guards an application in any language: it lets in only requests with a genuine token of
Access. Without --target it is a forward-auth endpoint: nginx, Caddy, Traefik or Envoy
asks it about each request. With --target it is a reverse proxy itself.

  --team NAME                 the team; or the variable TEAM_DOMAIN
  --audience TAG              the application's AUD tag, or several; or POLICY_AUD
  --aud TAG                   short for --audience
  --listen ADDR               host:port or unix:/path; default 127.0.0.1:9180
  --target URL                the application, such as http://127.0.0.1:3000
  --admin ADDR                serve /healthz, /readyz and /metrics at this address
  --keys-file FILE            store the keys here, so that a restart works in an outage
  --header NAME=FACT          one more identity header; FACT is id, email, name, kind,
                              country, issuer, sub, exp or a path into the claims,
                              such as custom.groups
  --allow-email ADDRESS       let in this user; with any --allow flag, only those listed
  --allow-domain DOMAIN       let in the users of this e-mail domain
  --allow-service ID          let in this service
  --original-uri-header NAME  the header in which the proxy sends the requested path
  --strip-token               do not send the token to the target
  --workers N                 the number of processes
  --log json|text|off         log each decision on standard output; default json
  --config FILE               these settings and more in JSON: several applications, public
                              paths
  --header-timeout-seconds N  wait for the headers of a request; default 15
  --idle-timeout-seconds N    keep an idle connection open; default 120
  --target-timeout-seconds N  wait for a silent target; default 60
  --max-connections N         the most connections at a time; default 10000
  --json                      print the start message as JSON

  postern guard --team acme --audience 4714c1358e65fe4b… --target http://127.0.0.1:3000

Every flag also has a variable: POSTERN_KEYS_FILE is --keys-file. A flag wins over it.
SIGHUP reads the configuration again. SIGTERM finishes open requests and exits with 0.
`,
  options: GUARD_OPTIONS,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (cluster.isWorker) return serveAsWorker((given) => settled(given, terminal), terminal);
  const options = await readSettings(args, terminal);
  const first = settled(options, terminal);
  const { listen, admin, workers } = first;
  const opened: Promise<Director> = listening(async () => {
    await removeStale(listen);
    if (admin !== undefined) await removeStale(admin);
    return workers > 1 ? directWorkers(first, options, terminal) : openGuard(first);
  });
  // Before it listens, because an unhandled SIGHUP ends the process.
  let reading: Promise<unknown> = opened;
  terminal.onHangUp(async () => {
    // One file after another: a file that was read slowly must not replace a later one.
    const read = reading.then(() => readSettings(args, terminal));
    reading = read.catch(() => {});
    try {
      const next = await read;
      const guard = await opened;
      const checked = settled(next, terminal);
      await guard.reload(checked, next);
      warn(checked, terminal);
      terminal.err("postern guard: uses the new configuration\n");
    } catch (error) {
      terminal.err(
        `postern guard: keeps the old configuration: ${visible((error as Error).message)}\n`,
      );
    }
  });
  const guard = await opened;
  warn(first, terminal);
  announce(guard, args.flag("json"), terminal);
  await terminal.interrupted();
  await guard.close();
  return EXIT.accepted;
}

function settled(options: GuardOptions, terminal: Terminal): Settled {
  try {
    return settle({ fetch: terminal.fetch, writeLog: terminal.out, ...options });
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new UsageError(error.message);
    }
    throw error;
  }
}

/** @throws {UsageError} (rejects) when the address is not available, or an option is wrong */
async function listening<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (isAddressFault(error) || error instanceof TypeError || error instanceof RangeError) {
      throw new UsageError(error.message);
    }
    throw error;
  }
}

/** Explains in one line why there are no keys, and what to do. */
function why(trouble: Error): string {
  if (!isKeySetError(trouble)) return trouble.message;
  const { says, fix } = explain(trouble);
  const { url = "the keys' place", code } = trouble;
  return `${url}: ${says}. ${fix} The guard tries again automatically. (${errorPage(code)})`;
}

function warn({ warnings }: Settled, terminal: Terminal): void {
  for (const warning of warnings) terminal.err(`postern guard: ${warning}\n`);
}

type Announced = Pick<Worker, "url" | "adminUrl" | "isProxy" | "trouble">;

function announce(guard: Announced, json: boolean, terminal: Terminal): void {
  const { url, adminUrl, isProxy, trouble } = guard;
  if (trouble !== undefined) {
    terminal.err(`postern guard: no keys yet, so it answers 503: ${visible(why(trouble))}\n`);
  }
  const mode = isProxy ? "proxy" : "forward auth";
  const admin = adminUrl === undefined ? "" : `, admin on ${adminUrl}`;
  const text = `postern guard: ${mode} on ${url}${admin}`;
  terminal.err(`${json ? visibleJson({ url, adminUrl, mode }, 0) : visible(text)}\n`);
}
