// Every WebSocket sample of the guide and of the examples, under attack.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { WebSocket } from "ws";
import { copyExample, startApp } from "./lib/app.js";
import { withToken } from "./lib/http.js";
import { startIssuer } from "./lib/issuer.js";
import { besiege, resetWhileWaiting } from "./lib/siege.js";
import { startExample } from "./roads/lib/example.js";

const SOCKET_IO = "/socket.io/?EIO=4&transport=websocket";

/** How each sample is started, and the path where a genuine token opens a WebSocket. */
const SAMPLES = {
  "docs/guide/websockets.md": [startGuide, "/"],
  "docs/guide/websockets.md, in a Worker,": [startGuideWorker, "/"],
  "examples/upgrade/server.js": [startExample, "/"],
  "examples/express/socket-io.js": [startExample, SOCKET_IO],
  "examples/express/express-ws.js": [startExample, "/"],
  "examples/koa/websocket.js": [startExample, "/"],
  "examples/fastify/websocket.js": [startExample, "/"],
  "examples/trpc/sockets.js": [startExample, "/"],
  "examples/graphql-yoga/sockets.js": [startExample, "/graphql"],
};

const GUIDE = readFileSync(new URL("../../docs/guide/websockets.md", import.meta.url), "utf8");

/** The first block below a heading of the guide, with the needed changes. */
function printed(heading, changes = []) {
  const [, code] = new RegExp(`^## ${heading}\\n[^]*?^\`\`\`\\w+\\n([^]*?)^\`\`\`$`, "m").exec(
    GUIDE,
  );
  return changes.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `the guide has no ${from}`);
    return text.replace(from, to);
  }, code);
}

/** The guide's server as it is printed, except for its team, its audience and its port. */
function startGuide(_name, issuer) {
  const [audience] = /audience: "[^"]+"/.exec(printed("Node"));
  const code = printed("Node", [
    ['team: "acme"', `team: ${JSON.stringify(issuer.url)}`],
    [audience, `audience: ${JSON.stringify(issuer.audience)}`],
    ["listen(3000", "listen(Number(process.env.PORT)"],
  ]);
  const folder = copyExample(undefined, "guide-websockets");
  writeFileSync(`${folder}/server.mjs`, transformSync(code, { loader: "ts" }).code);
  return startApp({ command: "node server.mjs", folder, preload: false });
}

/** The guide's Worker as it is printed. */
function startGuideWorker(_name, issuer) {
  const folder = copyExample("fetch", "guide-websockets-worker");
  writeFileSync(`${folder}/worker.js`, printed("A Worker"));
  return startApp({
    command: "npm run serve -- --inspector-port 0",
    folder,
    env: {
      TEAM_DOMAIN: issuer.url,
      POLICY_AUD: issuer.audience,
      WRANGLER_SEND_METRICS: "false",
    },
    preload: false,
  });
}

const opens = (port, path, headers) =>
  new Promise((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    ws.on("error", () => resolve(false));
    ws.once("open", () => {
      resolve(true);
      ws.terminate();
    });
  });

async function livesOn(name, [start, path]) {
  const issuer = await startIssuer();
  let app;
  try {
    app = await start(name.replace("examples/", ""), issuer);
    const attacked = { port: app.port, issuer };
    const lives = async () => {
      assert.equal(app.hasEnded(), false, app.output());
      return opens(app.port, path, withToken(await issuer.userToken()));
    };
    await resetWhileWaiting(attacked, path);
    assert.equal(app.hasEnded(), false, app.output());
    issuer.up();
    for (let tries = 0; tries < 40 && !(await lives()); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.equal(await opens(app.port, path, {}), false, "it is open without a token");
    const foreign = { origin: "https://evil.example" };
    const token = withToken(await issuer.userToken());
    assert.equal(await opens(app.port, path, { ...token, ...foreign }), false, "from any page");
    assert.equal(await lives(), true, "a genuine token opens nothing");
    await besiege(attacked, path);
    assert.equal(await lives(), true, "a genuine token opens nothing any more");
  } finally {
    await app?.stop();
    await issuer.close();
  }
}

export const SIEGE = Object.entries(SAMPLES).map(([name, sample]) => [
  `${name} keeps running, whatever clients send and whenever they leave`,
  () => livesOn(name, sample),
]);
