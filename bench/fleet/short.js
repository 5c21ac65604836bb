// A short run of the same scenarios, which fails when a goal is missed.
import { checkGoals, printGoals } from "./goals.js";
import { HOUR } from "./issuer.js";
import { startPool } from "./pool.js";
import { full, runAll } from "./run.js";

const few = (scenario, instances) => ({ ...scenario, instances });
const plan = {
  day: {
    ...few(full.day, 40),
    end: 3 * HOUR,
    rotations: { ...full.day.rotations, first: 2.5 * HOUR },
    outages: [],
    flood: { from: 2 * HOUR, to: 3 * HOUR, rate: 1 },
  },
  leads: full.leads.map((scenario) => few(scenario, 20)),
  floods: full.floods.slice(0, 1),
  rotationsInFlood: full.rotationsInFlood.slice(0, 2).map((scenario) => few(scenario, 4)),
  floodedOutage: few(full.floodedOutage, 1),
  coldOutage: few(full.coldOutage, 1),
  restarts: full.restarts.map((scenario) => few(scenario, 4)),
  withdrawalSeeds: [1],
};

const pool = await startPool();
const { postern } = await runAll(pool, plan, ["postern"]);
await pool.stop();
process.exitCode = printGoals(checkGoals(postern)) ? 0 : 1;
