// One process for each library, all at the same time, so that each has its own clock.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generate } from "selfsigned";
import { libraries } from "./libraries.js";

const run = promisify(execFile);
const SUBJECT = fileURLToPath(new URL("subject.js", import.meta.url));

/** @returns for each library, for each section, the answers in the order of its rows */
export async function measure() {
  const folder = await mkdtemp(join(tmpdir(), "postern-comparison-"));
  try {
    const env = { ...process.env, ...(await writeCertificate(folder)) };
    const ask = async (name) => {
      const { stdout } = await run(process.execPath, [SUBJECT, name], { env, timeout: 240_000 });
      return [name, JSON.parse(stdout)];
    };
    return Object.fromEntries(await Promise.all(Object.keys(libraries).map(ask)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeCertificate(folder) {
  const name = [{ name: "commonName", value: "localhost" }];
  const extensions = [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }];
  const pems = await generate(name, { algorithm: "sha256", extensions });
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  await writeFile(files.cert, pems.cert);
  await writeFile(files.key, pems.private, { mode: 0o600 });
  return {
    CERTIFICATE_FILE: files.cert,
    CERTIFICATE_KEY_FILE: files.key,
    NODE_EXTRA_CA_CERTS: files.cert,
  };
}
