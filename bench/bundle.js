// One bundle by esbuild: for a browser, minified, and after gzip at its strongest.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const root = fileURLToPath(new URL("../", import.meta.url));

/** @returns bytes, minified and after gzip */
export async function bundledBytes(source, resolveDir, options) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir },
    absWorkingDir: resolveDir,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
    ...options,
  });
  const [{ contents }] = outputFiles;
  return { minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}
