#!/usr/bin/env node
import { nodeTerminal } from "./node-terminal.ts";
import { run } from "./run.ts";

// A reader that stops early, like `head`, is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await run(process.argv.slice(2), nodeTerminal(process));
