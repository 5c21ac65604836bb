import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const least = { lines: 98, branches: 98, functions: 98, statements: 98 };

// These need another runtime, a built package or a framework: each has a runner of its own.
const elsewhere = [
  "**/node_modules/**",
  ...["runtime", "package", "adapters", "interop", "workers"].map((dir) => `test/${dir}/**`),
];

// These change what every module sees, replace a framework in their own way, or measure memory and turns of the
// event loop. All other files share one set of loaded modules, which saves a third of their CPU time: they leave
// nothing behind.
const apart = [
  "test/adapters-unit/{framework,nitro,wait-until}.test.ts",
  "test/options/options.test.ts",
  "test/verify/{polluted-options,pollution,replaced-built-ins,payload-parsing,waiting-tokens,turns,shared-signature}.test.ts",
];

// A machine may be busy. What hangs is still found.
const testTimeout = 30_000;

const keys = "test/support/ready-made-keys.js";

// Many tests wait for sockets and processes, so more workers than cores are faster. Two cores took 82 s with
// 2 workers, 71 s with 3 and 64 s with 4, when each file still had a process of its own.
const maxWorkers = availableParallelism() + 2;

const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        test: {
          name: "apart",
          testTimeout,
          include: apart,
          setupFiles: [keys],
        },
      },
      {
        test: {
          name: "together",
          testTimeout,
          include: ["test/**/*.test.ts"],
          exclude: [...elsewhere, ...apart],
          isolate: false,
          setupFiles: [keys, "test/support/leave-nothing.ts"],
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      thresholds: {
        "src/{encoding,http,token,keys,access,verify}/**/*.ts": least,
        "src/*.ts": least,
      },
    },
  },
});

export default config;
