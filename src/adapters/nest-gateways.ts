import type { IncomingMessage } from "node:http";
import { mistake, unlessPromise } from "../caller-mistakes.ts";
import type { AccessOptions, RequestVerifier } from "./gate.ts";
import { createUpgradeGate, type OriginOptions } from "./origins.ts";
import { nodePath } from "./public-paths.ts";
import type { Rejection } from "./rejection.ts";

/** The part of Nest's WebSocket adapters that is used. */
export interface GatewayAdapter {
  /** Makes the server of a gateway. */
  create(port: number, options?: never): unknown;
  /** Calls back for every client that has connected. */
  bindClientConnect(server: never, callback: never): unknown;
}

/** The request with which a client began: the `ws` package does not keep it, `socket.io` does. */
const handshakes = new WeakMap<object, IncomingMessage>();

/** The handshake of a gateway's client. */
export function handshakeOf(client: unknown): IncomingMessage | undefined {
  if (typeof client !== "object" || client === null) return undefined;
  return handshakes.get(client) ?? (client as Client).request;
}

/**
 * Guards every gateway of a Nest application: verifies the handshake of each client, before there is a
 * connection. It changes an adapter of `@nestjs/platform-ws` or `@nestjs/platform-socket.io` and returns
 * it. A refusal is 401, 403, 500 or 503 with `ws`, and always 403 with `socket.io`. The verified token is at
 * `access` of the handshake's request: `handleConnection(client, request)` with `ws`, `client.request`
 * with `socket.io`. A gateway's own `verifyClient` or `allowRequest` is asked afterwards.
 *
 * A browser sends its cookie along from any site's page: name yours in `origins`.
 *
 * @throws {TypeError} at once, for an adapter or an option that is wrong
 *
 * @example
 * ```ts
 * import type { INestApplication } from "@nestjs/common";
 * import { WsAdapter } from "@nestjs/platform-ws";
 * import { createVerifier } from "postern";
 * import { guardGateways } from "postern/nest";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export function guardSockets(app: INestApplication): void {
 *   const origins = ["https://app.example.com"];
 *   app.useWebSocketAdapter(guardGateways(new WsAdapter(app), verifier, { origins }));
 * }
 * ```
 */
export function guardGateways<A extends GatewayAdapter, T>(
  adapter: A,
  verifier: RequestVerifier<T>,
  options?: AccessOptions<IncomingMessage> & OriginOptions,
): A {
  const { create, bindClientConnect } = (adapter ?? {}) as unknown as Partial<Bound>;
  if (typeof create !== "function" || typeof bindClientConnect !== "function") {
    throw mistake("adapter", "a WebSocket adapter of Nest's", adapter);
  }
  const gate = createUpgradeGate<T, IncomingMessage>(verifier, options);
  const letIn = new WeakSet<IncomingMessage>();

  async function decide(request: Handshake): Promise<Rejection | undefined> {
    const { access, rejection } = await gate(request, nodePath(request));
    if (rejection?.isFault) console.error(rejection.error);
    if (rejection !== undefined) return rejection;
    request.access = access;
    letIn.add(request);
    return undefined;
  }

  /** For `ws`, which counts the parameters to know whether the answer comes later. */
  const verifyClient =
    (own: VerifyClient | undefined) =>
    (info: Info, done: Done): void =>
      answer(done, [false, 500], async (): Promise<Parameters<Done>> => {
        const rejection = await decide(info.req);
        if (rejection) return [false, rejection.status, rejection.title, rejection.headers];
        if (typeof own !== "function") return [true];
        if (own.length >= 2) return asked((done) => own(info, done));
        // An async function that takes no second parameter does not answer in time.
        return [unlessPromise(own(info, () => {})) === true];
      });

  /** For `socket.io`, whose refusals are all 403. */
  const allowRequest =
    (own: AllowRequest | undefined) =>
    (request: Handshake, done: Allow): void =>
      answer(done, ["Internal Server Error", false], async (): Promise<Parameters<Allow>> => {
        const rejection = await decide(request);
        if (rejection) return [rejection.title, false];
        if (typeof own !== "function") return [null, true];
        return asked((done) => own(request, done));
      });

  const guarded: Bound = {
    create: (port, given) =>
      create.call(adapter, port, {
        ...given,
        verifyClient: verifyClient(given?.verifyClient),
        allowRequest: allowRequest(given?.allowRequest),
      }),
    bindClientConnect: (server, connect) =>
      bindClientConnect.call(adapter, server, (...args) => {
        const [client, request = client.request] = args;
        // A server that the application made itself never asked.
        if (request === undefined || !letIn.has(request)) return end(client);
        handshakes.set(client, request);
        return connect(...args);
      }),
  };
  return Object.assign(adapter, guarded);
}

type Handshake = IncomingMessage & { access?: unknown };
type Info = { req: Handshake };
type Done = (isIn: boolean, status?: number, title?: string, headers?: object) => void;
type VerifyClient = (info: Info, done: Done) => unknown;
type Allow = (message: string | null, isIn: boolean) => void;
type AllowRequest = (request: Handshake, done: Allow) => unknown;
type GatewayOptions = { verifyClient?: VerifyClient; allowRequest?: AllowRequest };
type Client = {
  request?: IncomingMessage;
  terminate?(): void;
  disconnect?(close: boolean): void;
};
type Connect = (client: Client, request?: IncomingMessage, ...rest: unknown[]) => unknown;
type Bound = {
  create(port: number, options?: GatewayOptions): unknown;
  bindClientConnect(server: unknown, connect: Connect): unknown;
};

/** Says what was decided, and a refusal where that failed. */
function answer<A extends unknown[]>(
  done: (...said: A) => void,
  refusal: A,
  decision: () => Promise<A>,
): void {
  const refuse = (error: unknown): A => {
    console.error(error);
    return refusal;
  };
  // `done` opens the connection: what its listeners throw is no refusal.
  void decision()
    .catch(refuse)
    .then((said) => done(...said));
}

/** What a gateway's own function calls back with. An async one that fails is a fault, as one that throws is. */
function asked<A extends unknown[]>(ask: (done: (...said: A) => void) => unknown): Promise<A> {
  return new Promise((resolve, reject) => {
    const returned = ask((...said) => resolve(said));
    if (returned instanceof Promise) returned.catch(reject);
  });
}

/** Ends a client of `ws`, or of `socket.io` with the connection below it. */
function end(client: Client): void {
  if (client.terminate) client.terminate();
  else client.disconnect?.(true);
}
