// The bytes that a browser or a Worker has to load.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundledBytes, here, root } from "./bundle.js";
import { measurePromises } from "./promises.js";

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

/** @returns the rows of the table: the import, its bytes minified, and after gzip */
export async function measureSizes() {
  const core = [
    ["postern: `createVerifier`", 'export { createVerifier } from "./dist/index.js";'],
    ["postern: `decodeUnverified`", 'export { decodeUnverified } from "./dist/index.js";'],
    ["postern: everything", 'export * from "./dist/index.js";'],
  ];
  const rows = [];
  for (const [name, source] of [...core, ...furtherEntries()]) {
    // A framework is already loaded where its adapter runs, and so is Node for what needs it.
    rows.push({ name, ...(await bundledBytes(source, root, { packages: "external" })) });
  }
  for (const [name, source] of PEERS) rows.push({ name, ...(await bundledBytes(source, here)) });
  return rows;
}

/** Every further entry of the package. */
function furtherEntries() {
  const { name, exports } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  return Object.entries(exports)
    .filter(([path, target]) => path !== "." && typeof target === "object")
    .map(([path, target]) => [
      `${name}${path.slice(1)}`,
      `export * from "${target.import.default ?? target.import}";`,
    ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(await measureSizes());
  const { whole, costs, additions } = await measurePromises();
  console.table([...whole, ...costs, ...additions]);
}
