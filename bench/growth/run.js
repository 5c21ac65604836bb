// One kind of growth in a fresh process: node --expose-gc growth/run.js tokens|teams|keys full|tiny
// Prints one JSON object.

import process from "node:process";
import { measureDistinctTokens } from "./distinct-tokens.js";
import { measureKeys } from "./keys.js";
import { measureTeams } from "./teams.js";

/** The largest count of a run that only shows that everything works. */
const TINY = { tokens: 1_000, teams: 10, keys: 10 };
const MEASURES = { tokens: measureDistinctTokens, teams: measureTeams, keys: measureKeys };

const [kind, size] = process.argv.slice(2);
const most = size === "tiny" ? TINY[kind] : Number.POSITIVE_INFINITY;
console.log(JSON.stringify(await MEASURES[kind](most)));
