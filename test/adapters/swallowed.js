// Error handlers that swallow what the guard threw, and go on as far as their framework lets them.
import "reflect-metadata";
import assert from "node:assert/strict";
import { Controller, Get, Module } from "@nestjs/common";
import { APP_FILTER, APP_GUARD, NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { sequence } from "astro/middleware";
import connect from "connect";
import { Elysia } from "elysia";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import { H3, toNodeHandler } from "h3";
import * as h3v1 from "h3v1";
import { Hono } from "hono";
import Koa from "koa";
import polka from "polka";
import { KeySetError, TokenError } from "postern";
import * as forAstro from "postern/astro";
import * as forElysia from "postern/elysia";
import * as forExpress from "postern/express";
import { accessPlugin } from "postern/fastify";
import { guard } from "postern/fetch";
import * as forH3 from "postern/h3";
import * as forHono from "postern/hono";
import * as forKoa from "postern/koa";
import { AccessGuard } from "postern/nest";
import * as forPages from "postern/pages";
import * as forReactRouter from "postern/react-router";
import * as forSvelteKit from "postern/sveltekit";
import { createStaticHandler } from "react-router";
import { send, serve } from "./lib/http.js";

/** What a verifier, and an application's own `check`, might throw. */
const THROWN = [
  new Error("a bug"),
  undefined,
  null,
  "route",
  "router",
  Object.assign(new Error("welcome"), { status: 200, statusCode: 200, expose: true }),
  new Response("in"),
  new TokenError("token_missing"),
  new TokenError("forbidden", { verified: true }),
  new KeySetError("fetch_failed"),
];

const request = () => new Request("http://app.example/");
const overNode = (listener) => () =>
  serve(listener, async (_port, at) => (await send(at("/"))).status);
const overFetch = (handle) => async () => (await handle(request())).status;

/** Tries once more after an error, as an outer middleware may. */
const again = async (next) => {
  try {
    return await next();
  } catch {
    return next();
  }
};

/** Express and Connect go on when an error handler calls `next()`. */
function connected(make) {
  return async (verifier, reach) => {
    const app = make();
    app.use(forExpress.requireAccess(verifier));
    app.use((_error, _req, _res, next) => next());
    app.use((_req, res) => res.end(reach()));
    return overNode(app);
  };
}

async function nest(verifier, reach, adapter) {
  class Home {}
  Home.prototype.home = reach;
  Get()(Home.prototype, "home", Object.getOwnPropertyDescriptor(Home.prototype, "home"));
  Controller()(Home);
  class Swallow {
    catch(_error, host) {
      const http = host.switchToHttp();
      const next = http.getNext();
      if (typeof next === "function") next();
      else http.getResponse().send?.();
    }
  }
  class App {}
  const providers = [
    { provide: APP_GUARD, useValue: new AccessGuard(verifier) },
    { provide: APP_FILTER, useClass: Swallow },
  ];
  Module({ controllers: [Home], providers })(App);
  const app = await NestFactory.create(App, ...adapter, { logger: false });
  await app.init();
  const instance = app.getHttpAdapter().getInstance();
  await instance.ready?.();
  return overNode(instance.routing ?? instance);
}

const APPS = {
  "Express 5": connected(express),
  "Express 4": connected(express4),
  Connect: connected(connect),
  async Polka(verifier, reach) {
    const app = polka({ onError: (_error, _req, _res, next) => next() });
    app.use(forExpress.requireAccess(verifier)).get("/", (_req, res) => res.end(reach()));
    return overNode(app.handler);
  },
  async Fastify(verifier, reach) {
    const app = Fastify();
    app.setErrorHandler((_error, _request, reply) => reply.callNotFound());
    app.register(accessPlugin, { verifier });
    app.get("/", async () => reach());
    await app.ready();
    return overNode(app.routing);
  },
  async Koa(verifier, reach) {
    const app = new Koa();
    app.on("error", () => {});
    app.use((_ctx, next) => again(next));
    app.use(forKoa.requireAccess(verifier));
    app.use((ctx) => {
      ctx.body = reach();
    });
    return overNode(app.callback());
  },
  async Hono(verifier, reach) {
    const app = new Hono();
    app.onError((_error, c) => c.body(null));
    app.use((_c, next) => again(next));
    app.use(forHono.requireAccess(verifier));
    app.get("/", (c) => c.text(reach()));
    return overFetch(app.fetch);
  },
  async "h3 2"(verifier, reach) {
    const app = new H3({ onError: () => undefined, silent: true });
    app.use((_event, next) => again(next));
    app.use(forH3.requireAccess(verifier));
    app.get("/", () => reach());
    return overNode(toNodeHandler(app));
  },
  async "h3 1"(verifier, reach) {
    const app = h3v1.createApp({ onError() {} });
    app.use(h3v1.defineEventHandler(forH3.requireAccess(verifier)));
    app.use(h3v1.defineEventHandler(() => reach()));
    return overNode(h3v1.toNodeListener(app));
  },
  async Elysia(verifier, reach) {
    const app = new Elysia()
      .onError(() => {})
      .resolve(forElysia.requireAccess(verifier))
      .get("/", () => reach());
    return overFetch((given) => app.handle(given));
  },
  async "Elysia, plugin"(verifier, reach) {
    const app = new Elysia()
      .onError(() => {})
      .use(forElysia.accessPlugin(verifier))
      .get("/", () => reach());
    return overFetch((given) => app.handle(given));
  },
  "Nest on Express": (verifier, reach) => nest(verifier, reach, []),
  "Nest on Fastify": (verifier, reach) => nest(verifier, reach, [new FastifyAdapter()]),
  async SvelteKit(verifier, reach) {
    const handle = forSvelteKit.requireAccess(verifier);
    const resolve = () => new Response(reach());
    return overFetch((given) =>
      again(() => handle({ event: { request: given, locals: {} }, resolve })),
    );
  },
  async Astro(verifier, reach) {
    const swallow = (_context, next) => again(next);
    const onRequest = sequence(swallow, forAstro.requireAccess(verifier));
    const next = async () => new Response(reach());
    return overFetch((given) =>
      onRequest({ request: given, locals: {}, isPrerendered: false }, next),
    );
  },
  async "React Router"(verifier, reach) {
    const swallow = (_args, next) => again(next);
    const middleware = [swallow, forReactRouter.requireAccess(verifier, { refuseWith: "throw" })];
    const route = { id: "root", path: "/", middleware, loader: reach, hasErrorBoundary: true };
    const { query } = createStaticHandler([route]);
    const generateMiddlewareResponse = async (ask) => {
      const context = await ask(request());
      return context instanceof Response ? context : Response.json(null, { status: 500 });
    };
    return overFetch((given) => query(given, { generateMiddlewareResponse }));
  },
  async "Pages Functions"(verifier, reach) {
    const onRequest = forPages.requireAccess(verifier);
    const next = async () => new Response(reach());
    const context = { data: {}, waitUntil() {}, next };
    return overFetch((given) => again(() => onRequest({ ...context, request: given })));
  },
  async fetch(verifier, reach) {
    const handler = guard(verifier, () => new Response(reach()));
    return overFetch((given) => again(() => handler(given)));
  },
};

async function asked(make, verifyRequest) {
  let reached = 0;
  const reach = () => {
    reached++;
    return "in";
  };
  const ask = await make({ verifyRequest }, reach);
  const status = await ask().catch(() => undefined);
  return { reached, status };
}

export const SWALLOWED = Object.entries(APPS).map(([name, make]) => [
  `${name} reaches no guarded code, whatever was thrown and swallowed`,
  async () => {
    const { error } = console;
    console.error = () => {};
    try {
      const granted = await asked(make, async () => ({ payload: {} }));
      assert.equal(granted.reached, 1, `a genuine token is refused: ${granted.status}`);
      for (const thrown of THROWN) {
        const { reached } = await asked(make, () => Promise.reject(thrown));
        assert.equal(reached, 0, `reached after ${String(thrown)}`);
      }
    } finally {
      console.error = error;
    }
  },
]);
