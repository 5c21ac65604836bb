import { forwardAuth } from "../../src/adapters/forward-auth.ts";
import {
  allowCustom,
  allowEmails,
  allowLiveSession,
  allowServices,
  allowUsers,
} from "../../src/checks/index.ts";
import { type Guard, type GuardOptions, startGuard } from "../../src/guard/index.ts";
import type { ResponseLike } from "../../src/http/bounded-fetch.ts";
import {
  createRemoteKeySet,
  createStaticKeySet,
  createVerifier,
  discoverKeySet,
  getIdentity,
  TokenError,
} from "../../src/index.ts";
import { createTestIssuer, knock, type TestIssuer } from "../../src/knock/testing.ts";
import { type LocalAccess, startLocalAccess } from "../../src/local/index.ts";
import { settle as settleLocal } from "../../src/local/options.ts";
import { memoryStore, withStore } from "../../src/stores/index.ts";
import { DRIVES } from "../adapters-unit/doubles.ts";

/** One valid call of what takes options. */
export interface Row {
  /** What has to be in the options, and nothing else. */
  readonly least: object;
  /** Calls it, uses what it returns, and tells what came of that. */
  readonly call: (options: never) => unknown;
  /** Why it takes names that it does not know. */
  readonly open?: string;
}

const LOOPBACK = "http://127.0.0.1:9";
const ISSUER = "https://issuer.example";

/** Makes what the calls need, and the rows by the place that they are about. */
export async function makeRows(): Promise<{
  rows: ReadonlyMap<string, Row>;
  close(): Promise<void>;
}> {
  // Local Access is announced, which may only be done once all options were read.
  const issuer = await createTestIssuer({ decoyKeys: true, team: LOOPBACK });
  const local = await startLocalAccess({ target: LOOPBACK, port: 0 });
  const { audience, fetch } = issuer;
  const listen = "127.0.0.1:0";
  const guard = await startGuard({ team: LOOPBACK, audience, fetch, listen, log: "off" });
  const token = await issuer.userToken();
  const service = await issuer.serviceToken();
  const rows = { ...coreRows(issuer, token), ...checkRows(issuer, token, service) };
  const all = {
    ...rows,
    ...otherRows(issuer, local),
    ...browserRows(),
    ...adapterRows(issuer),
    ...guardRows(issuer, token, guard),
  };
  return {
    rows: new Map(Object.entries<Row>(all)),
    close: () => Promise.all([local.close(), guard.close()]).then(() => {}),
  };
}

type Rows = { [site: string]: Row };

