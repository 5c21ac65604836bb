import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createClient } from "redis";

/** A real Redis on a free port of the loopback interface, which keeps nothing on disk. */
export async function startRedis() {
  const port = await freePort();
  const process = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const failed = once(process, "error").then(([error]) => {
    throw new Error("redis-server is needed: apt-get install redis-server", { cause: error });
  });
  await Promise.race([readyLine(process), failed]);
  return {
    url: `redis://127.0.0.1:${port}`,
    /** Stops answering, with every connection open. */
    freeze: () => process.kill("SIGSTOP"),
    thaw: () => process.kill("SIGCONT"),
    async stop() {
      process.kill("SIGCONT");
      process.kill("SIGKILL");
      if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
    },
  };
}

/** A client to inspect the stored texts directly. */
export async function connect(url) {
  const client = createClient({ url });
  client.on("error", () => {});
  return client.connect();
}

async function readyLine(process) {
  let output = "";
  for await (const chunk of process.stdout) {
    output += chunk;
    if (output.includes("Ready to accept connections")) break;
  }
  process.stdout.destroy();
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
