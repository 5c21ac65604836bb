import { genuineOf, inTime } from "./run.js";
import { sumOf } from "./tally.js";

const FRESHNESS = 600;
const STALE = 600;
const TRUST = 86_400;
const COOLDOWN = 10;

/** What the key set promises, and what it did. A goal without a sample counts as missed. */
export function checkGoals(results) {
  const { day, leads, floods, rotationsInFlood, outages, restarts, withdrawn } = results;
  const punctual = inTime(results);
  const everything = [...punctual, ...leads.slice(1)];
  const { known, new: fresh, cold } = genuineOf(punctual);
  const known2 = genuineOf(everything).known;
  const most = (phase, tallies) => Math.max(...tallies.map(({ fetches }) => fetches[phase].most));
  const sampled = (phase, tallies) => tallies.every(({ fetches }) => fetches[phase].hours > 0);
  const refusedFor = Math.max(...rotationsInFlood.map((tally) => tally.newKeyRefusedFor)) / 1000;
  const exchange = Math.max(...rotationsInFlood.map((tally) => tally.slowestExchange)) / 1000;
  const newTokens = rotationsInFlood.every((tally) => sumOf(tally.genuine.new) > 0);
  const longest = (end) =>
    Math.max(
      ...Object.entries(withdrawn).flatMap(([kind, time]) => (kind.endsWith(end) ? time : [])),
    );

  const [kept, lost] = restarts.map(({ answered }) => answered.outage);
  const isRestarted = restarts.every((tally) => tally.restarts.outage > 0);

  const goal = (what, limit, found, isMet) => ({ what, limit, found, isMet });
  return [
    goal(
      "Genuine tokens answered 401, keys published in time",
      "0",
      `${known[401] + fresh[401] + cold[401]} of ${sumOf(known, fresh, cold).toLocaleString("en")}`,
      known[401] + fresh[401] + cold[401] === 0 && sumOf(fresh) > 0,
    ),
    goal(
      "Genuine tokens with a known kid refused on a warm instance",
      "0",
      `${known2[401] + known2[503]} of ${sumOf(known2).toLocaleString("en")}`,
      known2[401] + known2[503] === 0 && sumOf(known2) > 0,
    ),
    goal(
      "How long a new key's tokens get 503 in a flood",
      `one cooldown (${COOLDOWN} s) and one exchange (${exchange.toFixed(2)} s)`,
      `${refusedFor.toFixed(2)} s`,
      refusedFor <= COOLDOWN + exchange && newTokens,
    ),
    goal(
      "Certs fetches of an instance in a calm hour",
      "7",
      `${most("calm", [day])}`,
      most("calm", [day]) <= 7 && sampled("calm", [day]),
    ),
    goal(
      "Certs fetches in an hour of outage, also in a flood",
      "90",
      `${most("outage", [day, ...outages])}`,
      most("outage", [day, ...outages]) <= 90 && sampled("outage", outages),
    ),
    goal(
      "Certs fetches in an hour of flood",
      "370",
      `${most("flood", [day, ...floods])}`,
      most("flood", [day, ...floods]) <= 370 && sampled("flood", [day, ...floods]),
    ),
    goal(
      "Genuine tokens refused by a guard that restarts in an outage, with a keys file",
      "0",
      `${kept[401] + kept[503]} of ${sumOf(kept).toLocaleString("en")}`,
      kept[401] + kept[503] === 0 && kept.ok > 0 && isRestarted,
    ),
    goal(
      "Genuine tokens answered 503 by the same without a keys file, none with 401",
      "more than 0",
      `${lost[503].toLocaleString("en")} of ${sumOf(lost).toLocaleString("en")}`,
      lost[503] > 0 && lost[401] === 0 && isRestarted,
    ),
    goal(
      "How long a withdrawn key is accepted, endpoint answers",
      `${FRESHNESS + STALE} s`,
      `${longest("up")} s`,
      longest("up") <= FRESHNESS + STALE && longest("up") > 0,
    ),
    goal(
      "How long a withdrawn key is accepted, endpoint down",
      `${(FRESHNESS + TRUST).toLocaleString("en")} s`,
      `${longest("down").toLocaleString("en")} s`,
      longest("down") <= FRESHNESS + TRUST && longest("down") > 0,
    ),
    goal(
      "Longest wait for a routine refresh on an instance in use",
      "none",
      `${day.inUseWaited} ms`,
      day.inUseWaited === 0 && day.waited.calm.atOnce > 0,
    ),
  ];
}

export function printGoals(goals) {
  for (const { what, limit, found, isMet } of goals) {
    console.log(`${isMet ? "pass" : "FAIL"}  ${what}: ${found} (goal: ${limit})`);
  }
  const met = goals.filter(({ isMet }) => isMet).length;
  console.log(`fleet: ${met} passed, ${goals.length - met} failed`);
  return met === goals.length;
}
