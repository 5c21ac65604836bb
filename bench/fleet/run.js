import {
  coldOutage,
  day,
  floodedOutage,
  floods,
  leads,
  restarts,
  rotationsInFlood,
} from "./scenarios.js";
import { addTally, newTally } from "./tally.js";

export const STRATEGIES = ["postern", "jose", "every request"];

/** Everything that the report tells. */
export const full = {
  day,
  leads,
  floods,
  rotationsInFlood,
  floodedOutage,
  coldOutage,
  restarts,
  withdrawalSeeds: [1, 2, 3, 4, 5],
};

/** Runs all scenarios under all strategies. */
export async function runAll(pool, plan, strategies = STRATEGIES, progress = () => {}) {
  const results = {};
  for (const strategy of strategies) {
    const scenario = async (each, pieceOf, under = strategy) => {
      const tally = await pool.run(each, under, pieceOf);
      progress(`${strategy}: ${each.name}`);
      return tally;
    };
    const all = (list, pieceOf) => Promise.all(list.map((each) => scenario(each, pieceOf)));
    const [theDay, ...others] = await Promise.all([
      scenario(plan.day, 20),
      all(plan.leads, 20),
      // One fetch for each request needs no hour to be counted in.
      all(strategy === "every request" ? [] : plan.floods, 1),
      all(plan.rotationsInFlood, 2),
      scenario(plan.floodedOutage, 1),
      scenario(plan.coldOutage, 1),
      withdrawals(pool, strategy, plan.withdrawalSeeds),
    ]);
    const [leads, floods, rotationsInFlood, flooded, cold, withdrawn] = others;
    const outages = [flooded, cold];
    results[strategy] = { day: theDay, leads, floods, rotationsInFlood, outages, withdrawn };
    if (strategy === "postern") {
      const run = (each) => scenario(each, 5, "guard");
      results[strategy].restarts = await Promise.all(plan.restarts.map(run));
    }
    progress(`${strategy}: withdrawals`);
  }
  return results;
}

/** The longest of several seeds, in seconds. */
async function withdrawals(pool, strategy, seeds) {
  const longest = async (job) => {
    const times = await Promise.all(seeds.map((seed) => pool.give({ ...job, strategy, seed })));
    return Math.max(...times) / 1000;
  };
  const result = {};
  for (const isDown of [false, true]) {
    const kinds = {
      busy: longest({ kind: "withdrawal", isDown, use: "busy" }),
      idle: longest({ kind: "withdrawal", isDown, use: "idle" }),
    };
    if (strategy === "postern") {
      kinds.repeated = longest({ kind: "repeated", isDown });
      kinds.restarted = longest({ kind: "restarted", isDown });
    }
    for (const [kind, time] of Object.entries(kinds)) {
      result[`${kind} ${isDown ? "down" : "up"}`] = await time;
    }
  }
  return result;
}

/** All tallies of a strategy in which every key was published by the time of its first use. */
export function inTime({ day, leads, floods, rotationsInFlood, outages, restarts }) {
  return [day, leads[0], ...floods, ...rotationsInFlood, ...outages, ...restarts];
}

/** The genuine tokens of several tallies, added. */
export function genuineOf(tallies) {
  const sum = newTally(0);
  for (const { genuine } of tallies) addTally(sum.genuine, genuine);
  return sum.genuine;
}
