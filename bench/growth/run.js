// One kind of growth in a fresh process: node --expose-gc growth/run.js tokens|teams|keys
// Prints one JSON object.

import process from "node:process";
import { measureDistinctTokens } from "./distinct-tokens.js";
import { measureKeys } from "./keys.js";
import { measureTeams } from "./teams.js";

const MEASURES = { tokens: measureDistinctTokens, teams: measureTeams, keys: measureKeys };

console.log(JSON.stringify(await MEASURES[process.argv[2]]()));
