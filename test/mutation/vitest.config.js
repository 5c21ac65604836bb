import { join } from "node:path";
import { defineConfig } from "vitest/config";

const rooms = process.env.POSTERN_TEST_ROOMS.split(",");

/** The tests of some rooms, with ready-made RSA keys. */
export default defineConfig({
  test: {
    include: rooms.map((room) => `test/${room}/**/*.test.ts`),
    setupFiles: [join(import.meta.dirname, "ready-made-keys.js")],
  },
});
