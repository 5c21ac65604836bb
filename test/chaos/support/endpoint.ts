import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "vitest";
import type { Jwk } from "../../../src/index.ts";
import { createDecoys } from "../../../src/testing/decoys.ts";

const DECOYS = createDecoys();

/** A certs endpoint on loopback, with real sockets, that can be made to misbehave. */
export interface Endpoint {
  /** The team's origin. */
  readonly origin: string;
  /** How many connections were made, answered or not. */
  readonly asked: number;
  /** The keys that it publishes from now on, with the proper headers. */
  publish(...keys: Jwk[]): void;
  /** What it does with every request from now on. */
  misbehave(listener: RequestListener): void;
  /** It stops listening: every connection is refused. */
  goDown(): Promise<void>;
  /** It listens again on the same address. */
  comeBack(): Promise<void>;
}

/** Starts an endpoint that ends with its test. */
export async function startEndpoint({ onTestFinished }: TestContext): Promise<Endpoint> {
  let asked = 0;
  let listener: RequestListener = (_request, response) => response.end();
  let port = 0;
  let server: Server | undefined;

  async function listen(): Promise<void> {
    const started = createServer((request, response) => {
      asked++;
      // A kept-alive connection would answer after it went down.
      response.setHeader("connection", "close");
      listener(request, response);
    });
    server = started;
    await new Promise<void>((resolve) => started.listen(port, "127.0.0.1", resolve));
    ({ port } = started.address() as AddressInfo);
  }

  async function close(): Promise<void> {
    const ending = server;
    server = undefined;
    ending?.closeAllConnections();
    await new Promise<void>((resolve) => (ending ? ending.close(() => resolve()) : resolve()));
  }

  await listen();
  onTestFinished(close);
  return {
    origin: `http://127.0.0.1:${port}`,
    get asked() {
      return asked;
    },
    publish(...keys) {
      listener = (_request, response) => {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ keys: [...DECOYS, ...keys] }));
      };
    },
    misbehave(misbehaviour) {
      listener = misbehaviour;
    },
    goDown: close,
    comeBack: listen,
  };
}
