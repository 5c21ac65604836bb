#!/usr/bin/env node
import { nodeTerminal } from "./node-terminal.ts";
import { run } from "./run.ts";
import { EXIT } from "./terminal.ts";

// The disk is full, or the reader has stopped. A running guard goes on without its log.
let isLost = false;
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  // A reader like `head` stops early, which is not an error.
  if (isLost || code === "EPIPE") return;
  isLost = true;
  process.exitCode = EXIT.usage;
  process.stderr.write(`Standard output cannot be written (${code}).\n`);
});
process.stderr.on("error", () => {});
const code = await run(process.argv.slice(2), nodeTerminal(process));
if (!isLost) process.exitCode = code;
