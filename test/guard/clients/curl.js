import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { start } from "../machines.js";

const run = promisify(execFile);
const ALWAYS = ["-sS", "-m", "60", "-w", "\n%{http_code}"];

/** What curl is told, so that a token is where Access puts it. */
export const bearing = (token) => ["-H", `Cf-Access-Jwt-Assertion: ${token}`];

function read(output) {
  const end = output.lastIndexOf("\n");
  return { status: Number(output.slice(end + 1)), body: output.slice(0, end) };
}

/** curl's status and body. */
export async function curl(...args) {
  const { stdout } = await run("curl", [...ALWAYS, ...args], { maxBuffer: 64 * 2 ** 20 });
  return read(stdout);
}

/** One that runs while the test does something else; `ended` is its status and body. */
export function startCurl(...args) {
  const child = start("curl", ["-N", ...ALWAYS, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", () => resolve(read(child.text))));
  return { child, ended };
}