function coreRows(issuer: TestIssuer, token: string): Rows {
  const { audience, fetch } = issuer;
  const team = { team: LOOPBACK, audience, remote: { fetch } };
  const other = { issuer: LOOPBACK, audience, keys: issuer.jwks() };
  const kind = async ({ verify }: { verify(token: string): Promise<object> }): Promise<unknown> =>
    Object.keys(await verify(token));
  const verifier = createVerifier(team);
  const request = { "cf-access-jwt-assertion": token };
  const lookup = "a verifier hands it to its key set, which may be of another make";
  const header = { alg: "RS256" as const, kid: issuer.kid };
  const remote = createRemoteKeySet(`${LOOPBACK}/cdn-cgi/access/certs`, { fetch });
  const discovered = discoverKeySet(ISSUER, { fetch: discovery(issuer) });
  const pinned = createStaticKeySet(issuer.jwks());
  const keySets = {
    createRemoteKeySet: remote,
    discoverKeySet: discovered,
    createStaticKeySet: pinned,
  };
  const lookups = Object.entries(keySets).flatMap(([name, keys]): [string, Row][] => [
    [
      `postern ${name}().find(lookup)`,
      {
        least: {},
        open: lookup,
        call: async (given) => (await keys.find(header, given)).length,
      },
    ],
    [
      `postern ${name}().known(lookup)`,
      {
        least: {},
        open: lookup,
        call: (given) => keys.known?.(header, given).length,
      },
    ],
    [
      `postern ${name}().prefetch(lookup)`,
      {
        least: {},
        open: lookup,
        call: (given) => keys.prefetch?.(given),
      },
    ],
    [
      `postern ${name}().revalidate(lookup)`,
      {
        least: {},
        open: lookup,
        call: (given) => keys.revalidate?.(given),
      },
    ],
  ]);
  return {
    ...Object.fromEntries(lookups),
    "postern createVerifier(options)": {
      least: team,
      call: (options) => kind(createVerifier(options)),
    },
    "postern createVerifier(options), of an issuer": {
      least: other,
      call: (options) => kind(createVerifier(options)),
    },
    "postern createVerifier(options).remote": {
      least: { fetch },
      call: (options) => kind(createVerifier({ ...team, remote: options })),
    },
    "postern createVerifier(options).verdictCache": {
      least: {},
      call: (options) => kind(createVerifier({ ...team, verdictCache: options })),
    },
    "postern createVerifier(entries)[]": {
      least: team,
      call: (entry) => kind(createVerifier([entry])),
    },
    "postern createVerifier(entries)[], of an issuer": {
      least: other,
      call: (entry) => kind(createVerifier([entry])),
    },
    "postern createVerifier(entries)[].remote": {
      least: { fetch },
      call: (options) => kind(createVerifier([{ ...team, remote: options }])),
    },
    // The last overload takes every form, so that the compiler names the option that is wrong.
    "postern createVerifier(options)[]": {
      least: team,
      call: (entry) => kind(createVerifier([entry])),
    },
    "postern createVerifier(options)[].remote": {
      least: { fetch },
      call: (options) => kind(createVerifier([{ ...team, remote: options }])),
    },
    "postern createVerifier(shared)": {
      least: {},
      call: (shared) => kind(createVerifier([team], shared)),
    },
    "postern createVerifier(shared).verdictCache": {
      least: {},
      call: (options) => kind(createVerifier([team], { verdictCache: options })),
    },
    "postern createVerifier().verify(call)": {
      least: {},
      call: async (call) => Object.keys(await verifier.verify(token, call)),
    },
    "postern createVerifier().safeVerify(call)": {
      least: {},
      call: async (call) => (await verifier.safeVerify(token, call)).ok,
    },
    "postern createVerifier().verifyRequest(call)": {
      least: {},
      call: async (call) => Object.keys(await verifier.verifyRequest(request, call)),
    },
    "postern createVerifier().safeVerifyRequest(call)": {
      least: {},
      call: async (call) => (await verifier.safeVerifyRequest(request, call)).ok,
    },
    "postern getIdentity(options)": {
      least: { team: LOOPBACK, fetch: identity },
      call: (options) => getIdentity(token, options),
    },
    "postern createRemoteKeySet(options)": {
      least: { fetch },
      call: async (options) => {
        const keys = createRemoteKeySet(`${LOOPBACK}/cdn-cgi/access/certs`, options);
        return (await keys.find(header)).length;
      },
    },
    "postern discoverKeySet(given)": {
      least: { fetch: discovery(issuer) },
      call: async (options) => (await discoverKeySet(ISSUER, options).find(header)).length,
    },
    "postern createStaticKeySet(options)": {
      least: {},
      call: async (options) =>
        (await createStaticKeySet(issuer.jwks(), options).find(header)).length,
    },
  };
}

function checkRows({ audience, fetch }: TestIssuer, token: string, service: string): Rows {
  const team = { team: LOOPBACK, audience, remote: { fetch } };
  const passes = async (check: never, who = token): Promise<boolean> =>
    (await createVerifier({ ...team, check }).safeVerify(who)).ok;
  return {
    "postern/checks allowEmails(options)": {
      least: {},
      call: (options) => passes(allowEmails("example.com", options) as never),
    },
    "postern/checks allowUsers(options)": {
      least: {},
      call: (options) => passes(allowUsers(undefined, options) as never),
    },
    "postern/checks allowServices(options)": {
      least: {},
      call: (options) => passes(allowServices(undefined, options) as never, service),
    },
    "postern/checks allowCustom(options)": {
      least: {},
      call: (options) => passes(allowCustom("groups", () => true, options) as never),
    },
    "postern/checks allowLiveSession(options)": {
      least: { everySeconds: 60, onUnknown: "refuse", fetch: identity },
      call: (options) => passes(allowLiveSession(options) as never),
    },
  };
}

