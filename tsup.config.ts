import { defineConfig, type Options } from "tsup";

// Every entry is one self-contained file: import time is dominated by the number of files.
const options: Options = {
  entry: {
    index: "src/index.ts",
    local: "src/local/index.ts",
    stores: "src/stores/index.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: false,
  external: [/^node:/],
  removeNodeProtocol: false,
  sourcemap: true,
  dts: true,
  clean: true,
};

export default defineConfig(options) as Options;
