// What people write compiles against the frameworks' own types.
import { run } from "./lib/app.js";

const folder = new URL(".", import.meta.url).pathname;

export const TYPES = ["web", "workers", "no-node"].map((name) => [
  `types/${name} compiles`,
  () => run(`tsc -p types/${name}`, folder),
]);
