import { setTimeout as sleep } from "node:timers/promises";
import { compareThirds } from "../../soak/flat.js";
import { makeCase } from "./cases.js";
import { isServed, send } from "./client.js";
import { caseOf } from "./ids.js";
import { faultOfArrival, faultsOfCase } from "./invariants.js";
import { openWorld } from "./world.js";

const AT_ONCE = 64;
const CASES_BETWEEN_LOOKS = 250;
const MOST_SHOWN = 10;
/** The heap after a garbage collection: what connections that just ended still hold comes and goes. */
const MEMORY = { share: 0.1, slack: 4 * 2 ** 20 };

/** Runs cases until there are enough, or the time is over. */
export async function fuzz({ seed, only, cases, seconds }) {
  const counts = { cases: 0, requests: 0, arrivals: 0, unserved: 0 };
  const faults = [];
  const open = new Map();
  const report = (what, at) => faults.push(`${what} [--seed ${seed} --case ${at}]`);
  const world = await openWorld({
    onArrival(variant, request) {
      counts.arrivals++;
      const { id = "", at } = caseOf(request.path);
      request.id = id;
      open.get(at)?.push(request);
      const fault = faultOfArrival(request, variant, world.people);
      if (fault !== undefined) report(`${fault}: ${request.method} ${request.path}`, at);
    },
    onFault(what, bytes) {
      const [, at = "unknown"] = /\/c(\d+)_\d+/.exec(bytes) ?? [];
      report(`the target got what is no request: ${what}`, at);
    },
  });
  let hasCrashed = false;
  const isEnded = new Promise((resolve) => {
    world.child.once("exit", (code, signal) => {
      hasCrashed = true;
      resolve(`${code ?? signal}`);
    });
  });

  async function playOne(at) {
    const arrivals = [];
    open.set(at, arrivals);
    const made = makeCase(seed, at, world.variants);
    const received = await send(made);
    open.delete(at);
    counts.cases++;
    counts.requests += made.requests.length;
    for (const fault of faultsOfCase({ ...made, received, arrivals })) report(fault, at);
    if (only !== undefined) show(made, received, arrivals);
  }

  const readings = [];
  let leaks = 0;
  let next = only ?? 0;
  const end = performance.now() + seconds * 1000;
  const isOver = () =>
    hasCrashed || performance.now() > end || next >= (only === undefined ? cases : only + 1);
  while (!isOver()) {
    const stopAt = next + CASES_BETWEEN_LOOKS;
    const play = async () => {
      while (!isOver() && next < stopAt) await playOne(next++);
    };
    await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, play)), isEnded]);
    if (hasCrashed) break;
    for (const variant of world.variants) if (!(await isServed(variant))) counts.unserved++;
    // Connections that the last cases left are over by then.
    await sleep(100);
    const look = await world.ask("memory");
    readings.push(look.memory);
    leaks = look.leaks;
  }
  const crash = hasCrashed ? await isEnded : undefined;
  if (crash === undefined) await world.close();
  world.stopTargets();
  return { counts, checks: checksOf({ counts, faults, crash, leaks, readings }) };
}

function checksOf({ counts, faults, crash, leaks, readings }) {
  const shown = [...new Set(faults)].slice(0, MOST_SHOWN).join("\n  ");
  const checks = [
    ["the guard does not crash", crash === undefined, crash],
    [
      `${counts.requests} requests on ${counts.cases} connections: ${counts.arrivals} reach a target, and only those that may`,
      faults.length === 0 && counts.arrivals > 0,
      shown && `${faults.length}:\n  ${shown}`,
    ],
    [
      "the guard still serves genuine requests",
      counts.unserved === 0,
      counts.unserved || undefined,
    ],
    ["no token is in the log", leaks === 0, leaks || undefined],
  ];
  // The first readings are from a process that is still warming up.
  const warm = readings.slice(Math.ceil(readings.length / 4));
  if (warm.length >= 6) {
    const { first, last, isFlat } = compareThirds(warm, MEMORY);
    const inMb = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
    checks.push(["memory does not grow", isFlat, `${inMb(first)}, then ${inMb(last)}`]);
  }
  return checks.map(([title, isMet, found]) => ({ title, isMet, found }));
}

/** A case as it went, with what is long made short. */
function show({ parts, isEdited, ending }, received, arrivals) {
  const short = (bytes) =>
    String(bytes.toString("latin1")).replace(
      /[\w-]{60,}|(?:X-\d+: b\r\n){9,}|([\s\S])\1{30,}|(?:0\r\n\r\n){9,}/g,
      "…",
    );
  console.log(`sent${isEdited ? ", edited" : ""}, then ${ending}:`);
  console.log(parts.map(short).join("⏎"));
  console.log(`received:\n${short(received)}`);
  for (const { method, path, fields, trailers, body, isComplete } of arrivals) {
    const named = [...fields, ["trailers:", ""], ...trailers].map((field) => field.join(": "));
    console.log(
      `arrived: ${method} ${path} ${body.length} ${isComplete}\n${short(named.join("\n"))}`,
    );
  }
}
