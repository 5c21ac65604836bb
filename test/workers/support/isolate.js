import { get } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { startCerts } from "./certs.js";

/** Compatibility dates of Workers: before and after `cache` became an option of `fetch`. */
export const COMPATIBILITY_DATES = ["2024-09-01", "2025-06-01"];

/** A cold isolate of real workerd, behind it its own certs endpoint; both end with the test. */
export async function startIsolate(test, compatibilityDate) {
  const certs = await startCerts();
  test.after(() => certs.close());
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../worker.js", import.meta.url))],
    define: { CERTS_ORIGIN: JSON.stringify(certs.origin) },
    bundle: true,
    format: "esm",
    write: false,
  });
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0].text,
    compatibilityDate,
    // Straight to the Worker, so that a client that leaves is really gone.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    handleRuntimeStdio(...streams) {
      for (const stream of streams) stream.resume();
    },
  });
  test.after(() => miniflare.dispose());
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL();
  return { certs, request: (path, token = certs.token("someone")) => request(url, path, token) };
}

/** One request on its own connection; `reset()` cancels it under the Worker. */
function request(base, path, token) {
  const began = performance.now();
  const headers = { "cf-access-jwt-assertion": token };
  let client;
  const answer = new Promise((resolve, reject) => {
    client = get(new URL(path, base), { headers, agent: false }, async (response) => {
      const chunks = await response.toArray();
      const milliseconds = Math.round(performance.now() - began);
      resolve({ status: response.statusCode, body: String(Buffer.concat(chunks)), milliseconds });
    });
    client.on("error", reject);
  });
  return { answer, reset: () => answer.catch(() => {}) && client.socket.resetAndDestroy() };
}
