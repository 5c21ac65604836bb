import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { promisify } from "node:util";

const run = promisify(execFile);
const running = [];

/** On one core each: the server that is measured on the first, all that measures it on the second. */
const MEASURED = ["taskset", "-c", "0"];
const MEASURING = ["taskset", "-c", "1"];

function start([command, ...args]) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  child.text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      child.text += chunk;
    });
  }
  return child;
}

/** Ends what was started, by its process. */
export async function endAll() {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    await once(child, "exit");
    clearTimeout(timer);
  }
}

/** A server in Node that says where it listens. */
export async function serve(...args) {
  const child = start([...MEASURED, process.execPath, ...args]);
  for (let turn = 0; turn < 150; turn++) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(child.text) ?? [];
    if (url !== undefined) return { url };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`a server does not listen: ${child.text}`);
}

/** nginx with a configuration, on the core of the measured or of the measuring. */
export async function startNginx(folder, file, port, isMeasured) {
  const global = `daemon off; master_process off; pid ${folder}/${port}.pid; error_log stderr;`;
  const pinned = isMeasured ? MEASURED : MEASURING;
  const child = start([...pinned, "nginx", "-p", folder, "-c", file, "-g", global]);
  for (let turn = 0; turn < 100; turn++) {
    if (await listens(port)) return { url: `http://127.0.0.1:${port}` };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nginx does not listen: ${child.text}`);
}

async function listens(port) {
  const socket = connect(port, "127.0.0.1");
  const isThere = await new Promise((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return isThere;
}

export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const MILLISECONDS = { us: 0.001, ms: 1, s: 1000 };

/**
 * Asks a server as fast as it answers.
 *
 * @returns requests a second, and latencies in milliseconds
 */
export async function ask({ url }, { seconds, connections, headers = {}, script = [] }) {
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    "20s",
    "--latency",
    ...fields,
  ];
  const lua = script.length === 0 ? [] : ["-s", script[0]];
  const tail = script.length === 0 ? [] : ["--", ...script.slice(1)];
  const [command, ...pinned] = MEASURING;
  const { stdout } = await run(command, [...pinned, "wrk", ...args, ...lua, url, ...tail]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}: ${stdout}`);
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout);
  const latency = (share) => {
    const [, value, unit] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout);
    return Number(value) * MILLISECONDS[unit];
  };
  return { rate: Number(rate), p50: latency(50), p99: latency(99) };
}

/** Signatures verified, without anything else: how many a second. */
export async function verifyRaw(script, file, seconds) {
  const [command, ...pinned] = MEASURED;
  const { stdout } = await run(command, [
    ...pinned,
    process.execPath,
    script,
    file,
    String(seconds),
  ]);
  return JSON.parse(stdout);
}
