import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** The commit of C2SP/wycheproof whose files these are. */
export const COMMIT = "dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166";

/** Each file with its SHA-256. */
export const SUMS = {
  "json_web_key_test.json": "be983255bce26406f97020ec5458b33930a90d5f868e604fcd569c300aba2862",
  "json_web_signature_test.json":
    "8e687a06fe8359f4ec51480f1a9f73c8faebd6f4c01b818b843b44eee54fd5d9",
  "rsa_signature_2048_sha256_test.json":
    "94a917b01ff50fb874cfc05bf29b4af44868d944a6558201cf18380da93fb393",
  "rsa_signature_3072_sha256_test.json":
    "0f5f18cabfaad3e2792e82f7e9882f8999049b456714de924b8a5e202f61ca43",
  "rsa_signature_4096_sha256_test.json":
    "957aca128e30bd02c8982f8ca482d6521d16683f4bbc3f193cdfd4c8f04bc667",
};

/** Where the vectors are: not in the repository, which does not copy them. */
export function folderOfVectors(env = process.env) {
  return resolve(ROOT, env.POSTERN_VECTORS || join("..", "shared", "vectors"), "wycheproof");
}

/** @throws {Error} when the bytes are not those of the commit */
export function checkSum(name, bytes, sums) {
  const sum = createHash("sha256").update(bytes).digest("hex");
  if (sum !== sums[name]) throw new Error(`${name} is not the file of the commit: SHA-256 ${sum}`);
}

/**
 * The contents of the files, by name. Without the folder a developer's run goes on without them and
 * prints how to get them; a gate (`CI`) fails.
 * @returns `undefined` when there are none
 * @throws {Error} when a file is missing or is not that of the commit
 */
export async function readVectors({ env = process.env, sums = SUMS, say = console.error } = {}) {
  const folder = folderOfVectors(env);
  const files = {};
  for (const name of Object.keys(sums)) {
    let bytes;
    try {
      bytes = await readFile(join(folder, name));
    } catch (cause) {
      if (cause.code !== "ENOENT") throw cause;
      const hint = `no ${name} in ${folder}: "npm run vectors" fetches it`;
      if (env.CI) throw new Error(hint, { cause });
      say(hint);
      return undefined;
    }
    checkSum(name, bytes, sums);
    files[name] = JSON.parse(bytes.toString("utf8"));
  }
  return files;
}
