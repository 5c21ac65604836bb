// Every framework, and how its example is built and run.

import { BROWSER } from "./browser.js";
import { GETTING_STARTED } from "./getting-started.js";
import { LET_THROUGH } from "./let-through.js";
import { SHORT_CHECKS } from "./lib/checks.js";
import { BY_GUARD } from "./lib/nest.js";
import { MCP, NEST_GRAPHQL, TANSTACK, TRPC, YOGA } from "./lib/rpc-checks.js";
import { MCP_CLIENT } from "./mcp.js";
import { MOUNTED } from "./mounted.js";
import { NEST_OPTIONS } from "./nest-options.js";
import { NEXT_STARTER } from "./next-starter.js";
import { OLDEST } from "./oldest.js";
import { ONE_COMMAND } from "./one-command.js";
import { OPTIONS } from "./options.js";
import { PAGES } from "./pages.js";
import { SAMPLES, WRONG_SAMPLES } from "./samples.js";
import { startServiceWorker } from "./service-worker.js";
import { SIEGE } from "./siege.js";
import { SOCKET_CHECKS } from "./sockets.js";
import { SWALLOWED } from "./swallowed.js";
import { TYPES } from "./types.js";
import { WORKER_CONTEXT } from "./worker-context.js";

const STREAMS =
  'app.getHttpAdapter().getInstance().addContentTypeParser("application/octet-stream", ' +
  "(_request: unknown, body: unknown, done: (error: null, body: unknown) => void) => done(null, body));\n";

/** The changes to the example for Nest when it runs on Fastify. */
const ON_FASTIFY = [
  [
    "import { GraphQLModule",
    'import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";\nimport { GraphQLModule',
  ],
  ["create(AppModule, {", "create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {"],
  // Fastify parses known bodies, and passes on no others by default.
  ["await app.listen", `${STREAMS}await app.listen`],
  ["@Req() request: IncomingMessage", "@Body() request: IncomingMessage"],
  ["Post, Req }", "Post, Body }"],
  // Apollo's context on Fastify is the request alone: without the reply the refusal has no headers.
  [
    "autoSchemaFile: true }",
    "autoSchemaFile: true, context: (req: unknown, res: unknown) => ({ req, res }) }",
  ],
];

