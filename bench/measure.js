// The parts of the benchmark, each as one function that gives back what results.json holds.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { measureColdStarts } from "./cold-start.js";
import { REMEMBERING } from "./memory.js";
import { runScript } from "./runtimes.js";
import { createTrial } from "./speed/judge.js";
import { summarize } from "./speed/summary.js";
import { median, spread } from "./statistics.js";
import { createIssuer, forge, signTokens } from "./tokens.js";

const DISTINCT = 2_000;

/** Lends the same tokens to all measurements, in a file that is removed afterwards. */
export async function withTokens(use) {
  const issuer = await createIssuer();
  const other = await createIssuer();
  const accepted = await signTokens(issuer, DISTINCT);
  const folder = mkdtempSync(join(tmpdir(), "postern-bench-"));
  const file = join(folder, "tokens.json");
  try {
    const keys = { jwk: issuer.jwk, pem: issuer.pem, otherJwk: other.jwk };
    const trial = await createTrial(issuer);
    writeFileSync(file, JSON.stringify({ keys, accepted, forged: forge(accepted), trial }));
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function machine() {
  return {
    cpu: cpus()[0].model.trim(),
    cores: availableParallelism(),
    system: `${process.platform} ${process.arch}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function measureSpeed(runtime, tokensFile, rounds) {
  const { figures, ...about } = runScript(runtime, "speed/run.js", [tokensFile, rounds]);
  return { version: runtime.version, rounds, ...about, ...summarize(figures) };
}

export function measureColdStart(runtime, rounds) {
  const { empty, over } = measureColdStarts(runtime, rounds);
  const milliseconds = (values) => ({ milliseconds: median(values), spread: spread(values) });
  return {
    rounds,
    empty: milliseconds(empty),
    over: Object.fromEntries(
      Object.entries(over).map(([name, values]) => [name, milliseconds(values)]),
    ),
  };
}

/** Bytes of heap allocated for each of 64 verifications at once, by library. */
export function measureAllocation(runtime, tokensFile, rounds) {
  return runScript(runtime, "allocation.js", [tokensFile, rounds]);
}

export function measureMemory(runtime, tokensFile) {
  return Object.fromEntries(
    REMEMBERING.map((name) => [
      name,
      runScript(runtime, "memory.js", [name, tokensFile]).bytesPerVerdict,
    ]),
  );
}

/** The share of each function in the main thread's time, by case. */
export function measureProfile(runtime, tokensFile) {
  return runScript(runtime, "profile.js", [tokensFile]);
}

export function measureSteps(runtime, tokensFile) {
  return runScript(runtime, "steps.js", [tokensFile]);
}

/** @param isTiny only the smallest counts, to see that it runs */
export function measureGrowth(runtime, { isTiny = false } = {}) {
  const kinds = ["tokens", "teams", "keys"];
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      runScript(runtime, "growth/run.js", [kind, isTiny ? "tiny" : "full"]),
    ]),
  );
}
