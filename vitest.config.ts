import { defineConfig, type ViteUserConfig } from "vitest/config";

const least = { lines: 98, branches: 98, functions: 98, statements: 98 };

const config: ViteUserConfig = defineConfig({
  test: {
    setupFiles: ["test/support/ready-made-keys.js"],
    include: ["test/**/*.test.ts"],
    // These need another runtime, a built package or a framework: each has a runner of its own.
    exclude: [
      "**/node_modules/**",
      ...["runtime", "package", "adapters", "interop", "workers"].map((dir) => `test/${dir}/**`),
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
