import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder with the configurations that the pages show. */
export const EXAMPLES = new URL("../../examples/guard/", import.meta.url).pathname;

const running = new Set();

/** Ends everything that was started, by its process. */
export async function endAll() {
  await Promise.all(
    [...running].map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await once(child, "exit");
      clearTimeout(timer);
    }),
  );
}

/** A program in the background, and what it has written. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      child.text += chunk;
    });
  }
  child.on("error", (error) => {
    child.text += error.message;
  });
  return child;
}

/** Waits until something listens, for a minute at most. */
export async function listens(port, child) {
  for (let times = 0; times < 600; times++) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return port;
    if (child?.exitCode !== null && child !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on ${port}: ${child?.text}`);
}

/** A configuration of the examples with this run's ports, in a folder of its own. */
export function configure(file, { front, guard, app }) {
  const folder = mkdtempSync(join(tmpdir(), "postern-guard-"));
  cpSync(EXAMPLES, folder, { recursive: true });
  const text = readFileSync(join(EXAMPLES, file), "utf8")
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${front}`)
    .replaceAll("127.0.0.1:9180", `127.0.0.1:${guard}`)
    .replaceAll("127.0.0.1:8000", `127.0.0.1:${app}`);
  const path = join(folder, file);
  writeFileSync(path, text);
  return { path, folder };
}

/** How each server is started with a configuration. */
export const SERVERS = {
  nginx: {
    file: "nginx/nginx.conf",
    mode: "endpoint",
    start: ({ path, folder }) =>
      start("nginx", [
        "-c",
        path,
        "-p",
        folder,
        "-g",
        `daemon off; pid ${folder}/pid; error_log stderr;`,
      ]),
  },
  caddy: {
    file: "caddy/Caddyfile",
    mode: "endpoint",
    start: ({ path, folder }) =>
      start("caddy", ["run", "--config", path, "--adapter", "caddyfile"], {
        env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
      }),
  },
  haproxy: {
    file: "haproxy/haproxy.cfg",
    mode: "proxy",
    start: ({ path }) => start("haproxy", ["-db", "-f", path]),
  },
  apache: {
    file: "apache/httpd.conf",
    mode: "proxy",
    start: ({ path, folder }) =>
      start("apache2", [
        "-DFOREGROUND",
        "-f",
        path,
        "-c",
        `PidFile ${folder}/pid`,
        "-c",
        `ErrorLog ${folder}/error.log`,
        "-c",
        `DefaultRuntimeDir ${folder}`,
      ]),
  },
};
