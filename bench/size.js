// What a browser or a Worker has to load: bundled by esbuild, minified, gzip at its strongest.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../", import.meta.url));

const PEERS = [
  [
    "jose: `jwtVerify`, `createRemoteJWKSet`",
    'export { createRemoteJWKSet, jwtVerify } from "jose";',
  ],
  [
    "jose: `decodeJwt`, `decodeProtectedHeader`",
    'export { decodeJwt, decodeProtectedHeader } from "jose";',
  ],
  ["aws-jwt-verify: `JwtVerifier`", 'export { JwtVerifier } from "aws-jwt-verify";'],
];

/** @returns the rows of the table: what is imported, its bytes minified, and after gzip */
export async function measureSizes() {
  const core = [
    ["postern: `createVerifier`", 'export { createVerifier } from "./dist/index.js";'],
    ["postern: `decodeUnverified`", 'export { decodeUnverified } from "./dist/index.js";'],
    ["postern: everything", 'export * from "./dist/index.js";'],
  ];
  const rows = [];
  for (const [name, source] of [...core, ...furtherEntries()]) {
    // A framework that an adapter is for is there already, and so is Node for what needs it.
    rows.push({ name, ...(await measureBundle(source, root, { packages: "external" })) });
  }
  for (const [name, source] of PEERS) rows.push({ name, ...(await measureBundle(source, here)) });
  return rows;
}

/** Every further door of the package. */
function furtherEntries() {
  const { name, exports } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  return Object.entries(exports)
    .filter(([path, target]) => path !== "." && typeof target === "object")
    .map(([path, target]) => [
      `${name}${path.slice(1)}`,
      `export * from "${target.import.default ?? target.import}";`,
    ]);
}

/** @returns of `createVerifier`, the bytes minified by folder of the source, the largest first */
export async function measureParts() {
  const { metafile } = await bundle('export { createVerifier } from "./src/index.ts";', root, {
    metafile: true,
  });
  const parts = {};
  for (const [path, { bytesInOutput }] of Object.entries(
    Object.values(metafile.outputs)[0].inputs,
  )) {
    const [, folder] = path.split("/");
    const part = folder?.endsWith(".ts") ? "errors and mistakes" : folder;
    if (bytesInOutput > 0) parts[part] = (parts[part] ?? 0) + bytesInOutput;
  }
  return Object.entries(parts).sort(([, a], [, b]) => b - a);
}

async function measureBundle(source, resolveDir, options) {
  const { outputFiles } = await bundle(source, resolveDir, options);
  const [{ contents }] = outputFiles;
  return { minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}

function bundle(source, resolveDir, options) {
  return build({
    stdin: { contents: source, resolveDir },
    // The report's paths are relative to this, wherever the command was started.
    absWorkingDir: resolveDir,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    ...options,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(await measureSizes());
  console.table(await measureParts());
}
