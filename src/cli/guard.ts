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

Guards an application in any language: it lets in only requests that bring a genuine token
of Access. Without --target it is the endpoint that nginx, Caddy, HAProxy, Traefik
or Envoy ask about each request. With --target it is a reverse proxy itself.

  --team NAME                 the team; or the variable TEAM_DOMAIN
  --audience TAG              the application's AUD tag, also several; or POLICY_AUD
  --aud TAG                   the short form of --audience
  --listen ADDR               127.0.0.1:9180 unless you say so; host:port or unix:/path
  --target URL                the application, http://127.0.0.1:3000
  --admin ADDR                answers /healthz, /readyz and /metrics there
  --keys-file FILE            keeps the keys for a restart in an outage
  --header NAME=FACT          one more identity header; FACT is id, email, name, kind,
                              country, issuer, sub, exp or a path into the claims,
                              such as custom.groups
  --allow-email ADDRESS       lets in this person, and those of the next two
  --allow-domain DOMAIN       the people of a domain
  --allow-service ID          a service
  --original-uri-header NAME  where the proxy says which path was asked for
  --strip-token               keeps the token from the target
  --workers N                 so many processes
  --log json|text|off         a line for each decision on standard output; json
  --config FILE               the same and more in JSON: several applications, public paths
  --header-timeout-seconds N  for a request's head; 15
  --idle-timeout-seconds N    for a connection that asks nothing; 120
  --target-timeout-seconds N  for a target that says nothing; 60
  --max-connections N         10000
  --json                      what it says when it listens, as JSON

  postern guard --team acme --audience 4714c1358e65fe4b… --target http://127.0.0.1:3000

Every flag has a variable as well: POSTERN_KEYS_FILE is --keys-file. A flag wins.
SIGHUP reads the configuration anew. SIGTERM lets requests end and then exits with 0.
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
  // Before it listens, because a signal that nothing handles ends the process.
  terminal.onHangUp(async () => {
    try {
      const guard = await opened;
      const next = await readSettings(args, terminal);
      await guard.reload(settled(next, terminal), next);
      terminal.err("postern guard: took the configuration\n");
    } catch (error) {
      terminal.err(
        `postern guard: keeps its configuration: ${visible((error as Error).message)}\n`,
      );
    }
  });
  const guard = await opened;
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

/** @throws {UsageError} (rejects) for an address that is not available, or an option found wrong late */
async function listening<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === "EADDRINUSE") throw new UsageError("The address is taken by another process");
    if (code === "EACCES") throw new UsageError("The address may not be used by this user");
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "ENOENT") {
      throw new UsageError("The address is not one of this machine");
    }
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(message);
    throw error;
  }
}

/** What went wrong with the keys, where, and what to do, in one line. */
function why(trouble: Error): string {
  if (!isKeySetError(trouble)) return trouble.message;
  const { says, fix } = explain(trouble);
  const { url = "the keys' place", code } = trouble;
  return `${url}: ${says}. ${fix} The guard tries again automatically. (${errorPage(code)})`;
}

type Announced = Pick<Worker, "url" | "adminUrl" | "isProxy" | "trouble">;

function announce(guard: Announced, json: boolean, terminal: Terminal): void {
  const { url, adminUrl, isProxy, trouble } = guard;
  if (trouble !== undefined) {
    terminal.err(`postern guard: no keys yet, and 503 until there are: ${visible(why(trouble))}\n`);
  }
  const mode = isProxy ? "proxy" : "forward auth";
  const admin = adminUrl === undefined ? "" : `, admin on ${adminUrl}`;
  const text = `postern guard: ${mode} on ${url}${admin}`;
  terminal.err(`${json ? visibleJson({ url, adminUrl, mode }, 0) : visible(text)}\n`);
}
