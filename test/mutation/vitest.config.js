import { join } from "node:path";
import { defineConfig } from "vitest/config";

const rooms = ["encoding", "token", "access", "keys", "verify", "http", "testing"];

/** The tests that are for the core, with ready-made RSA keys. */
export default defineConfig({
  test: {
    include: ["test/*.test.ts", ...rooms.map((room) => `test/${room}/**/*.test.ts`)],
    exclude: ["test/{architecture,size,types,workflows,security-model}.test.ts"],
    setupFiles: [join(import.meta.dirname, "ready-made-keys.js")],
  },
});
