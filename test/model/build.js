// The exploration as one file, round the shipped policy or round a changed one.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const FOLDER = import.meta.dirname;
const SRC = join(FOLDER, "..", "..", "src");
/** The files of src/http; all others are of src/keys. */
const IN_HTTP = ["pause.ts", "bounded-fetch.ts"];

const pathOf = (file) => join(SRC, IN_HTTP.includes(file) ? "http" : "keys", file);
/** The text of a file that is explored. */
export const textOf = (file) => readFileSync(pathOf(file), "utf8");

/**
 * @param outfile where to put it
 * @param changed text to take instead of a file that is explored, by the file's name
 */
export async function bundle(outfile, changed = {}) {
  await build({
    entryPoints: [join(FOLDER, "worker.js")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
    plugins: [
      {
        name: "changed-file",
        setup(building) {
          building.onLoad({ filter: /src.(keys|http).[\w-]+\.ts$/ }, ({ path }) => ({
            contents: changed[basename(path)] ?? readFileSync(path, "utf8"),
            loader: "ts",
          }));
        },
      },
    ],
  });
  return outfile;
}
