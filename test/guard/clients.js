// The guard as a proxy in front of a Go application, of a static site and of a page, for curl and for a browser.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkBrowser } from "./clients/browser.js";
import { checkGo } from "./clients/go.js";
import { checkStaticSite } from "./clients/static-site.js";

/** @param tools `startGuard` starts one with more arguments; `person` is a genuine token, `forged` is not */
export async function checkClients(tools) {
  const folder = mkdtempSync(join(tmpdir(), "postern-clients-"));
  for (const part of [checkGo, checkStaticSite, checkBrowser]) await part({ ...tools, folder });
}
