import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, vi } from "vitest";
import {
  type LocalAccess,
  type LocalAccessOptions,
  startLocalAccess,
} from "../../src/local/index.ts";

// Key pairs are made at every start, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** Ends everything that the tests of this file have opened. */
const opened: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of opened.splice(0).reverse()) await end();
});

/** What the application saw of one request. */
export interface Seen {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  rawHeaders: string[];
  body: string;
  trailers: Record<string, string | undefined>;
}

export interface Application {
  readonly url: string;
  readonly server: Server;
  /** Every request that reached {@link tell}. */
  readonly seen: Seen[];
  /** The handler that answers from now on. */
  handler: RequestListener;
}

/**
 * An application on a free port: it answers with what it received, unless it has its own handler.
 */
export async function startApplication(handler?: RequestListener): Promise<Application> {
  const server = createServer((request, response) => app.handler(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const seen: Seen[] = [];
  const app = { url: `http://127.0.0.1:${port}`, server, seen, handler: handler ?? tell(seen) };
  return app;
}

/** Answers with what it received, and keeps it. */
export function tell(seen: Seen[]): RequestListener {
  return async (request, response) => {
    const body = await bodyOf(request);
    const { method = "", url = "", headers, rawHeaders, trailers } = request;
    const facts = { method, url, headers, rawHeaders, body, trailers };
    seen.push(facts);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(facts));
  };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The emulator on a free port, closed when the test ends. */
export async function startEmulator(
  target: string,
  options: Partial<LocalAccessOptions> = {},
): Promise<LocalAccess> {
  const access = await startLocalAccess({ target, port: 0, ...options });
  opened.push(() => access.close());
  return access;
}

/** An emulator, the application behind it, and a logged-in user. */
export async function startAll(
  handler?: RequestListener,
): Promise<{ app: Application; access: LocalAccess; token: string; cookie: string; port: number }> {
  const app = await startApplication(handler);
  const access = await startEmulator(app.url);
  const token = await logIn(access);
  return { app, access, token, cookie: `CF_Authorization=${token}`, port: portOf(access) };
}

export function portOf({ url }: { url: string }): number {
  return Number(new URL(url).port);
}

/** Sends the log-in form as the page would. */
export function postLogin(access: LocalAccess, fields: Record<string, string>): Promise<Response> {
  return fetch(`${access.url}/cdn-cgi/access/login`, {
    method: "POST",
    headers: { origin: access.url },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
}

/** Logs a user in: the token of the cookie. */
export async function logIn(
  access: LocalAccess,
  fields: Record<string, string> = {},
): Promise<string> {
  const response = await postLogin(access, { email: "ada@example.com", ...fields });
  const [, token] =
    /^CF_Authorization=([^;]+)/.exec(response.headers.get("set-cookie") ?? "") ?? [];
  if (token === undefined) throw new Error(`no log-in: ${response.status}`);
  return token;
}

/** Changes one control, and returns the new state. */
export async function control(
  access: LocalAccess,
  action: string,
  fields: Record<string, string> = {},
): Promise<{
  keys: { kid: string; current: boolean }[];
  outage: boolean;
  clockSkewSeconds: number;
}> {
  const response = await fetch(access.controls.url + (action && `/${action}`), {
    method: "POST",
    headers: { origin: access.url, accept: "application/json" },
    body: new URLSearchParams({ secret: access.controls.secret, ...fields }),
  });
  if (response.status !== 200) throw new Error(`control ${action}: ${response.status}`);
  return (await response.json()) as Awaited<ReturnType<typeof control>>;
}

/** A bare connection, for bytes that no client library would send. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  opened.push(() => socket.destroy());
  return socket;
}

/** Writes bytes and reads until the text matches, or the other end closes; ten seconds at most. */
export async function exchange(
  port: number,
  bytes: string,
  until: RegExp = /\0never/,
): Promise<string> {
  const socket = await dial(port);
  socket.write(Buffer.from(bytes, "latin1"));
  return read(socket, until);
}

export function read(socket: Socket, until: RegExp = /\0never/): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`nothing more came after: ${text}`)), 10_000);
    const done = (): void => {
      clearTimeout(timer);
      socket.off("data", take);
      resolve(text);
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      if (until.test(text)) done();
    };
    socket.on("data", take);
    socket.once("close", done);
    socket.once("error", done);
  });
}

/** A request head with the correct Host. */
export function head(port: number, line: string, ...fields: string[]): string {
  return [
    `${line} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: close",
    ...fields,
    "",
    "",
  ].join("\r\n");
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}
