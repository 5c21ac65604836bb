// Runs everything, checks the goals, and writes docs/fleet.md and docs/img/fleet.svg.
import { mkdir, writeFile } from "node:fs/promises";
import { drawChart } from "./chart.js";
import { checkGoals, printGoals } from "./goals.js";
import { startPool } from "./pool.js";
import { writeReport } from "./report.js";
import { full, runAll, STRATEGIES } from "./run.js";

const startedAt = Date.now();
const pool = await startPool();
const progress = (what) => {
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${String(seconds).padStart(5)} s  ${what}`);
};
const results = await runAll(pool, full, STRATEGIES, progress);
await pool.stop();

const goals = checkGoals(results.postern);
const docs = new URL("../../docs/", import.meta.url);
await mkdir(new URL("img/", docs), { recursive: true });
await writeFile(new URL("fleet.md", docs), writeReport(results, goals, full));
await writeFile(new URL("img/fleet.svg", docs), drawChart(results, full.day));
console.log("wrote docs/fleet.md and docs/img/fleet.svg");
process.exitCode = printGoals(goals) ? 0 : 1;