export const FRAMEWORKS = [
  { name: "Express 5", example: "express" },
  {
    name: "Express 4",
    example: "express",
    folder: "express4",
    replace: { "server.js": [['from "express"', 'from "express4"']] },
  },
  {
    name: "Express, as CommonJS",
    example: "express",
    folder: "commonjs",
    start: "node server.cjs",
    checks: SHORT_CHECKS,
  },
  {
    name: "Node's own server",
    example: "express",
    folder: "node",
    start: "node node.js",
    checks: SHORT_CHECKS,
  },
  { name: "Connect", folder: "connect", variant: "connect" },
  { name: "Polka", folder: "polka", variant: "polka" },
  { name: "Hono", example: "hono" },
  { name: "Fastify", example: "fastify" },
  { name: "Koa", example: "koa", isTextOnly: true },
  { name: "h3 2", example: "h3" },
  {
    name: "h3 1",
    example: "h3",
    folder: "h3v1",
    variant: "h3v1",
    link: { h3: "h3v1" },
    paths: ["/admin/public", "/admin/public/../"],
  },
  {
    name: "Nitro 2",
    example: "h3/nitro",
    folder: "nitro2",
    variant: "nitro2",
    link: { h3: "h3v1" },
    build: "node ../../node_modules/nitropack/dist/cli/index.mjs build",
    start: "node .output/server/index.mjs",
  },
  {
    name: "Nitro 3",
    example: "h3/nitro",
    folder: "nitro3",
    variant: "nitro3",
    build: "node ../../node_modules/nitro/dist/cli/index.mjs build",
    start: "node .output/server/index.mjs",
  },
  {
    name: "Nuxt",
    example: "h3/nuxt",
    folder: "nuxt",
    variant: "nuxt",
    link: { h3: "h3v1" },
    build: "nuxt build",
    start: "node .output/server/index.mjs",
    env: { NUXT_TELEMETRY_DISABLED: "1" },
    paths: [
      "/admin/_payload.json",
      "/__nuxt_error?url=/admin",
      "/_nuxt/../admin",
      "/_nuxt/..%2fadmin",
    ],
  },
  {
    name: "fetch on Workers",
    example: "fetch",
    start: "npm run serve",
    // A Worker can load nothing before itself.
    prepend: "worker.js",
    preload: false,
    env: { WRANGLER_SEND_METRICS: "false" },
  },
  { name: "ctx.access on Workers", folder: "worker-context", checks: WORKER_CONTEXT },
  {
    name: "fetch on Bun",
    example: "fetch",
    folder: "bun",
    start: "bun --preload ./fault.mjs bun.js",
    copyFault: true,
    preload: false,
  },
  {
    name: "fetch on Deno",
    example: "fetch",
    folder: "deno",
    start:
      "deno run --node-modules-dir=manual --allow-net --allow-env --allow-read --preload ./fault.mjs deno.js",
    copyFault: true,
    preload: false,
  },
  {
    name: "fetch in a Service Worker",
    example: "fetch",
    folder: "service-worker",
    prepend: "service-worker.js",
    serve: startServiceWorker,
    // A client cannot set a cookie on it.
    without: ["accepts a user by the cookie"],
  },
  {
    name: "Pages Functions",
    example: "pages",
    start: "npm run serve",
    prepend: "functions/_middleware.js",
    preload: false,
    env: { WRANGLER_SEND_METRICS: "false" },
  },
  {
    name: "Next.js",
    example: "next",
    build: "npm run build",
    start: "npm run serve",
    env: { NEXT_TELEMETRY_DISABLED: "1" },
    paths: ["/_next/../admin", "/admin.rsc", "/_next/data/build/admin.json", "/admin?_rsc=1"],
    // `next start` does not answer a handshake for a page.
    unclear: /^websocket/,
  },
  { name: "Next.js as its starter makes it", folder: "next-starter", checks: NEXT_STARTER },
  {
    name: "SvelteKit",
    example: "sveltekit",
    build: "npm run build",
    start: "npm run serve",
    // Uploads are limited to half a megabyte unless the adapter has another limit.
    env: { BODY_SIZE_LIMIT: "Infinity" },
    paths: ["/admin/__data.json", "/public/__data.json/../../admin", "/admin/__route.js"],
  },
  {
    name: "Astro",
    example: "astro",
    build: "npm run build",
    start: "npm run serve",
    env: { ASTRO_TELEMETRY_DISABLED: "1" },
  },
  {
    name: "React Router",
    example: "react-router",
    build: "npm run build",
    start: "npm run serve",
    // Its server answers 500 to a request target with an origin.
    unclear: /^path-absolute$/,
    paths: [
      "/admin.data",
      "/_root.data",
      "/admin.data?_routes=routes/admin",
      "/public/../admin.data",
    ],
  },
  {
    name: "Elysia",
    example: "elysia",
    start: "bun --preload ./fault.mjs server.ts",
    copyFault: true,
    preload: false,
  },
  {
    name: "Nest",
    example: "nest",
    build: "npm run build",
    start: "npm run serve",
  },
  {
    name: "Nest by its guard alone",
    example: "nest",
    folder: "nest-guard",
    replace: { "main.ts": [BY_GUARD] },
    build: "npm run build",
    start: "npm run serve",
  },
  {
    name: "Nest on Fastify",
    example: "nest",
    folder: "nest-fastify",
    replace: { "main.ts": ON_FASTIFY },
    build: "npm run build",
    start: "npm run serve",
  },
  {
    name: "Nest, GraphQL",
    example: "nest",
    folder: "nest-graphql",
    replace: { "main.ts": [BY_GUARD] },
    build: "npm run build",
    start: "npm run serve",
    checks: NEST_GRAPHQL,
    // Apollo shows stack traces everywhere else.
    env: { NODE_ENV: "production" },
  },
  {
    name: "Nest on Fastify, GraphQL",
    example: "nest",
    folder: "nest-fastify-graphql",
    replace: { "main.ts": [...ON_FASTIFY, BY_GUARD] },
    build: "npm run build",
    start: "npm run serve",
    checks: NEST_GRAPHQL,
    env: { NODE_ENV: "production" },
  },
  { name: "Nest, options of the guard", folder: "nest-options", checks: NEST_OPTIONS },
  { name: "tRPC", example: "trpc", checks: TRPC },
  { name: "GraphQL Yoga", example: "graphql-yoga", checks: YOGA },
  { name: "MCP server", example: "mcp", checks: MCP },
  { name: "MCP, by the SDK's own client", folder: "mcp-client", checks: MCP_CLIENT },
  {
    name: "TanStack Start",
    example: "tanstack-start",
    build: "npm run build",
    start: "npm run serve",
    checks: TANSTACK,
  },
  { name: "upgrade (ws)", example: "upgrade", checks: SOCKET_CHECKS },
  { name: "WebSockets under attack", folder: "siege", checks: SIEGE },
  ...OLDEST,
  { name: "options of adapters", folder: "options", checks: OPTIONS },
  { name: "mounted routers", folder: "mounted", checks: MOUNTED },
  { name: "what options let through", folder: "let-through", checks: LET_THROUGH },
  { name: "error handlers that go on", folder: "swallowed", checks: SWALLOWED },
  { name: "the frameworks' own types", folder: "types", checks: TYPES },
  { name: "browser helper in Chromium", folder: "browser", checks: BROWSER },
  { name: "behind Local Access", folder: "local", checks: ONE_COMMAND },
  { name: "the guide's samples", folder: "samples", checks: [...SAMPLES, ...WRONG_SAMPLES] },
  { name: "getting started", folder: "getting-started", checks: GETTING_STARTED },
  { name: "the guide's pages", folder: "guide", checks: PAGES },
];
