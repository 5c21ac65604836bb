import { resolve } from "node:path";
import builds from "../../tsup.config.ts";

const entries = Object.entries(builds[0]?.entry as Readonly<Record<string, string>>);

/** Where `postern` and its entries are, in the sources. */
export const PATHS: Readonly<Record<string, string>> = Object.fromEntries(
  entries.map(([name, file]) => [name === "index" ? "postern" : `postern/${name}`, resolve(file)]),
);
