import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export const KEYS_FILE = join(import.meta.dirname, "node_modules", ".keys.json");

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** As many keys as any one test file makes. */
export async function makeKeys(count = 40) {
  if (existsSync(KEYS_FILE)) return;
  const keys = [];
  for (let made = 0; made < count; made++) {
    const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const { kty, n, e, d, p, q, dp, dq, qi } = await crypto.subtle.exportKey(
      "jwk",
      pair.privateKey,
    );
    keys.push({ kty, n, e, d, p, q, dp, dq, qi });
  }
  await mkdir(dirname(KEYS_FILE), { recursive: true });
  await writeFile(KEYS_FILE, JSON.stringify(keys));
}
