// What the options let through unverified in the web's frameworks: requests without a token, real
// preflights, and a path with its method; and nothing else.
import assert from "node:assert/strict";
import { getRequestListener } from "@hono/node-server";
import { Elysia } from "elysia";
import { H3, toNodeHandler } from "h3";
import * as h3v1 from "h3v1";
import { Hono } from "hono";
import { createVerifier } from "postern";
import * as forElysia from "postern/elysia";
import * as forH3 from "postern/h3";
import * as forHono from "postern/hono";
import { createTestIssuer } from "postern/testing";
import { send, serve, withToken } from "./lib/http.js";

const issuer = await createTestIssuer({ decoyKeys: true });
const verifier = createVerifier({
  team: issuer.issuer,
  audience: issuer.audience,
  remote: { fetch: issuer.fetch },
});

const says = (access) => `in with ${access === undefined ? "nothing" : access.principal.kind}`;

/** Applications that say whether they received a token. */
const APPS = {
  "h3 2"(options) {
    const app = new H3({ silent: true }).use(forH3.requireAccess(verifier, options));
    return toNodeHandler(app.all("/**", ({ context }) => says(context.access)));
  },
  "h3 1"(options) {
    const guard = forH3.requireAccess(verifier, options);
    const app = h3v1.createApp({ onError() {} });
    // In this folder postern's errors are those of h3 2, which h3 1 would log as unhandled.
    app.use(
      h3v1.defineEventHandler((event) =>
        guard(event).catch(({ statusCode }) => Promise.reject(h3v1.createError({ statusCode }))),
      ),
    );
    app.use(h3v1.defineEventHandler(({ context }) => says(context.access)));
    return h3v1.toNodeListener(app);
  },
  Hono(options) {
    const app = new Hono().use(forHono.requireAccess(verifier, options));
    return getRequestListener(app.all("*", (c) => c.text(says(c.get("access")))).fetch);
  },
  Elysia(options) {
    const app = new Elysia().resolve(forElysia.requireAccess(verifier, options));
    app.all("*", ({ access }) => says(access)).options("/x", ({ access }) => says(access));
    return getRequestListener((request) => app.handle(request));
  },
  "Elysia, plugin"(options) {
    const app = new Elysia().use(forElysia.accessPlugin(verifier, options));
    app.all("*", ({ access }) => says(access)).options("/x", ({ access }) => says(access));
    return getRequestListener((request) => app.handle(request));
  },
};

const PREFLIGHT = { Origin: "https://app.example", "Access-Control-Request-Method": "PUT" };

/** The requests, by their headers, and the expected answer: a text or a refusal. */
const CASES = {
  optional: [
    { optional: true },
    async () => [
      ["GET", {}, "in with nothing"],
      ["POST", {}, "in with nothing"],
      ["GET", withToken(await issuer.userToken()), "in with user"],
      ["GET", withToken("a.b.c"), 401],
      ["GET", { Cookie: "CF_Authorization=forged" }, 401],
    ],
  ],
  allowPreflight: [
    { allowPreflight: true },
    async () => [
      ["OPTIONS", PREFLIGHT, "in with nothing"],
      ["OPTIONS", {}, 401],
      ["OPTIONS", { Origin: "https://app.example" }, 401],
      ["OPTIONS", { "Access-Control-Request-Method": "PUT" }, 401],
      ["OPTIONS", { ...PREFLIGHT, "Content-Length": "2" }, 401],
      ["OPTIONS", { ...PREFLIGHT, "Transfer-Encoding": "chunked" }, 401],
      ["GET", PREFLIGHT, 401],
      ["POST", { ...PREFLIGHT, "X-HTTP-Method-Override": "OPTIONS" }, 401],
    ],
  ],
  publicPaths: [
    { publicPaths: (path, { method }) => path === "/x" && method === "GET" },
    async () => [
      ["GET", {}, "in with nothing"],
      ["POST", {}, 401],
      ["OPTIONS", {}, 401],
      ["GET", { "X-Forwarded-Host": "x/admin?" }, 401],
      ["POST", { "X-HTTP-Method-Override": "GET" }, 401],
    ],
  ],
};

export const LET_THROUGH = Object.entries(APPS).flatMap(([name, make]) =>
  Object.entries(CASES).map(([option, [options, cases]]) => [
    `${name} lets through the requests of \`${option}\`, and no others`,
    () =>
      serve(make(options), async (_port, at) => {
        for (const [method, headers, expected] of await cases()) {
          const body = /\bContent-Length|Transfer-Encoding\b/.test(Object.keys(headers))
            ? "{}"
            : "";
          const { status, text } = await send(at("/x"), { method, headers, body });
          const what = `${method} ${JSON.stringify(headers)}: ${status} ${text}`;
          if (typeof expected === "number") assert.equal(status, expected, what);
          else assert.equal(text, expected, what);
        }
      }),
  ]),
);
