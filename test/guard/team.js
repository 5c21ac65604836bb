import { createServer } from "node:http";
import { createTestIssuer } from "../../dist/testing.js";
import { start } from "./machines.js";

export const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
export const CLI = new URL("../../dist/cli.js", import.meta.url).pathname;

/** While it is true, the team's keys cannot be fetched. */
export const outage = { isOn: false };

// On loopback, so that the command fetches its keys as it would a team's.
export const certs = createServer((_request, response) => {
  if (outage.isOn) return response.writeHead(503).end();
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(issuer.jwks()));
});
await new Promise((resolve) => certs.listen(0, "127.0.0.1", resolve));

export const team = `http://127.0.0.1:${certs.address().port}`;
export const issuer = await createTestIssuer({ team, audience: AUD });
export const person = await issuer.userToken({ email: "ada@example.com", sub: "u1" });
export const service = await issuer.serviceToken({ common_name: "ci.access" });
const stranger = await createTestIssuer({ team, audience: AUD });
export const forged = await stranger.userToken({ email: "ada@example.com" });

/** Waits until a program has said something, for a minute at most. */
export async function says(child, pattern) {
  for (let times = 0; times < 600; times++) {
    const found = pattern.exec(child.text);
    if (found !== null) return found;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it does not say ${pattern}: ${child.text}`);
}

/** Any program that is the guard, on a free port. */
export async function startProgram(command, before, args, options) {
  const child = start(command, [...before, "guard", "--listen", "127.0.0.1:0", ...args], options);
  const [, port] = await says(child, / on http:\/\/[\d.]+:(\d+)/);
  return { child, port: Number(port) };
}

export function startGuard(...args) {
  return startProgram(process.execPath, [CLI], ["--team", team, "--audience", AUD, ...args]);
}

/** The status of one question. */
export async function ask(port, token, path = "/auth") {
  const headers = { connection: "close", ...(token && { "cf-access-jwt-assertion": token }) };
  const signal = AbortSignal.timeout(20_000);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal });
  await answer.arrayBuffer();
  return answer.status;
}

/** Ends it as systemd would: the exit code. */
export async function terminate(child) {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  return exit;
}
