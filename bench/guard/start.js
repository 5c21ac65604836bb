// Measures the guard beside servers without checks, and writes results.json and
// docs/guard-performance.md.
// npm --prefix bench/guard start
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createTestIssuer } from "../../dist/testing.js";
import { endAll } from "../../test/guard/machines.js";
import { freePort } from "../../test/support/free-port.js";
import { alone, application, guarded } from "./nginx.js";
import { writePage } from "./page.js";
import { ask, serve, startNginx, verifyRaw } from "./processes.js";

const ROUNDS = 5;
const SECONDS = 2;
const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
/** More than the guard remembers, so that each is new to it when its turn comes. */
const TOKENS = 12_000;

const here = (path) => new URL(path, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "postern-bench-guard-"));
const certs = createServer((_request, response) => response.end(JSON.stringify(issuer.jwks())));
certs.listen(0, "127.0.0.1");
await once(certs, "listening");
const team = `http://127.0.0.1:${certs.address().port}`;
const issuer = await createTestIssuer({ team, audience: AUD });

async function signed(count) {
  const made = [];
  while (made.length < count) {
    const subs = Array.from({ length: 100 }, (_, at) => `u${made.length + at}`);
    made.push(...(await Promise.all(subs.map((sub) => issuer.userToken({ sub })))));
  }
  return made;
}

try {
  const tokens = await signed(TOKENS);
  const [list, raw] = [join(folder, "tokens.txt"), join(folder, "raw.json")];
  writeFileSync(list, tokens.join("\n"));
  const { keys } = issuer.jwks();
  const jwk = keys.find(({ kid }) => kid === issuer.kid);
  writeFileSync(raw, JSON.stringify({ jwk, tokens: tokens.slice(0, 2000) }));

  const port = await freePort();
  const target = await startNginx(folder, application(folder, port), port, false);
  const guard = (...more) =>
    serve(
      here("../../dist/cli.js"),
      "guard",
      "--team",
      team,
      "--audience",
      AUD,
      "--listen",
      "127.0.0.1:0",
      "--log",
      "off",
      ...more,
    );
  const endpoint = await guard();
  const [alonePort, guardedPort] = [await freePort(), await freePort()];
  const urls = {
    bare: await serve(here("servers/bare.js")),
    plainProxy: await serve(here("servers/plain-proxy.js"), target.url),
    guardProxy: await guard("--target", target.url),
    nginx: await startNginx(folder, alone(folder, alonePort, target.url), alonePort, true),
    nginxGuarded: await startNginx(
      folder,
      guarded(folder, guardedPort, target.url, endpoint.url),
      guardedPort,
      true,
    ),
  };
  const auth = { ...endpoint, url: `${endpoint.url}/auth` };
  const headers = { "Cf-Access-Jwt-Assertion": tokens[0] };
  const many = { seconds: SECONDS, connections: 32, headers };
  const one = { seconds: SECONDS, connections: 1, headers };
  const measures = {
    bare: () => ask(urls.bare, many),
    repeated: () => ask(auth, many),
    distinct: () => ask(auth, { ...many, headers: {}, script: [here("distinct.lua"), list] }),
    raw: () => verifyRaw(here("servers/raw.js"), raw, SECONDS),
    plainProxy: () => ask(urls.plainProxy, many),
    guardProxy: () => ask(urls.guardProxy, many),
    nginx: () => ask(urls.nginx, many),
    alone: () => ask(urls.nginx, one),
    guarded: () => ask(urls.nginxGuarded, one),
  };
  const rounds = [];
  // The first round is for the compiler, and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const found = {};
    for (const [name, measure] of Object.entries(measures)) found[name] = await measure();
    if (round > 0) rounds.push(found);
    console.error(`round ${round} of ${ROUNDS}`);
  }
  const machine = { processor: cpus()[0].model, cores: cpus().length, node: process.versions.node };
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    here("results.json"),
    `${JSON.stringify({ date, machine, seconds: SECONDS, rounds }, null, 2)}\n`,
  );
  writePage();
} finally {
  await endAll();
  certs.close();
  certs.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
