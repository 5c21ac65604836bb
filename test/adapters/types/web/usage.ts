// What people write, against the frameworks' own types: it compiles, or the adapter is wrong.
import type { IncomingMessage } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { CanActivate } from "@nestjs/common";
import type { Handle } from "@sveltejs/kit/hooks";
import type { MiddlewareHandler as AstroMiddleware } from "astro";
import connect from "connect";
import { defineHooks } from "crossws";
import { Elysia } from "elysia";
import express from "express";
import Fastify from "fastify";
import { defineEventHandler, defineWebSocketHandler, H3 } from "h3";
import * as h3v1 from "h3v1";
import { Hono } from "hono";
import Koa from "koa";
import type { NextFetchEvent, NextRequest } from "next/server";
import type { NitroAppPlugin as Nitro3Plugin } from "nitro/types";
import type { NitroAppPlugin } from "nitropack/types";
import { createVerifier, type VerifiedAccessToken } from "postern";
import * as forAstro from "postern/astro";
import { createAccessFetch, logIn } from "postern/browser";
import { allowEmails, allowLiveSession, allowServices, every, some } from "postern/checks";
import * as forElysia from "postern/elysia";
import * as forExpress from "postern/express";
import { accessPlugin } from "postern/fastify";
import { guard } from "postern/fetch";
import * as forH3 from "postern/h3";
import * as forHono from "postern/hono";
import * as forKoa from "postern/koa";
import * as forMcp from "postern/mcp";
import { AccessGuard } from "postern/nest";
import * as forNext from "postern/next";
import * as forReactRouter from "postern/react-router";
import * as forSvelteKit from "postern/sveltekit";
import { verifyClient, verifyUpgrade } from "postern/upgrade";
import type { MiddlewareFunction, RouterContextProvider } from "react-router";
import { WebSocketServer } from "ws";

type Exactly<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

const verifier = createVerifier({
  team: "acme",
  audience: "4714c1358e65fe4b408ad6d432a5f878",
  check: some(allowEmails("acme.com"), every(allowServices())),
});
createVerifier({
  team: "acme",
  audience: "4714c1358e65fe4b408ad6d432a5f878",
  check: allowLiveSession({ everySeconds: 60, onUnknown: "allow" }),
});

// fetch: without public paths there is always a token.
export const handler = guard(verifier, (_request, access) => new Response(access.principal.id));
export const withPublic = guard(
  verifier,
  (_request, access) => {
    const isMaybe: Exactly<typeof access, VerifiedAccessToken | undefined> = true;
    return new Response(`${isMaybe} ${access?.principal.id}`);
  },
  { publicPaths: ["/health"], onReject: (error, request) => console.warn(error.name, request.url) },
);

for (const options of [{ optional: true }, { allowPreflight: true }] as const) {
  guard(
    verifier,
    (_request, access) => {
      const isMaybe: Exactly<typeof access, VerifiedAccessToken | undefined> = true;
      // @ts-expect-error a request may have come without a token
      return new Response(`${isMaybe} ${access.principal.id}`);
    },
    options,
  );
}
guard(verifier, (_request, access) => new Response(access.principal.id), {
  optional: false,
  allowPreflight: false,
});
guard(verifier, (_request, access) => new Response(access?.principal.id), {
  publicPaths: (path, { method }) => path === "/health" && method === "GET",
});

new Hono()
  .use(forHono.requireAccess(verifier))
  .get("/", (c) => c.text(c.get("access").principal.id))
  .get("/var", (c) => c.text(c.var.access.principal.id));
new Hono().use(forHono.requireAccess(verifier, { publicPaths: ["/health"] })).get("/", (c) => {
  const access: VerifiedAccessToken | undefined = c.get("access");
  // @ts-expect-error on a public path there is no token
  return c.text(c.get("access").principal.id + access?.issuer);
});

declare global {
  namespace Express {
    interface Request {
      access?: VerifiedAccessToken | undefined;
    }
  }
}
express()
  .use(forExpress.requireAccess(verifier, { refuseWith: "next" }))
  .get("/", (req, res) => void res.send(req.access?.principal.id));
connect().use(forExpress.requireAccess(verifier));

declare module "fastify" {
  interface FastifyRequest {
    access: VerifiedAccessToken | null;
  }
}
const fastify = Fastify();
fastify.register(accessPlugin, { verifier, publicPaths: ["/health"], audience: "admin" });
fastify.get("/", async (request) => request.access?.principal.id);

new Koa<{ access: VerifiedAccessToken }>().use(forKoa.requireAccess(verifier)).use((ctx) => {
  ctx.body = ctx.state.access.principal.id;
});

new H3().use(forH3.requireAccess(verifier));
export const nitro = defineEventHandler(forH3.requireAccess(verifier));
h3v1.createApp().use(h3v1.defineEventHandler(forH3.requireAccess(verifier, { optional: true })));
export const nitro2Plugin: NitroAppPlugin = forH3.accessPlugin(verifier);
export const nitro3Plugin: Nitro3Plugin = forH3.accessPlugin(verifier, {
  publicPaths: (path, { method }) => method === "GET" && path === "/health",
  onReject: (error, request) => console.warn(error.name, request.headers),
});
const guardedUpgrade = forH3.guardUpgrade(verifier, { origins: ["https://app.example.com"] });
defineWebSocketHandler({ upgrade: guardedUpgrade });
h3v1.defineWebSocketHandler({ upgrade: guardedUpgrade });
defineHooks({
  async upgrade(request) {
    const { context } = await guardedUpgrade(request);
    const isSure: Exactly<typeof context.access, VerifiedAccessToken> = true;
    return { context: { ...context, isSure } };
  },
});
export async function optionalUpgrade(request: Request) {
  const { context } = await forH3.guardUpgrade(verifier, { optional: true })(request);
  const isMaybe: Exactly<typeof context.access, VerifiedAccessToken | undefined> = true;
  return isMaybe;
}

