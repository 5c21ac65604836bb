// Correct origins, in every style: none of them may be called open.
import { createAdaptorServer } from "@hono/node-server";
import "reflect-metadata";
import { copyFile, mkdir } from "node:fs/promises";
import { Controller, Get, Module } from "@nestjs/common";
import { APP_GUARD, NestFactory } from "@nestjs/core";
import express from "express";
import fastify from "fastify";
import { H3, toNodeHandler } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import { requireAccess as expressAccess } from "../../../dist/express.js";
import { accessPlugin } from "../../../dist/fastify.js";
import { guard } from "../../../dist/fetch.js";
import { createVerifier } from "../../../dist/index.js";
import { requireAccess as koaAccess } from "../../../dist/koa.js";
import { verifyUpgrade } from "../../../dist/upgrade.js";
import { cookieOf, rightSteps } from "./guard.js";
import { answerHandshake, application, serve, serveSteps } from "./serve.js";

const { requireAccess: h3Access } = await adapter("h3");
const { AccessGuard } = await adapter("nest");
const ALL = { gate: true, token: true, paths: ["/", "/admin"] };

export function rightDoors(world) {
  const { issuer, team, audience } = world;
  const verifier = createVerifier({ team, audience, remote: { fetch: issuer.fetch } });
  const byHand =
    (change = {}) =>
    () =>
      serveSteps({ ...rightSteps(world), ...change });
  const listener = (handle, upgrade) => () => serve(handle, upgrade);
  const mayUpgrade = verifyUpgrade(verifier);
  const middleware = expressAccess(verifier);
  const page = guard(verifier, () => new Response("welcome"));

  const expressApp = express();
  expressApp.use(middleware);
  expressApp.get(["/", "/admin"], (_, response) => response.send("secret"));

  const koaApp = new Koa();
  koaApp.use(koaAccess(verifier));
  koaApp.use((context) => {
    context.body = "secret";
  });

  const honoApp = new Hono();
  honoApp.get("/", (context) => context.text("home"));
  honoApp.get("/admin", (context) => context.text("secret"));

  const guarded = guard(verifier, (request) => honoApp.fetch(request));

  const steps = rightSteps(world);
  return {
    "by hand": { needs: ALL, start: byHand() },
    "by hand, without a token or a gate": { needs: {}, start: byHand() },
    "by hand, the header alone": {
      needs: ALL,
      start: byHand({ read: ({ headers }) => headers["cf-access-jwt-assertion"] }),
    },
    "by hand, the cookie alone": {
      needs: ALL,
      start: byHand({ read: (request) => cookieOf(request, "CF_Authorization") }),
    },
    "by hand, with a public page": {
      needs: { ...ALL, paths: ["/admin"] },
      start: listener(async (request, response) => {
        const isPublic = request.url === "/healthz";
        if (isPublic || (await steps.admits(request)))
          return application(request.url, request, response);
        return response.writeHead(403).end();
      }),
    },
    "by hand, to the log-in": {
      needs: ALL,
      start: listener(async (request, response) => {
        if (await steps.admits(request)) return application(request.url, request, response);
        const location = `${team}/cdn-cgi/access/login/app.example.com?kid=${audience}`;
        return response.writeHead(302, { Location: location }).end();
      }),
    },
    "by hand, one host alone": {
      needs: { token: true },
      start: listener(async (request, response) => {
        if (!request.headers.host?.startsWith("127.0.0.1:")) return response.writeHead(421).end();
        if (await steps.admits(request)) return application(request.url, request, response);
        return response.writeHead(401).end();
      }),
    },
    "by hand, the preflight is answered": {
      needs: ALL,
      start: listener(async (request, response) => {
        const { origin, "access-control-request-method": method } = request.headers;
        if (request.method === "OPTIONS" && origin && method) return response.writeHead(204).end();
        if (await steps.admits(request)) return application(request.url, request, response);
        return response.writeHead(401).end();
      }),
    },
    "by hand, handshakes are cut": {
      needs: ALL,
      start: listener(
        async (request, response) => {
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        },
        (_, socket) => socket.destroy(),
      ),
    },
    "postern/fetch": {
      needs: ALL,
      start: listener(async ({ method, url, headers }, response) => {
        const request = new Request(new URL(url.replace(/^\/+/, "/"), "http://app.test"), {
          method,
          headers,
        });
        const { status, headers: sent, body } = await page(request);
        response.writeHead(status, Object.fromEntries(sent));
        for await (const chunk of body ?? []) response.write(chunk);
        response.end();
      }),
    },
    "postern/express, and postern/upgrade": {
      needs: ALL,
      start: listener(
        (request, response) => expressApp(request, response),
        async (request, socket) => {
          if (await mayUpgrade(request, socket)) answerHandshake(request, socket, true);
        },
      ),
    },
    "postern/h3": {
      needs: ALL,
      start: () => {
        const app = new H3();
        app.use(h3Access(verifier));
        app.get("/", () => "home");
        app.get("/admin", () => "secret");
        return serve(toNodeHandler(app));
      },
    },
    "postern/nest, a guard": { needs: ALL, start: () => nest(verifier, middleware, false) },
    "postern/nest, and postern/express in front": {
      needs: ALL,
      start: () => nest(verifier, middleware, true),
    },
    "postern/koa": { needs: ALL, start: listener(koaApp.callback()) },
    "Hono behind postern/fetch": {
      needs: ALL,
      start: () => {
        const [handle] = createAdaptorServer({ fetch: (request) => guarded(request) }).listeners(
          "request",
        );
        return serve(handle);
      },
    },
    "postern/fastify": {
      needs: ALL,
      start: async () => {
        const app = fastify();
        await app.register(accessPlugin, { verifier });
        app.get("/", () => "home");
        app.get("/admin", () => "secret");
        await app.ready();
        return serve((request, response) => app.routing(request, response));
      },
    },
  };
}

/** An adapter that imports its framework, copied to where Node finds the framework. */
async function adapter(name) {
  const folder = new URL("../node_modules/.postern/", import.meta.url);
  const copy = new URL(`${name}.mjs`, folder);
  await mkdir(folder, { recursive: true });
  await copyFile(new URL(`../../../dist/${name}.js`, import.meta.url), copy);
  return import(copy.href);
}

/** An application of Nest, without the syntax for decorators, which needs a compiler. */
async function nest(verifier, middleware, isInFront) {
  class Pages {
    home() {
      return "home";
    }
    admin() {
      return "secret";
    }
  }
  const methods = { home: "/", admin: "/admin" };
  for (const [name, path] of Object.entries(methods)) {
    Get(path)(Pages.prototype, name, Object.getOwnPropertyDescriptor(Pages.prototype, name));
  }
  Controller()(Pages);
  class App {}
  const guards = [{ provide: APP_GUARD, useValue: new AccessGuard(verifier) }];
  Module({ controllers: [Pages], providers: guards })(App);
  const app = await NestFactory.create(App, { logger: false });
  if (isInFront) app.use(middleware);
  await app.init();
  return serve(app.getHttpAdapter().getInstance());
}