function guardRows(issuer: TestIssuer, token: string, running: Guard): Rows {
  const { audience, fetch } = issuer;
  const least = { team: LOOPBACK, audience, fetch, listen: "127.0.0.1:0", log: "off" } as const;
  const headers = { "cf-access-jwt-assertion": token };
  const allow = { domains: ["example.com"] };
  const start = async (options: GuardOptions): Promise<number> => {
    const guard = await startGuard(options);
    try {
      return (await globalThis.fetch(guard.url, { headers })).status;
    } finally {
      await guard.close();
    }
  };
  const reload = async (options: GuardOptions): Promise<number> => {
    await running.reload(options);
    return (await globalThis.fetch(running.url, { headers })).status;
  };
  const verifier = createVerifier({ team: LOOPBACK, audience, remote: { fetch } });
  return {
    "postern/guard startGuard(options)": { least, call: start },
    "postern/guard startGuard(options).allow": {
      least: allow,
      call: (options) => start({ ...least, allow: options }),
    },
    "postern/guard startGuard().reload(options)": { least, call: reload },
    "postern/guard startGuard().reload(options).allow": {
      least: allow,
      call: (options) => reload({ ...least, allow: options }),
    },
    "postern/forward-auth forwardAuth(options)": {
      least: {},
      call: async (options) =>
        (await forwardAuth(verifier, options)(new Request("http://a.example/", { headers })))
          .status,
    },
  };
}

function otherRows(issuer: TestIssuer, local: LocalAccess): Rows {
  const names = (tokens: readonly { name: string }[]): unknown => tokens.map(({ name }) => name);
  return {
    "postern/testing knock(options)": {
      least: { fetch: async () => new Response(null, { status: 401 }) },
      call: async (options) => (await knock(options)).verdict,
    },
    "postern/testing createTestIssuer(options)": {
      least: {},
      async call(options) {
        const { issuer, audience, kid, userToken } = await createTestIssuer(options);
        return [issuer, audience.length, kid.length, (await userToken()).split(".").length];
      },
    },
    "postern/testing createTestIssuer().hostileTokens(options)": {
      least: {},
      call: async (options) => names(await issuer.hostileTokens(options)),
    },
    "postern/local startLocalAccess().hostileTokens(options)": {
      least: {},
      call: async (options) => names(await local.hostileTokens(options)),
    },
    "postern/local startLocalAccess(options)": {
      least: { target: LOOPBACK, port: 0 },
      async call(options) {
        const started = await startLocalAccess(options);
        await started.close();
        // The port that is taken by default may be in use.
        const { target, ...settled } = settleLocal({ target: LOOPBACK });
        return [started.audiences, target.href, settled];
      },
    },
    "postern/stores withStore(options)": {
      least: {},
      async call(options) {
        withStore(memoryStore(), options);
        const store = memoryStore();
        const request = {
          url: ISSUER,
          cold: true,
          etag: undefined,
          signal: new AbortController().signal,
        };
        const bring = async () => ({ jwks: issuer.jwks() });
        await withStore(store, bring, options)(request);
        return Object.keys(await withStore(store, () => Promise.reject(), options)(request));
      },
    },
  };
}

function browserRows(): Rows {
  return {
    "postern/browser createAccessFetch(options)": {
      least: { fetch: async () => new Response("items") },
      async call(options) {
        const { createAccessFetch } = await import("../../src/browser/index.ts");
        return (await createAccessFetch(options)("https://app.example/api")).text();
      },
    },
    "postern/browser logIn(options)": {
      least: { reload: () => {} },
      async call(options) {
        const { logIn } = await import("../../src/browser/index.ts");
        return logIn(options);
      },
    },
  };
}

/** The names of the guards, where they are not `requireAccess(options)`. */
const GUARDS: Readonly<Record<string, string>> = {
  fetch: "postern/fetch guard(options)",
  fastify: "postern/fastify accessPlugin(options)",
  "h3, crossws": "postern/h3 guardUpgrade(options)",
  "h3, Nitro 2": "postern/h3 accessPlugin(options), in Nitro 2",
  "h3, Nitro 3": "postern/h3 accessPlugin(options), in Nitro 3",
  "elysia, plugin": "postern/elysia accessPlugin(options)",
  nest: "new postern/nest AccessGuard(options)",
  upgrade: "postern/upgrade verifyUpgrade(options)",
  "upgrade, verifyClient": "postern/upgrade verifyClient(options)",
};

