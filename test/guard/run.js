// The guard behind real servers, in front of an application in Python.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { connect } from "node:net";
import { freePort } from "../support/free-port.js";
import { checkClients } from "./clients.js";
import { configure, EXAMPLES, endAll, listens, SERVERS, start } from "./machines.js";
import { check, report } from "./report.js";
import { canMount } from "./systemd/manager.js";
import { certs, forged, issuer, outage, person, service, startGuard } from "./team.js";

/** A WebSocket's handshake on a bare connection: the status line. */
function handshake(port, ...fields) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const head = [
      "GET /chat HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${KEY}`,
      ...fields,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.includes("first") || /^HTTP\/1\.1 [45]/.test(text)) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", () => {});
    socket.setTimeout(10_000, () => socket.destroy());
  });
}

const appPort = await freePort();
const app = start("gunicorn", [
  "--chdir",
  EXAMPLES,
  "--bind",
  `127.0.0.1:${appPort}`,
  "app:application",
]);
await listens(appPort, app);

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = createHash("sha1")
  .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest("base64");
const chat = createServer().on("upgrade", (_request, socket) => {
  socket.on("error", () => {});
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\nfirst`,
  );
});
await new Promise((resolve) => chat.listen(0, "127.0.0.1", resolve));

/** A server in front, with a guard of its own. */
async function stand(name, target) {
  const server = SERVERS[name];
  const args = server.mode === "proxy" ? ["--target", `http://127.0.0.1:${target}`] : [];
  const guard = await startGuard(...args);
  const front = await freePort();
  const child = server.start(configure(server.file, { front, guard: guard.port, app: target }));
  await listens(front, child);
  return { front, guard };
}

for (const name of Object.keys(SERVERS)) {
  const { front, guard } = await stand(name, appPort);
  const url = `http://127.0.0.1:${front}/`;
  const ask = (token, headers = {}, path = "") =>
    fetch(url + path, {
      headers: { ...headers, ...(token ? { "cf-access-jwt-assertion": token } : {}) },
      redirect: "manual",
    });

  await check(`${name} lets a person and a service in, and tells who it is`, async () => {
    const answer = await ask(person);
    assert.equal(answer.status, 200);
    const told = await answer.json();
    assert.deepEqual(
      [told.user, told.email, told.name || "", told.kind],
      ["u1", "ada@example.com", "", "user"],
    );
    const other = await (await ask(service)).json();
    assert.deepEqual(
      [other.user, other.email || "", other.name, other.kind],
      ["ci.access", "", "ci.access", "service"],
    );
  });

  await check(`${name} lets a person in by the cookie`, async () => {
    const answer = await fetch(url, { headers: { cookie: `CF_Authorization=${person}` } });
    assert.equal(answer.status, 200);
  });

  await check(
    `${name} refuses nothing, garbage and a forgery with 401 and a challenge`,
    async () => {
      for (const token of [undefined, "garbage", forged]) {
        const answer = await ask(token);
        assert.equal(answer.status, 401);
        assert.match(
          answer.headers.get("www-authenticate") ?? "",
          /^Bearer realm="Cloudflare Access"/,
        );
      }
    },
  );

  await check(`${name} passes no identity on that the client claims, in any spelling`, async () => {
    for (const token of [person, service]) {
      for (const spelling of [
        "X-Auth-Request-Email",
        "x_auth_request_email",
        "X-Auth_Request-Email",
        "X.Auth.Request.Email",
      ]) {
        for (const key of ["Email", "User", "Name", "Kind"]) {
          const header = spelling.replace(/email/i, key);
          const answer = await ask(token, { [header]: "evil" });
          assert.equal(answer.status, 200);
          assert.ok(!(await answer.text()).includes("evil"), header);
        }
      }
    }
  });

  await check(
    `${name} is not talked into another application by query or X-Forwarded-*`,
    async () => {
      const lies = {
        "x-forwarded-uri": "/auth/other",
        "x-original-uri": "/",
        "x-forwarded-host": "other",
      };
      assert.equal((await ask(undefined, lies, "?audience=other&/auth")).status, 401);
    },
  );

  await check(`${name} refuses every hostile token`, async () => {
    for (const { name: kind, token } of await issuer.hostileTokens()) {
      if (!/^[\x21-\x7e]*$/.test(token)) continue;
      const { status } = await ask(token);
      assert.ok([400, 401, 403, 431].includes(status), `${kind}: ${status}`);
    }
  });

  await check(`${name} answers 503 while no keys can be had`, async () => {
    outage.isOn = true;
    const cold = await stand(name, appPort);
    const answer = await fetch(`http://127.0.0.1:${cold.front}/`, {
      headers: { "cf-access-jwt-assertion": person },
    });
    outage.isOn = false;
    assert.equal(answer.status, 503);
  });

  await check(`${name} opens a WebSocket for who is let in, and for no other`, async () => {
    const { front: port } = await stand(name, chat.address().port);
    assert.match(
      await handshake(port, `Cf-Access-Jwt-Assertion: ${person}`),
      /^HTTP\/1\.1 101 .*first$/s,
    );
    assert.match(await handshake(port), /^HTTP\/1\.1 401 /);
  });

  await check(`the guard behind ${name} logs no token, and ends with 0`, async () => {
    for (const part of person.split(".")) assert.ok(!guard.child.text.includes(part));
    assert.match(guard.child.text, /"decision":"accepted"/);
    guard.child.kill("SIGTERM");
    const code = await new Promise((resolve) => guard.child.once("exit", resolve));
    assert.equal(code, 0);
  });
}

await check(
  "two workers share a port, and their metrics are one, as promtool likes them",
  async () => {
    const { child, port } = await startGuard("--workers", "2", "--admin", "127.0.0.1:0");
    const [, admin] = /admin on (\S+)/.exec(child.text);
    for (let times = 0; times < 10; times++) {
      await fetch(`http://127.0.0.1:${port}/auth`, {
        headers: { "cf-access-jwt-assertion": person, connection: "close" },
      });
    }
    const text = await (await fetch(`${admin}/metrics`)).text();
    assert.match(text, /decision="accepted",code=""\} 10\n/);
    const tool = start("promtool", ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
    tool.stdin.end(text);
    assert.equal(await new Promise((resolve) => tool.once("exit", resolve)), 0, tool.text);
    child.kill("SIGTERM");
    assert.equal(await new Promise((resolve) => child.once("exit", resolve)), 0);
  },
);

await checkClients({ check, startGuard, person, forged });

for (const part of ["first-steps", "schema", "questions", "workers", "systemd", "executable"]) {
  await import(`./${part}.js`);
}
// A container without the right to mount can start no systemd. These checks need the executable.
if (canMount()) await import("./started-by-systemd.js");
else console.log("not run: started-by-systemd.js, because this machine does not allow mounts");
await import("./container.js");

await endAll();
for (const server of [certs, chat]) {
  server.close();
  server.closeAllConnections();
}
report();
