// Starts every application of one platform in one process, and says where they are.
import "reflect-metadata";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import type { DynamicModule, INestApplication } from "@nestjs/common";
import { APP_GUARD, NestFactory } from "@nestjs/core";
import { Transport } from "@nestjs/microservices";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { IoAdapter } from "@nestjs/platform-socket.io";
import { WsAdapter } from "@nestjs/platform-ws";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";
import { AccessGuard, type AccessOptions, guardGateways } from "postern/nest";
import { gateways } from "./gateways.ts";
import { subgraph, subscriptions } from "./graphql.ts";
import { dressUp, Handlers, Told } from "./handlers.ts";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PLATFORM, EXTRAS } = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
const guard = new AccessGuard(verifier);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(
  module: DynamicModule,
  prepare: (app: INestApplication) => unknown = () => {},
  useValue = guard,
): Promise<number> {
  const providers = [{ provide: APP_GUARD, useValue }];
  const root = { module: class Root {}, imports: [module], providers };
  const options = { logger: ["fatal", "error"] as never };
  const app: INestApplication =
    PLATFORM === "fastify"
      ? await NestFactory.create(root, new FastifyAdapter() as never, options)
      : await NestFactory.create(root, options);
  await prepare(app);
  await app.startAllMicroservices();
  await app.listen(0, "127.0.0.1");
  return app.getHttpServer().address().port;
}

const messages = [await freePort(), await freePort()];
const connect = (app: INestApplication): void => {
  const at = (port = 0): object => ({
    transport: Transport.TCP,
    options: { host: "127.0.0.1", port },
  });
  app.connectMicroservice(at(messages[0]));
  app.connectMicroservice(at(messages[1]), { inheritAppConfig: true });
};

const handlers = await Handlers.with(EXTRAS === "yes");
const http = { module: class Http {}, imports: [handlers, subgraph(false)] };
const everything = async (app: INestApplication): Promise<void> => {
  app.use(requireAccess(verifier));
  await dressUp(app, EXTRAS === "yes");
};
const bare = async (app: INestApplication): Promise<void> => {
  connect(app);
  await dressUp(app, EXTRAS === "yes");
};

const sockets = async (kind: "ws" | "io", isGuarded: boolean): Promise<number[]> => {
  const other = await freePort();
  const places: [number, object][] =
    kind === "ws"
      ? [
          [0, { path: "/one" }],
          [0, { path: "/two" }],
          [other, { path: "/three" }],
        ]
      : [
          [0, {}],
          [0, { namespace: "inner" }],
          [other, {}],
        ];
  const port = await start(gateways(guard, places), (app) => {
    const adapter = kind === "ws" ? new WsAdapter(app) : new IoAdapter(app);
    const origins = ["https://app.example.com"];
    app.useWebSocketAdapter(isGuarded ? guardGateways(adapter, verifier, { origins }) : adapter);
  });
  return [port, other];
};

const told = (options: AccessOptions<IncomingMessage>): Promise<number> =>
  start({ module: Told }, undefined, new AccessGuard(verifier, options));

const ports = {
  handlers: await start(http, bare),
  everything: await start(http, everything),
  fields: await start(subgraph(true)),
  subscriptions: await start(subscriptions()),
  connections: await start(subscriptions(verifier)),
  messages,
  ws: await sockets("ws", false),
  guardedWs: await sockets("ws", true),
  io: await sockets("io", false),
  guardedIo: await sockets("io", true),
  optional: await told({ optional: true }),
  preflight: await told({ allowPreflight: true }),
  publicGet: await told({
    publicPaths: (path, { method }) => path === "/whoami" && method === "GET",
  }),
};
console.log(`ready ${JSON.stringify(ports)}\n`);
