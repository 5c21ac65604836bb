// Runs everything, checks the goals, keeps the results and writes docs/fleet.md.
// `npm --prefix bench run charts` draws docs/img/fleet.svg from them.
import { checkGoals, printGoals } from "./goals.js";
import { startPool } from "./pool.js";
import { keepResults, writePage } from "./results.js";
import { full, runAll, STRATEGIES } from "./run.js";

const startedAt = Date.now();
const pool = await startPool();
const progress = (what) => {
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${String(seconds).padStart(5)} s  ${what}`);
};
const results = await runAll(pool, full, STRATEGIES, progress);
await pool.stop();

keepResults(results);
writePage();
console.log("wrote bench/fleet/results.json and docs/fleet.md");
process.exitCode = printGoals(checkGoals(results.postern)) ? 0 : 1;
