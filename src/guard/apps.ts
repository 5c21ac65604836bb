import type { IncomingMessage } from "node:http";
import type { VerifiedAccessToken } from "../access/access-token.ts";
import { createGate, type Gate, type Headed } from "../adapters/gate.ts";
import { foldedName } from "../http/field-name.ts";
import { HOST } from "../http/host.ts";
import type { RemoteKeySet } from "../keys/remote-key-set.ts";
import { createTarget, type Target } from "../proxy/target.ts";
import type { Verifier } from "../verify/options.ts";
import { acceptedToken, recallRequest } from "../verify/recall.ts";
import { openVerifier } from "../verify/verifier.ts";
import type { Settled, SettledApp } from "./options.ts";

/** An application with its guard. */
export interface App extends Omit<SettledApp, "target"> {
  readonly gate: Gate<VerifiedAccessToken, Headed>;
  /** The result for a token that was accepted before and still holds. Otherwise `undefined`: then use the gate. */
  readonly recall: (request: IncomingMessage) => VerifiedAccessToken | undefined;
  /** The token of a request that the gate has accepted. */
  readonly tokenOf: (request: IncomingMessage, access: VerifiedAccessToken) => string | undefined;
  readonly target: Target | undefined;
}

/** Everything that a request may be for. */
export interface Apps {
  readonly settled: Settled;
  readonly keys: RemoteKeySet;
  readonly byName: ReadonlyMap<string, App>;
  readonly byHost: ReadonlyMap<string, App>;
  /** The application, where there is only one. */
  readonly only: App | undefined;
  /** Names of identity headers of any application, folded. */
  readonly identityNames: ReadonlySet<string>;
}

/**
 * Gives each application a verifier of its own: it decides for its audience and its allow list alone.
 *
 * @param targets kept from before, so that a new configuration drops no connection
 * @throws {TypeError} for an option that is wrong
 */
export function createApps(
  settled: Settled,
  keys: RemoteKeySet,
  targets: Map<string, Target>,
): Apps {
  const { team, targetTimeoutSeconds } = settled;
  const targetOf = (url: URL): Target => {
    const name = `${url.href} ${targetTimeoutSeconds}`;
    const target = targets.get(name) ?? createTarget(url, targetTimeoutSeconds);
    targets.set(name, target);
    return target;
  };
  const apps = settled.apps.map((app): App => {
    const { audience, check, publicPaths, optional, target } = app;
    const open = openVerifier({
      team: team.issuer,
      audience,
      keys,
      check,
      verdictCache: { maxEntries: 10_000 },
    });
    const verifier = open.verifier as Verifier<VerifiedAccessToken>;
    const gate = createGate<VerifiedAccessToken, Headed>(verifier, { publicPaths, optional });
    const recall: App["recall"] = (request) =>
      // On a public path no token is looked at, not even a good one.
      publicPaths === undefined
        ? (recallRequest(open, request) as VerifiedAccessToken | undefined)
        : undefined;
    const tokenOf: App["tokenOf"] = (request, access) => acceptedToken(open, request, access);
    return { ...app, gate, recall, tokenOf, target: target && targetOf(target) };
  });
  const byHost = new Map(apps.flatMap((app) => app.hosts.map((host) => [host, app] as const)));
  return {
    settled,
    keys,
    byName: new Map(apps.map((app) => [app.name, app])),
    byHost,
    only: apps.length === 1 ? apps[0] : undefined,
    identityNames: new Set(apps.flatMap(({ identity }) => identity.names.map(foldedName))),
  };
}

/** The application of a `Host`, whatever its port. */
export function appOfHost({ byHost, only }: Apps, host: string | undefined): App | undefined {
  if (only !== undefined && byHost.size === 0) return only;
  if (host === undefined || !HOST.test(host)) return undefined;
  return byHost.get(host.replace(/:\d+$/, "").toLowerCase());
}

/**
 * The application of an endpoint's path. `/auth/<name>` may be followed by anything: Envoy appends the
 * path that was asked for.
 */
export function appOfPath({ byName, only }: Apps, url: string | undefined): App | undefined {
  const path = (url ?? "").split("?", 1)[0] ?? "";
  if (path === "/" || path === "/auth") return only;
  const [, name] = /^\/auth\/([\w.-]+)(?:\/|$)/.exec(path) ?? [];
  return name === undefined ? undefined : byName.get(name);
}