new Elysia()
  .resolve(forElysia.requireAccess(verifier))
  .get("/", ({ access }) => access.principal.id);
new Elysia()
  .resolve(forElysia.requireAccess(verifier, { publicPaths: ["/health"] }))
  .get("/", ({ access }) => access?.principal.id);
new Elysia()
  .resolve({ as: "global" }, forElysia.requireAccess(verifier))
  .get("/", ({ access }) => access.principal.id);
new Elysia()
  .use(forElysia.accessPlugin(verifier))
  .get("/", ({ access }) => access.principal.id)
  .group("/group", (group) => group.get("/", ({ access }) => access.principal.id))
  .ws("/ws", { open: (ws) => void ws.send(ws.data.access.principal.id) });
for (const options of [{ publicPaths: ["/"] }, { optional: true }, { allowPreflight: true }]) {
  new Elysia().use(forElysia.accessPlugin(verifier, options)).get("/", ({ access }) => {
    const isMaybe: Exactly<typeof access, VerifiedAccessToken | undefined> = true;
    // @ts-expect-error there may be no token
    return `${isMaybe} ${access.principal.id}`;
  });
}
new Hono().use(forHono.requireAccess(verifier, { optional: true })).get("/", (c) => {
  const access: VerifiedAccessToken | undefined = c.get("access");
  // @ts-expect-error there may be no token
  return c.text(c.get("access").principal.id + access?.issuer);
});
new Hono().use(forHono.requireAccess(verifier, { allowPreflight: true })).get("/", (c) => {
  // @ts-expect-error a preflight brings none
  return c.text(c.get("access").principal.id);
});
new Elysia()
  .macro({ guarded: { resolve: forElysia.requireAccess(verifier) } })
  .get("/", ({ access }) => access.principal.id, { guarded: true });

export const handle: Handle = forSvelteKit.requireAccess(verifier, { refuseWith: "error" });
export const onRequest: AstroMiddleware = forAstro.requireAccess(verifier);

const proxy = forNext.requireAccess(verifier, { publicPaths: (path) => path.startsWith("/open/") });
export const nextProxy: (request: NextRequest, event: NextFetchEvent) => unknown = proxy;
export async function POST(request: NextRequest): Promise<Response> {
  const { access, response } = await forNext.getAccess(verifier, request, { optional: true });
  // @ts-expect-error: it may be that no token was brought.
  access?.principal.id.length + access.principal.id.length;
  return response ?? new Response(access?.principal.id ?? "nobody");
}
export async function GET(request: NextRequest): Promise<Response> {
  const { access, response } = await forNext.getAccess(verifier, request);
  return response ?? new Response(access.principal.id);
}
export async function page(headers: Promise<Headers>): Promise<string> {
  const { access } = await forNext.getAccess(verifier, headers, { audience: "admin" });
  return access ? access.principal.id : "nobody";
}

export const middleware: MiddlewareFunction<Response>[] = [
  forReactRouter.requireAccess(verifier, { refuseWith: "throw" }),
];
export function loader({ context }: { context: Readonly<RouterContextProvider> }): string {
  const access = context.get(forReactRouter.accessContext);
  return forReactRouter.getAccess(context).principal.id + access?.issuer;
}

export const nestGuard: CanActivate = new AccessGuard(verifier, { audience: "admin" });

const mayUpgrade = verifyUpgrade(verifier, { origins: ["https://app.example.com"] });
export async function upgrade(request: IncomingMessage, socket: import("node:stream").Duplex) {
  if (await mayUpgrade(request, socket)) return "in";
  return "out";
}

export const sockets: WebSocketServer = new WebSocketServer({
  port: 0,
  verifyClient: verifyClient(verifier, {
    optional: true,
    onReject: (error) => console.warn(error),
  }),
});

export const accessFetch: typeof fetch = createAccessFetch({ onSessionEnd: () => logIn() });

// MCP: the guard's AuthInfo is the SDK's, on Node, in Express and in the web's shape.
const forTools = forMcp.requireAccess(verifier, {
  resource: new URL("https://app.example/mcp"),
  resourceMetadata: { authorization_servers: ["https://login.example"] },
  onReject: (error) => console.warn(error.name),
});
express()
  .use(forTools)
  .post("/mcp", async (req, res) => {
    const transport = new StreamableHTTPServerTransport();
    await transport.handleRequest(req, res, req.body);
  });
export const onNode = (request: forMcp.McpRequest, response: import("node:http").ServerResponse) =>
  forTools(request as forMcp.McpRequest<VerifiedAccessToken>, response, () =>
    new StreamableHTTPServerTransport().handleRequest(request, response),
  );
export const onWeb = (request: Request): Promise<Response> =>
  forTools(request, (authInfo, access) => {
    const isMaybe: Exactly<typeof access, VerifiedAccessToken | undefined> = true;
    console.log(isMaybe, forMcp.principalOf(authInfo).kind);
    const transport = new WebStandardStreamableHTTPServerTransport();
    return transport.handleRequest(request, authInfo === undefined ? {} : { authInfo });
  });
