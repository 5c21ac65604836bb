// Typical code of users compiles against the frameworks' own types.
import { cpSync } from "node:fs";
import { copyExample, run } from "./lib/app.js";

const folder = new URL(".", import.meta.url).pathname;

const NEWEST = ["web", "workers", "no-node", "nest"].map((name) => [
  `types/${name} compiles`,
  () => run(`tsc -p types/${name}`, folder),
]);

/** The oldest Nest, in a project as its own command makes one. */
const COMMONJS = [
  "types/nest compiles as CommonJS, with the oldest releases",
  async () => {
    const copy = copyExample(undefined, "types-nest", { isOldest: true });
    cpSync(`${folder}types/nest`, copy, { recursive: true });
    await run("tsc -p tsconfig.commonjs.json", copy);
  },
];

export const TYPES = [...NEWEST, COMMONJS];
