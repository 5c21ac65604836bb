import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { LikeliestFirst } from "./likeliest-first.js";

const rooms = process.env.POSTERN_TEST_ROOMS.split(",");

/** The tests of some rooms, with ready-made RSA keys. */
export default defineConfig({
  test: {
    include: rooms.map((room) => `test/${room}/**/*.test.ts`),
    exclude: [
      ...configDefaults.exclude,
      // It compiles for seconds, and no change is one of types.
      "test/verify/compiler-messages.test.ts",
      // It measures memory for seconds, and a change of memory alone is explained in survivors.json.
      "test/verify/waiting-tokens.test.ts",
      // A loop is endless at a hundred times its usual rounds: with these, only after minutes.
      "test/encoding/large-json.test.ts",
    ],
    setupFiles: [join(import.meta.dirname, "ready-made-keys.js")],
    sequence: { sequencer: LikeliestFirst },
    // A test that waits forever fails before the time limit of its change.
    testTimeout: Number(process.env.POSTERN_TEST_TIMEOUT),
  },
});
