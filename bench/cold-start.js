// Import time in a fresh process, over a process that imports nothing. Each library takes a turn in
// each round; the first round only fills the caches of the file system and of the runtime.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const EMPTY = "an empty process";

const IMPORTS = {
  [EMPTY]: "export {};",
  postern: 'import { createVerifier } from "../../dist/index.js";',
  jose: 'import { createRemoteJWKSet, jwtVerify } from "jose";',
  "aws-jwt-verify": 'import { JwtVerifier } from "aws-jwt-verify";',
  "fast-jwt": 'import { createVerifier } from "fast-jwt";',
  jsonwebtoken: 'import jsonwebtoken from "jsonwebtoken";',
  "jsonwebtoken + jwks-rsa":
    'import jsonwebtoken from "jsonwebtoken";\nimport jwksRsa from "jwks-rsa";',
  "hono/jwt": 'import { verify } from "hono/jwt";',
};

/** @returns the milliseconds over the empty process, by library and round; and of the empty one */
export function measureColdStarts(runtime, rounds) {
  // Inside this folder, so that the packages are found.
  const folder = mkdtempSync(fileURLToPath(new URL("cold-", import.meta.url)));
  try {
    for (const [name, source] of Object.entries(IMPORTS)) {
      writeFileSync(fileOf(folder, name), `${source}\n`);
    }
    const names = Object.keys(IMPORTS);
    const empty = [];
    const over = {};
    for (let round = -1; round < rounds; round++) {
      const times = {};
      for (let place = 0; place < names.length; place++) {
        const name = names[(place + round + 1) % names.length];
        times[name] = timeProcess(runtime, fileOf(folder, name));
      }
      if (round < 0) continue;
      empty.push(times[EMPTY]);
      for (const name of names.slice(1)) {
        over[name] ??= [];
        over[name].push(times[name] - times[EMPTY]);
      }
    }
    return { empty, over };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fileOf(folder, name) {
  return join(folder, `${name.replaceAll(/[^a-z]+/g, "-")}.mjs`);
}

function timeProcess(runtime, file) {
  const start = performance.now();
  const { status, stderr, error } = spawnSync(runtime.file, [...runtime.run, file], {
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
  });
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${file} failed: ${error?.message ?? stderr}`);
  return milliseconds;
}
