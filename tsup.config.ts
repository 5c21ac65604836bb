import { defineConfig, type Options } from "tsup";

// Every entry is one self-contained file: import time is dominated by the number of files.
const options: Options = {
  entry: {
    index: "src/index.ts",
    stores: "src/stores/index.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: false,
  sourcemap: true,
  dts: true,
  // The command is built at the same time, and must not be swept away.
  clean: ["!cli.js*"],
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

export default defineConfig([options, command]) as Options[];
