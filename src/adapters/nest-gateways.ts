import type { IncomingMessage } from "node:http";
import { mistake, unlessPromise } from "../caller-mistakes.ts";
import type { AccessOptions, RequestVerifier } from "./gate.ts";
import { createUpgradeGate, type OriginOptions } from "./origins.ts";
import { nodePath } from "./public-paths.ts";
import type { Rejection } from "./rejection.ts";

/** The part of Nest's WebSocket adapters that is used. */
export interface GatewayAdapter {
  /** Creates the server of a gateway. */
  create(port: number, options?: never): unknown;
  /** Calls back for every connected client. */
  bindClientConnect(server: never, callback: never): unknown;
}

/** The handshake request of each client, because `ws` does not keep it. `socket.io` does. */
const handshakes = new WeakMap<object, IncomingMessage>();

/** Returns the handshake request of a gateway's client. */
export function handshakeOf(client: unknown): IncomingMessage | undefined {
  if (typeof client !== "object" || client === null) return undefined;
  return handshakes.get(client) ?? (client as Client).request;
}

/**
 * Guards every gateway of a Nest application: it verifies the handshake of each client before the
 * connection opens. It changes an adapter of `@nestjs/platform-ws` or `@nestjs/platform-socket.io` and
 * returns it. A refusal is 401, 403, 500 or 503 with `ws`, and always 403 with `socket.io`. The verified
 * token is at `access` of the handshake request: `handleConnection(client, request)` with `ws`,
 * `client.request` with `socket.io`. A gateway's own `verifyClient` or `allowRequest` is called afterwards.
 *
 * Browsers send the cookie from the pages of every site, so give your own origins in `origins`.
 *
 * @throws {TypeError} at once, when the adapter or an option is wrong
 *
 * @example
 * ```ts
 * import type { INestApplication } from "@nestjs/common";
 * import { WsAdapter } from "@nestjs/platform-ws";
 * import { createVerifier } from "postern";
 * import { guardGateways } from "postern/nest";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
    throw mistake("adapter", "a WebSocket adapter of Nest", adapter);
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

  /** For `ws`. It counts the parameters: with two, the function answers by a callback. */
  const verifyClient =
    (own: VerifyClient | undefined) =>
    (info: Info, done: Done): void =>
      answer(done, [false, 500], async (): Promise<Parameters<Done>> => {
        const rejection = await decide(info.req);
        if (rejection) return [false, rejection.status, rejection.title, rejection.headers];
        if (typeof own !== "function") return [true];
        if (own.length >= 2) return asked((done) => own(info, done));
        // An async function without a second parameter answers too late.
        return [unlessPromise(own(info, () => {})) === true];
      });

  /** For `socket.io`, which answers every refusal with 403. */
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
        // A server that the application created itself does not call the functions above.
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

/** Passes on the decision, or a refusal when deciding failed. */
function answer<A extends unknown[]>(
  done: (...said: A) => void,
  refusal: A,
  decision: () => Promise<A>,
): void {
  const refuse = (error: unknown): A => {
    console.error(error);
    return refusal;
  };
  // `done` opens the connection, so an exception in its listeners must not become a refusal.
  void decision()
    .catch(refuse)
    .then((said) => done(...said));
}

/** The answer of a gateway's own function. If it throws or its promise rejects, that is an error. */
function asked<A extends unknown[]>(ask: (done: (...said: A) => void) => unknown): Promise<A> {
  return new Promise((resolve, reject) => {
    const returned = ask((...said) => resolve(said));
    if (returned instanceof Promise) returned.catch(reject);
  });
}

/** Closes the connection of a client of `ws` or `socket.io`. */
function end(client: Client): void {
  if (client.terminate) client.terminate();
  else client.disconnect?.(true);
}
