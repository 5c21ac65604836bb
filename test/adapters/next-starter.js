// What `create-next-app` makes today, with the code of the page in it: it builds without any
// variable, and guards pages and route handlers, with and without the folder `src`.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { run, startApp } from "./lib/app.js";
import { send, withToken } from "./lib/http.js";
import { startIssuer } from "./lib/issuer.js";
import { readPage, samplesOf } from "./lib/shown.js";

const RUN = fileURLToPath(new URL(".run/", import.meta.url));
const EXAMPLES = new URL("../../examples/", import.meta.url);

/** The page's files as a TypeScript project has them: the path of each, and where it is shown. */
const FILES = samplesOf(readPage("next.md"))
  .filter(({ label }) => label !== "JavaScript")
  .map(({ path }) => {
    const place = path.replace(/^next\/(?:typescript\/)?/, "").replace(/\.js(x?)$/, ".ts$1");
    return { path, place };
  });

// Without fonts from the network; everything else is the answer "yes" to every question.
const CREATE = "create-next-app . --yes --empty --no-tailwind --skip-install --disable-git";

async function createStarter(name, option, sources) {
  const folder = `${RUN}${name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Cached answers of an earlier run are not used.
  const env = { XDG_CONFIG_HOME: `${folder}-config`, NEXT_TELEMETRY_DISABLED: "1" };
  await run(`${CREATE} ${option}`, folder, { env });
  for (const { path, place } of FILES) {
    const isSource = !place.endsWith(".mjs");
    const to = `${folder}/${isSource ? sources : ""}${place}`;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(new URL(path, EXAMPLES), to);
  }
  return folder;
}

/** Builds it as a build server does, without team and audience, and serves it. */
async function asks(name, option, sources) {
  const folder = await createStarter(name, option, sources);
  const env = { NEXT_TELEMETRY_DISABLED: "1", TEAM_DOMAIN: "", POLICY_AUD: "" };
  await run("next build && node check-proxy.mjs", folder, { env });
  const issuer = await startIssuer();
  issuer.up();
  const app = await startApp({
    command: "next start --hostname 127.0.0.1 --port $PORT",
    folder,
    env: { ...env, TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience },
    preload: false,
  });
  try {
    const genuine = await issuer.userToken({ email: "ada@example.com" });
    const forged = `${genuine.slice(0, -12)}AAAAAAAAAAAA`;
    for (const path of ["/", "/whoami", "/nowhere"]) {
      for (const headers of [{}, withToken(forged)]) {
        const { status, text } = await send(`${app.url}${path}`, { headers });
        assert.equal(status, 401, `${path}: ${text.slice(0, 200)}`);
      }
    }
    for (const path of ["/", "/whoami"]) {
      const { status, text } = await send(`${app.url}${path}`, { headers: withToken(genuine) });
      assert.equal(status, 200, `${path}: ${text.slice(0, 200)}`);
      assert.ok(text.includes("ada@example.com"), `${path}: says ${text.slice(0, 200)}`);
    }
    // Next prints on its console what a page may not do before there is a request.
    assert.doesNotMatch(app.output(), /Error/);
  } finally {
    await app.stop();
    await issuer.close();
  }
}

export const NEXT_STARTER = [
  ["a new project with the page's code builds and is guarded", () => asks("next-starter", "", "")],
  ["and so is one with the folder src", () => asks("next-starter-src", "--src-dir", "src/")],
];
