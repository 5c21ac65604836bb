// The guard under test, in a process of its own, so that its memory is its own.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startGuard } from "../../../dist/guard.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

// Also when the run ends without a word.
process.once("disconnect", () => process.exit());

process.once("message", async (given) => {
  const options = { ...given, listen: "127.0.0.1:0", log: "off" };
  const guard = await startGuard(options);
  process.on("message", async (what) => {
    if (what === "look") {
      // It keeps its keys and forgets the tokens that it has accepted. It remembers up to 10,000, about 15 MB, and
      // that they become more would look like a leak for the first ten minutes.
      await guard.reload(options);
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      const handles = process.getActiveResourcesInfo().length;
      process.send({ memory: heapUsed + external, handles });
    }
    if (what === "end") {
      await guard.close();
      process.disconnect();
    }
  });
  process.send({ port: Number(new URL(guard.url).port) });
});
