import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { listens, start } from "../../test/guard/machines.js";

const run = promisify(execFile);

/**
 * On one core each: the measured server on the first, everything that measures it on the second.
 */
const MEASURED = ["taskset", "-c", "0"];
const MEASURING = ["taskset", "-c", "1"];

const startPinned = ([command, ...pinned], ...args) => start(command, [...pinned, ...args]);

/** A Node server that prints its address. */
export async function serve(...args) {
  const child = startPinned(MEASURED, process.execPath, ...args);
  for (let turn = 0; turn < 150; turn++) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(child.text) ?? [];
    if (url !== undefined) return { url };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`a server does not listen: ${child.text}`);
}

/** nginx with a configuration, on the core of the measured server or of the measuring programs. */
export async function startNginx(folder, file, port, isMeasured) {
  const global = `daemon off; master_process off; pid ${folder}/${port}.pid; error_log stderr;`;
  const pinned = isMeasured ? MEASURED : MEASURING;
  const child = startPinned(pinned, "nginx", "-p", folder, "-c", file, "-g", global);
  await listens(port, child);
  return { url: `http://127.0.0.1:${port}` };
}

const MILLISECONDS = { us: 0.001, ms: 1, s: 1000 };

/**
 * Sends requests to a server as fast as it answers.
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
  const wrk = (...more) => run(command, [...pinned, "wrk", ...args, ...more, ...lua, url, ...tail]);
  // One second that does not count: while a server is idle, the machine may take its memory back.
  await wrk("-d1s");
  const { stdout } = await wrk();
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}: ${stdout}`);
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout);
  const latency = (share) => {
    const [, value, unit] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout);
    return Number(value) * MILLISECONDS[unit];
  };
  return { rate: Number(rate), p50: latency(50), p99: latency(99) };
}

/** Signatures verified per second, without any other work. */
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
