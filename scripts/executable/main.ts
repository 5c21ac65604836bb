import cluster from "node:cluster";
import { nodeTerminal } from "../../src/cli/node-terminal.ts";
import { run } from "../../src/cli/run.ts";

declare const VERSION: string;

// A worker is started as if the program were the name of a script, so its arguments have one more
// word.
const args = process.argv.slice(cluster.isWorker ? 3 : 2);
const terminal = { ...nodeTerminal(process), version: async () => VERSION };
run(args, terminal).then((code) => {
  process.exitCode = code;
});
