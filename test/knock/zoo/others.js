// Origins in Python and Go, and nginx, from Debian's packages.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configure, listens, SERVERS } from "../../guard/machines.js";
import { freePort } from "../../support/free-port.js";
import { rightSteps } from "./guard.js";
import { serve, serveProgram } from "./serve.js";

const COMMAND =
  process.env.POSTERN_COMMAND ?? fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";

const IN_PYTHON = {
  decoded: {
    meant:
      /stranger|unsigned|websocket-forged|^(?:alg|hmac|embedded|stolen|no-kid|forged|jku|x5u|kid|foreign)/,
  },
  meta: { meant: /^meta-token/, needs: { gate: true } },
  email: { meant: /^email-header|^websocket-with-trusted-headers/ },
  forwarded: {
    meant: /^x-forwarded-for|forwarded-(?:chain|by|mapped)|^websocket-with-trusted-headers/,
  },
  agent: { meant: /^user-agent-load-balancer/ },
  errors: {
    meant:
      /^(?:assertion|password|cookie|forged|hmac|embedded|jku|x5u|kid|foreign|no-kid|websocket|meta|stranger|unsigned|alg|stolen)/,
  },
  head: { meant: /^head/ },
  query: { meant: /encoded|nul|line-feed|space|absolute|fragment/, needs: { paths: ["/admin"] } },
  prefix: { meant: /^genuine-|^forged-|^stolen-kid|stranger|unsigned|alg/, needs: { token: true } },
};
const IN_GO = {
  decoded: { meant: IN_PYTHON.decoded.meant },
  none: { meant: /^alg-none|unsigned/ },
  meta: { meant: /^meta-token/, needs: { gate: true } },
  bearer: { meant: /in-authorization|^websocket-forged/ },
  "real-ip": { meant: /^x-real-ip/ },
  host: { meant: /^host-localhost/ },
  options: { meant: /^(?:options|preflight)/ },
  websocket: { meant: /websocket|^upgrade/ },
  // The router leads from the guarded path to the one with a slash, which is not guarded.
  prefix: { meant: /./, needs: { paths: ["/admin"] } },
};
const ALL = { gate: true, token: true, paths: ["/", "/admin"] };

/** Builds the programs, and lists the origins. */
export async function otherDoors(world) {
  const folder = await mkdtemp(join(tmpdir(), "postern-knock-"));
  const binary = join(folder, "door");
  const environment = { TEAM_DOMAIN: world.team, POLICY_AUD: world.audience };
  buildGo(binary, folder);
  const python = (door) => () =>
    serveProgram(PYTHON, [join(here, "door.py")], { ...environment, DOOR: door });
  const go = (door) => () => serveProgram(binary, [], { ...environment, DOOR: door });
  const doors = (language, list, start) =>
    Object.entries(list).map(([name, door]) => [
      `${language}: ${name}`,
      { ...door, start: start(name) },
    ]);
  return {
    flawed: Object.fromEntries([...doors("Python", IN_PYTHON, python), ...doors("Go", IN_GO, go)]),
    right: {
      "Python over PyJWT": { needs: ALL, start: python("right") },
      "the vendor's Python sample, corrected": {
        needs: ALL,
        start: () => serveProgram(PYTHON, [join(here, "sample.py")], environment),
      },
      "the vendor's Go sample, corrected": { needs: ALL, start: go("right") },
      "nginx with auth_request": { needs: ALL, start: () => nginx(world, folder) },
      "nginx with postern guard": { needs: ALL, start: () => behindGuard("nginx", environment) },
      "Caddy with postern guard": { needs: ALL, start: () => behindGuard("caddy", environment) },
      "postern guard as a proxy": {
        needs: ALL,
        start: async () => {
          const application = await serve((_, response) => response.end("secret"));
          return together(await guard(environment, "--target", application.url), application);
        },
      },
    },
    clean: () => rm(folder, { recursive: true, force: true }),
  };
}

/** From Debian's packages alone, without a network. */
function buildGo(binary, folder) {
  const env = {
    ...process.env,
    ...{ GO111MODULE: "off", GOPATH: process.env.GOCODE ?? "/usr/share/gocode", GOFLAGS: "" },
    GOCACHE: join(folder, "cache"),
  };
  const built = spawnSync("go", ["build", "-o", binary, join(here, "door.go")], {
    ...{ env, encoding: "utf8", timeout: 300_000 },
  });
  if (built.status !== 0) throw new Error(`go build: ${built.error?.message ?? built.stderr}`);
}

async function guard(environment, ...more) {
  const port = await freePort();
  const args = [COMMAND, "guard", "--listen", `127.0.0.1:${port}`, "--log", "off", ...more];
  return serveProgram(process.execPath, args, environment, port);
}

/** A server with the configuration that the guide shows, `postern guard` and an application. */
async function behindGuard(name, environment) {
  const application = await serve((_, response) => response.end("secret"));
  const endpoint = await guard(environment);
  const front = await freePort();
  const portOf = ({ url }) => new URL(url).port;
  const { file, start } = SERVERS[name];
  const ports = { front, guard: portOf(endpoint), app: portOf(application) };
  const configured = configure(file, ports);
  const child = start(configured);
  const exited = once(child, "exit");
  await listens(front, child);
  const server = {
    url: `http://127.0.0.1:${front}`,
    async stop() {
      child.kill();
      await exited;
      await rm(configured.folder, { recursive: true, force: true });
    },
  };
  return together(server, endpoint, application);
}

/** Programs that make up one origin: the first one is its address. */
function together(...running) {
  return {
    url: running[0].url,
    async stop() {
      for (const one of running) await one.stop();
    },
  };
}

/** nginx in front of an application without a guard: a small endpoint decides. */
async function nginx(world, folder) {
  const steps = rightSteps(world);
  const endpoint = await serve(async (request, response) => {
    response.writeHead((await steps.admits(request)) ? 200 : 401).end();
  });
  const application = await serve((_, response) => response.end("secret"));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off; pid ${folder}/nginx.pid; error_log /dev/null crit; worker_processes 1;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b;
  fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server {
    listen 127.0.0.1:${port};
    location / { auth_request /guard; proxy_pass ${application.url}; }
    location = /guard {
      internal; proxy_pass ${endpoint.url}/; proxy_pass_request_body off; proxy_set_header Content-Length "";
    }
  }
}
`,
  );
  const server = await serveProgram("/usr/sbin/nginx", ["-c", file, "-e", "/dev/null"], {}, port);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await server.stop();
      await endpoint.stop();
      await application.stop();
    },
  };
}
