// The exploration as one file, round the shipped policy or round a changed one.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const FOLDER = import.meta.dirname;
export const KEYS = join(FOLDER, "..", "..", "src", "keys");

/** The text of a file of the policy. */
export const textOf = (file) => readFileSync(join(KEYS, file), "utf8");

/**
 * @param outfile where to put it
 * @param changed text to take instead of a file of the policy, by the file's name
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
        name: "changed-policy",
        setup(building) {
          building.onLoad({ filter: /(refresh|lookup)-policy\.ts$/ }, ({ path }) => ({
            contents: changed[basename(path)] ?? readFileSync(path, "utf8"),
            loader: "ts",
          }));
        },
      },
    ],
  });
  return outfile;
}
