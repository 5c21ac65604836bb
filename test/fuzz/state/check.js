// Checks that need a separate process: what remains in memory, and how time grows with length.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The bytes by which two readings of the heap may differ by chance. */
const ROOM = 2 ** 20;

/** @returns for each check its name, whether it holds, and what was measured */
export async function checkState({ isLong, seed, only }) {
  const checks = [noTraces, () => noGrowth(isLong ? 1_000_000 : 30_000, seed)];
  if (isLong) checks.push(linearTime);
  if (only !== "") return [];
  const results = [];
  for (const check of checks) {
    const result = await check();
    results.push(result);
    console.log(`${result.isRight ? "✓" : "✗"} ${result.name} (${result.says})`);
  }
  return results;
}

async function noTraces() {
  const { kinds, found, seesWhatIsHeld } = await child("traces.js");
  return {
    name: "no part of a refused token remains in the heap",
    isRight: found.length === 0 && seesWhatIsHeld,
    says:
      found.length > 0
        ? `found: ${found.join(", ")}`
        : `${kinds.length} kinds; the search ${seesWhatIsHeld ? "finds" : "does not find"} an accepted one`,
    measured: { kinds, found },
  };
}

async function noGrowth(count, seed) {
  const measured = { count, ...(await child("storm.js", count, seed)) };
  const { before, after, isAllIn, outcomes } = measured;
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(2);
  return {
    name: "memory does not grow with hostile tokens, and genuine ones are still accepted",
    isRight: after - before < ROOM && isAllIn && Object.keys(outcomes).length > 5,
    says: `${count} tokens, ${mib(before)} MiB before, ${mib(after)} MiB after`,
    measured,
  };
}

async function linearTime() {
  const { shapes } = await child("growth.js");
  const worst = shapes.toSorted((one, other) => other.exponent - one.exponent)[0];
  return {
    name: "time grows no faster than the length",
    isRight: worst.exponent < 1.4,
    says: `${shapes.length} shapes; the steepest is ${worst.name}, exponent ${worst.exponent}`,
    measured: shapes,
  };
}

async function child(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(process.execPath, ["--expose-gc", path, ...args.map(String)], {
    maxBuffer: 2 ** 24,
    timeout: 3_600_000,
  });
  return JSON.parse(stdout);
}
