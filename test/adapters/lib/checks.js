// The behaviour of every guarded application, checked over HTTP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { HEADERS, HOSTS, PATHS } from "./attacks.js";
import { send, sendRaw, withToken } from "./http.js";

const SECRETS = ["the admin area", "user ", "service ", '"kind"'];

/** The caller's identity as an application answers it, in words or as a principal in JSON. */
export function greeted(text) {
  return text.replace(
    /^\{"kind":"(user|service)",.*"(?:email|name)":"([^"]*)".*$/s,
    (_, kind, name) => `${kind} ${name}`,
  );
}

const get = (app, token, headers = {}) =>
  send(app.at("/"), { headers: { ...withToken(token), ...headers } });

function refused(answer, status) {
  assert.equal(answer.status, status, `status ${answer.status} ${answer.text.slice(0, 200)}`);
  assert.match(answer.headers["cache-control"] ?? "", /no-store/);
  for (const secret of SECRETS)
    assert.ok(!answer.text.includes(secret), "the body reveals a secret");
  if (status === 401) assert.match(answer.headers["www-authenticate"] ?? "", /^Bearer /);
  if (status === 503) assert.match(answer.headers["retry-after"] ?? "", /^[1-9]\d*$/);
}

async function greets(app, token, identity) {
  const { status, text } = await get(app, token);
  assert.equal(status, 200, `status ${status} ${text.slice(0, 200)}`);
  assert.ok(greeted(text).includes(identity), `says ${text.slice(0, 200)}`);
}

const COMMAND = fileURLToPath(new URL("../node_modules/postern/dist/cli.js", import.meta.url));

/** Runs `postern knock` at an application, and returns its report. */
async function knock({ at, issuer }) {
  const args = ["knock", at("/"), "--json", "--team", issuer.url, "--audience", issuer.audience];
  for (const path of ["/", "/admin"]) args.push("--path", path);
  const child = spawn(process.execPath, [COMMAND, ...args, "--token", "-"]);
  child.stdin.end(await issuer.userToken());
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.ok(out.startsWith("{"), err);
  return JSON.parse(out);
}

