// The oldest supported releases, tested like the newest: oldest/package.json lists them.
import { readFileSync } from "node:fs";
import { BY_GUARD } from "./lib/nest.js";
import { NEST_GRAPHQL } from "./lib/rpc-checks.js";
import { SOCKET_CHECKS } from "./sockets.js";

const { dependencies } = JSON.parse(
  readFileSync(new URL("oldest/package.json", import.meta.url), "utf8"),
);

/** A row whose copy finds the oldest releases beside it. */
const oldest = (title, packageName, framework) => ({
  name: `${title} ${dependencies[packageName]}`,
  folder: `oldest-${framework.example ?? framework.variant}`,
  isOldest: true,
  // What knocks test is the guard, which is the same as in front of the newest release.
  without: ["is called shut by postern knock"],
  ...framework,
});

const BUILT = { build: "npm run build", start: "npm run serve" };

export const OLDEST = [
  oldest("Express", "express", { example: "express" }),
  oldest("Connect", "connect", { variant: "connect" }),
  oldest("Polka", "polka", { variant: "polka" }),
  oldest("Fastify", "fastify", { example: "fastify" }),
  oldest("Koa", "koa", { example: "koa", isTextOnly: true }),
  oldest("Hono", "hono", { example: "hono" }),
  oldest("h3", "h3", { variant: "h3v1" }),
  oldest("ws", "ws", { example: "upgrade", checks: SOCKET_CHECKS }),
  oldest("Elysia", "elysia", {
    example: "elysia",
    start: "bun --preload ./fault.mjs server.ts",
    copyFault: true,
    preload: false,
  }),
  oldest("Nest", "@nestjs/core", {
    example: "nest",
    // The guard alone: the line that guards all of HTTP is for Express.
    replace: { "main.ts": [BY_GUARD] },
    ...BUILT,
  }),
  oldest("Nest GraphQL", "@nestjs/graphql", {
    example: "nest",
    folder: "oldest-nest-graphql",
    replace: { "main.ts": [BY_GUARD] },
    checks: NEST_GRAPHQL,
    env: { NODE_ENV: "production" },
    ...BUILT,
  }),
  oldest("SvelteKit", "@sveltejs/kit", {
    example: "sveltekit",
    variant: "sveltekit2",
    // Without ORIGIN, the Node adapter of that release ends the process on a Host with userinfo.
    env: { BODY_SIZE_LIMIT: "0", ORIGIN: "https://app.example" },
    ...BUILT,
  }),
  oldest("Astro", "astro", {
    example: "astro",
    env: { ASTRO_TELEMETRY_DISABLED: "1" },
    ...BUILT,
  }),
  oldest("React Router", "react-router", {
    example: "react-router",
    // The default of every application from version 8.
    replace: {
      "react-router.config.js": [["ssr: true", "ssr: true, future: { v8_middleware: true }"]],
    },
    paths: ["/admin.data", "/_root.data", "/public/../admin.data"],
    ...BUILT,
  }),
  oldest("Next.js", "next", {
    example: "next",
    variant: "next15",
    prepend: "middleware.js",
    env: { NEXT_TELEMETRY_DISABLED: "1" },
    ...BUILT,
  }),
];