function adapterRows(issuer: TestIssuer): Rows {
  const keys = issuer.jwks();
  const verifier = { verifyRequest: () => Promise.reject(new TokenError("token_missing")) };
  // Any other double with a comma in its name is another way of one that is there.
  const isGuard = (name: string): boolean => name in GUARDS || /^[\w-]+$/.test(name);
  const drives = Object.entries(DRIVES).filter(([name]) => isGuard(name));
  const rows = drives.map(([name, drive]): [string, Row] => [
    GUARDS[name] ?? `postern/${name} requireAccess(options)`,
    {
      least: {},
      async call(options) {
        const { isIn, status, thrown } = await drive(verifier, options);
        if (thrown instanceof TypeError) throw thrown;
        return [isIn, status];
      },
    },
  ]);
  const origins = ["https://app.example.com"];
  const gateways = async (options: never): Promise<unknown> => {
    const { guardGateways } = await import("../../src/adapters/nest.ts");
    const adapter = guardGateways(
      { create: (_port: number, given?: GatewayServer) => given, bindClientConnect() {} },
      verifier,
      options,
    );
    return new Promise((resolve) => {
      const request = { headers: {}, url: "/" };
      const server = adapter.create(0);
      server?.verifyClient({ req: request }, (...said) => resolve(said));
    });
  };
  // A call of one that is there, with more than has to be in its options.
  const withOrigins = ["postern/h3 guardUpgrade(options)", "postern/upgrade verifyUpgrade(options)"]
    .flatMap((site) => rows.filter(([name]) => name === site))
    .map(([name, row]): [string, Row] => [`${name}, with origins`, { ...row, least: { origins } }]);
  return {
    ...Object.fromEntries([...rows, ...withOrigins]),
    "postern/fetch guardWorker(options)": {
      least: { team: LOOPBACK, audience: "wiki", keys },
      async call(options) {
        const { guardWorker } = await import("../../src/adapters/fetch.ts");
        const handler = guardWorker(createVerifier, options, () => new Response("in"));
        return (await handler(new Request(LOOPBACK), {}, {})).status;
      },
    },
    "postern/fetch guardWorker(options).remote": {
      least: { fetch: issuer.fetch },
      async call(remote) {
        const { guardWorker } = await import("../../src/adapters/fetch.ts");
        const least = { team: LOOPBACK, audience: "wiki" };
        const handler = guardWorker(createVerifier, { ...least, remote }, () => new Response("in"));
        return (await handler(new Request(LOOPBACK), {}, {})).status;
      },
    },
    "postern/mcp requireAccess(options).resourceMetadata": {
      least: { authorization_servers: [ISSUER] },
      async call(resourceMetadata) {
        const { requireAccess } = await import("../../src/adapters/mcp.ts");
        const guard = requireAccess(verifier, { resource: LOOPBACK, resourceMetadata });
        const address = `${LOOPBACK}/.well-known/oauth-protected-resource`;
        return (await guard(new Request(address), () => new Response("in"))).json();
      },
    },
    "postern/next getAccess(options)": {
      least: {},
      async call(options) {
        const { getAccess } = await import("../../src/adapters/next.ts");
        const { response } = await getAccess(verifier, { headers: {} }, options);
        return response?.status;
      },
    },
    "postern/nest guardGateways(options)": { least: {}, call: gateways },
    "postern/nest guardGateways(options), with origins": { least: { origins }, call: gateways },
  };
}

/** What a guarded adapter of Nest's makes its server with. */
interface GatewayServer {
  verifyClient(info: object, done: (...said: unknown[]) => void): void;
}

const identity = async (): Promise<ResponseLike> => json({ email: "user@example.com" });

function discovery(issuer: TestIssuer): (url: string) => Promise<ResponseLike> {
  return async (url) =>
    json(url.endsWith("/jwks") ? issuer.jwks() : { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` });
}

function json(value: unknown): ResponseLike {
  const text = JSON.stringify(value);
  return { status: 200, headers: new Headers(), body: undefined, text: async () => text };
}