/** The order matters: the first request comes while the team's certs endpoint is down. */
export const CHECKS = [
  [
    "answers 503 with Retry-After while there are no keys",
    async (app) => {
      const answer = await get(app, await app.issuer.userToken());
      app.issuer.up();
      refused(answer, 503);
    },
  ],
  [
    "accepts a user once the keys are there",
    async (app) => {
      const token = await app.issuer.userToken({ email: "ada@example.com" });
      for (let tries = 0; tries < 40; tries++) {
        if ((await get(app, token)).status !== 503) break;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await greets(app, token, "user ada@example.com");
    },
  ],
  [
    "accepts a user by the cookie",
    async (app) => {
      const token = await app.issuer.userToken({ email: "bob@example.com" });
      const headers = { cookie: `theme=dark; CF_Authorization=${token}` };
      const { status, text } = await send(app.at("/"), { headers });
      assert.equal(status, 200);
      assert.ok(greeted(text).includes("user bob@example.com"), `says ${text.slice(0, 200)}`);
    },
  ],
  [
    "accepts a service token",
    async (app) => {
      const token = await app.issuer.serviceToken({ common_name: "backup.access" });
      await greets(app, token, "service backup.access");
    },
  ],
  [
    "refuses every request without a token",
    async (app) => {
      for (const accept of ["text/html", "application/json", "*/*"]) {
        refused(await send(app.at("/"), { headers: { accept } }), 401);
        refused(await send(app.at("/admin"), { headers: { accept } }), 401);
      }
    },
  ],
  [
    "answers JSON to a client that prefers it",
    async (app) => {
      const { headers } = await send(app.at("/"), { headers: { accept: "application/json" } });
      if (!app.isTextOnly) assert.match(headers["content-type"] ?? "", /json/);
    },
  ],
  [
    "does not let OPTIONS through",
    async (app) => {
      const { status } = await send(app.at("/"), { method: "OPTIONS" });
      assert.ok(status >= 400, `status ${status}`);
    },
  ],
  [
    "refuses a forged token",
    async (app) => {
      const [header, payload, signature] = (await app.issuer.userToken()).split(".");
      const forged = `${header}.${payload}.${signature.slice(0, -10)}AAAAAAAAAA`;
      refused(await get(app, forged), 401);
    },
  ],
  [
    "refuses an expired token",
    async (app) => {
      const iat = Math.floor(Date.now() / 1000) - 7200;
      refused(await get(app, await app.issuer.userToken({ iat, nbf: iat, exp: iat + 3600 })), 401);
    },
  ],
  [
    "refuses a genuine token that the check refuses",
    async (app) => {
      refused(await get(app, await app.issuer.userToken({ email: "mallory@evil.example" })), 403);
    },
  ],
  [
    "refuses every hostile token",
    async (app) => {
      const tokens = await app.issuer.hostileTokens();
      assert.ok(tokens.length >= 60, `only ${tokens.length} hostile tokens`);
      for (const { name, token } of tokens) {
        const { status, text } = await get(app, token);
        assert.ok(status === 401 || status === 400, `${name}: status ${status}`);
        for (const secret of SECRETS) assert.ok(!text.includes(secret), `${name}: let in`);
      }
    },
  ],
  [
    "is called shut by postern knock",
    async (app) => {
      const { verdict, knocks } = await knock(app);
      const odd = knocks.filter(({ outcome }) => outcome === "open" || outcome === "unclear");
      const isKnown = ({ name, outcome }) => outcome === "unclear" && app.unclear?.test(name);
      const wrong = odd.filter((one) => !isKnown(one));
      assert.equal(wrong.length, 0, JSON.stringify(wrong.slice(0, 5), null, 1));
      assert.equal(verdict, odd.length === 0 ? "shut" : "unclear");
      assert.ok(knocks.length >= 150, `only ${knocks.length} knocks`);
    },
  ],
  [
    "refuses when verification throws a value that is no error",
    async (app) => {
      const { status, text } = await get(
        app,
        await app.issuer.userToken({ email: "fault@example.com" }),
      );
      assert.equal(status, 500, `status ${status} ${text.slice(0, 200)}`);
      for (const secret of SECRETS) assert.ok(!text.includes(secret), "the body reveals a secret");
    },
  ],
  [
    "passes on a streamed request body unchanged",
    async (app) => {
      const chunks = Array.from({ length: 12 }, () => randomBytes(40_000));
      async function* slowly() {
        for (const chunk of chunks) {
          yield chunk;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
      const token = await app.issuer.userToken();
      const headers = { ...withToken(token), "content-type": "application/octet-stream" };
      const { status, text } = await send(app.at("/upload"), {
        method: "POST",
        headers,
        body: slowly(),
      });
      assert.ok(status === 200 || status === 201, `status ${status} ${text.slice(0, 200)}`);
      assert.ok(text.includes(createHash("sha256").update(Buffer.concat(chunks)).digest("hex")));
    },
  ],
  [
    "keeps the identities of concurrent requests apart",
    async (app) => {
      const names = Array.from({ length: 8 }, (_, index) => `user${index}@example.com`);
      const tokens = await Promise.all(names.map((email) => app.issuer.userToken({ email })));
      const turns = Array.from({ length: 48 }, (_, index) => index % names.length);
      await Promise.all(turns.map((turn) => greets(app, tokens[turn], `user ${names[turn]}`)));
    },
  ],
  [
    "opens a public path to every request",
    async (app) => {
      for (const path of ["/public", "/public?x=/../admin"]) {
        const { status, text } = await send(app.at(path));
        assert.equal(status, 200, `${path}: status ${status} ${text.slice(0, 200)}`);
        assert.ok(text.includes("open to everybody"), `${path}: says ${text.slice(0, 200)}`);
      }
    },
  ],
  [
    "opens no other path, in any spelling",
    async (app) => {
      const token = await app.issuer.userToken();
      const admin = await send(app.at("/admin"), { headers: withToken(token) });
      assert.ok(admin.text.includes("the admin area"), "the admin area is not there");
      for (const target of [...PATHS, ...(app.paths ?? [])]) {
        const { text } = await sendRaw(app.port, target);
        assert.match(text, /^HTTP\/1\.1 \d/, `${target}: no answer`);
        for (const secret of SECRETS) assert.ok(!text.includes(secret), `${target}: let in`);
      }
      for (const headers of HEADERS) {
        const { text } = await sendRaw(app.port, "/admin", headers);
        const [name] = Object.keys(headers);
        for (const secret of SECRETS) assert.ok(!text.includes(secret), `${name}: let in`);
      }
    },
  ],
  [
    "opens nothing by a public path with a malformed host",
    async (app) => {
      for (const host of HOSTS) {
        for (const headers of [
          { Host: host },
          { "X-Forwarded-Host": host },
          { "X-Forwarded-Proto": `http://${host}` },
          { Host: host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https" },
        ]) {
          const { text } = await sendRaw(app.port, "/public", headers);
          const said = JSON.stringify(headers);
          assert.match(text, /^HTTP\/1\.1 \d/, `${said}: no answer`);
          for (const secret of SECRETS) assert.ok(!text.includes(secret), `${said}: let in`);
        }
      }
    },
  ],
];

/** The checks of the root alone: for examples without other pages, and without their own check. */
const OTHER_PAGES = [
  "refuses a genuine token that the check refuses",
  "refuses when verification throws a value that is no error",
  "passes on a streamed request body unchanged",
  "opens a public path to every request",
  "opens no other path, in any spelling",
  "opens nothing by a public path with a malformed host",
];
export const SHORT_CHECKS = CHECKS.filter(([title]) => !OTHER_PAGES.includes(title));
