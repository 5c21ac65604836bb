// The types alone: tests read this file, and tsup takes half a second to load.
import type { Options } from "tsup";

// Every entry is one self-contained file: import time is dominated by the number of files.
const options: Options = {
  entry: {
    index: "src/index.ts",
    local: "src/local/index.ts",
    guard: "src/guard/index.ts",
    "forward-auth": "src/adapters/forward-auth.ts",
    stores: "src/stores/index.ts",
    testing: "src/knock/testing.ts",
    fetch: "src/adapters/fetch.ts",
    hono: "src/adapters/hono.ts",
    express: "src/adapters/express.ts",
    fastify: "src/adapters/fastify.ts",
    koa: "src/adapters/koa.ts",
    nest: "src/adapters/nest.ts",
    next: "src/adapters/next.ts",
    sveltekit: "src/adapters/sveltekit.ts",
    astro: "src/adapters/astro.ts",
    "react-router": "src/adapters/react-router.ts",
    h3: "src/adapters/h3.ts",
    elysia: "src/adapters/elysia.ts",
    pages: "src/adapters/pages.ts",
    upgrade: "src/adapters/upgrade.ts",
    mcp: "src/adapters/mcp.ts",
    checks: "src/checks/index.ts",
    browser: "src/browser/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: false,
  external: [/^node:/],
  removeNodeProtocol: false,
  sourcemap: true,
  dts: true,
  // The command is built at the same time, and must not be swept away.
  clean: ["!cli.js*"],
  esbuildOptions(options, { format }) {
    // Local Access finds the inspector beside itself, as a CommonJS module as well.
    if (format === "cjs")
      options.define = { ...options.define, "import.meta.dirname": "__dirname" };
  },
};

// The command is a program: ESM for Node, without declarations.
const command: Options = {
  entry: { cli: "src/cli/main.ts" },
  format: ["esm"],
  target: "node20",
  platform: "node",
  removeNodeProtocol: false,
  splitting: false,
  sourcemap: true,
};

const config: readonly Options[] = [options, command];
export default config;
