import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { COMMIT, checkSum, folderOfVectors, SUMS } from "./files.js";

const BASE = `https://raw.githubusercontent.com/C2SP/wycheproof/${COMMIT}/`;
const LIMIT_MS = 60_000;
const MAX_BYTES = 5_000_000;

/**
 * Fetches the vectors of the pinned commit, and their licence. All are checked before any is
 * written.
 * @param base the address of the repository's root
 * @throws {Error} when one cannot be fetched, or is not the file of the commit
 */
export async function fetchVectors(folder, { base = BASE, sums = SUMS } = {}) {
  const files = new Map();
  for (const name of Object.keys(sums)) {
    const bytes = await fetchBytes(new URL(`testvectors_v1/${name}`, base));
    checkSum(name, bytes, sums);
    files.set(name, bytes);
  }
  files.set("LICENSE", await fetchBytes(new URL("LICENSE", base)));
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) {
    // A reader finds a whole file or none.
    const path = join(folder, name);
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
  }
  return files.size;
}

async function fetchBytes(url) {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(LIMIT_MS) });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  const chunks = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`${url} is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

if (process.argv[1] === import.meta.filename) {
  const folder = folderOfVectors();
  console.log(`${await fetchVectors(folder)} files are in ${folder}`);
}
