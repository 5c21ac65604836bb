// The guards under test, in a process of their own: a crash ends it, and its memory is theirs alone.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startGuard } from "../../../dist/guard.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

process.once("message", async ({ team, jwks, variants, secrets }) => {
  const leaks = new Set();
  const guards = [];
  for (const options of variants) {
    const guard = await startGuard({
      ...options,
      team,
      listen: "127.0.0.1:0",
      fetch: async () => new Response(jwks),
      // Short, so that many cases that hang fit into a run.
      headerTimeoutSeconds: 4,
      idleTimeoutSeconds: 1.5,
      targetTimeoutSeconds: 8,
      drainTimeoutSeconds: 1,
      writeLog(line) {
        if (secrets.some((secret) => line.includes(secret))) leaks.add(line);
      },
    });
    guards.push(guard);
  }
  process.on("message", async (what) => {
    if (what === "memory") {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      process.send({ memory: heapUsed + external, leaks: leaks.size });
    }
    if (what === "end") {
      await Promise.all(guards.map((guard) => guard.close()));
      process.disconnect();
    }
  });
  process.send({ ports: guards.map(({ url }) => Number(new URL(url).port)) });
});
