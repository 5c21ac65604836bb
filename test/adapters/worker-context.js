// `ctx.access` as workerd makes it, from wrangler's own `access.dev`: accepted for its own tags
// only.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { copyExample, run, startApp } from "./lib/app.js";
import { send, withToken } from "./lib/http.js";
import { startIssuer } from "./lib/issuer.js";

const FOREIGN = "f".repeat(64);
const OTHERS = ["d".repeat(64), "e".repeat(64)];
const ADA = { email: "ada@example.com", user_uuid: "ada", geo: { country: "CZ" } };

/** The answers with this `access.dev`: without a token, as a user, as a service. */
async function visits(dev, assets) {
  const issuer = await startIssuer();
  issuer.up();
  const folder = copyExample("fetch", "worker-context");
  const tags = [issuer.audience, ...OTHERS];
  const vars = { TEAM_DOMAIN: issuer.url, POLICY_AUD: tags.join(",") };
  const access = dev && { dev: { ...dev, aud: dev.aud ?? tags[dev.tag], tag: undefined } };
  const config = { name: "context", main: "context.ts", compatibility_date: "2025-06-01", vars };
  writeFileSync(`${folder}/wrangler.json`, JSON.stringify({ ...config, access, assets }));
  const app = await startApp({
    command: "wrangler dev --ip 127.0.0.1 --port $PORT --inspector-port 0",
    folder,
    env: { WRANGLER_SEND_METRICS: "false" },
    preload: false,
  });
  try {
    const ask = async (headers) => {
      const { status, text } = await send(`${app.url}/`, { headers });
      return status === 200 ? text : status;
    };
    return [
      await ask({}),
      await ask(withToken(await issuer.userToken({ email: "bob@example.com", country: "AT" }))),
      await ask(withToken(await issuer.serviceToken({ common_name: "backup.access" }))),
      await ask(withToken(await issuer.userToken({ aud: [FOREIGN] }))),
    ];
  } finally {
    await app.stop();
    await issuer.close();
  }
}

const BY_ASSERTION = [401, "user bob@example.com assertion AT", "service backup.access", 401];
const BY_CONTEXT = Array(4).fill("user ada@example.com context CZ");

const STORIES = [
  ["without ctx.access the assertion gives the identity", undefined, BY_ASSERTION],
  ["ctx.access with the account's tag gives the identity", { tag: 2, identity: ADA }, BY_CONTEXT],
  ["ctx.access of another application is ignored", { aud: FOREIGN, identity: ADA }, BY_ASSERTION],
  ["ctx.access without an identity, as for a service, is ignored", { tag: 0 }, BY_ASSERTION],
  [
    "the condition applies to ctx.access as well",
    { tag: 1, identity: { ...ADA, email: "mallory@evil.example" } },
    [403, 403, 403, 403],
  ],
];

export const WORKER_CONTEXT = [
  ...STORIES.map(([title, dev, expected]) => [
    title,
    async () => assert.deepEqual(await visits(dev), expected),
  ]),
  [
    "context.ts compiles against the types of Workers",
    async () => {
      const folder = copyExample("fetch", "worker-context-types");
      const types =
        "declare namespace Cloudflare { interface Env { TEAM_DOMAIN: string; POLICY_AUD: string } }";
      writeFileSync(`${folder}/env.d.ts`, types);
      await run(
        "tsc --ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --module esnext " +
          "--moduleResolution bundler --target es2022 --lib es2022 --types @cloudflare/workers-types context.ts env.d.ts",
        folder,
      );
    },
  ],
];
