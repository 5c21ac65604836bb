import { setTimeout as sleep } from "node:timers/promises";
import { createTestIssuer } from "postern/testing";
import { CertsEndpoint } from "./certs.js";
import { startDoor } from "./door.js";
import { Gauges, openResources } from "./gauges.js";
import { Rounds } from "./rounds.js";
import { Visitors } from "./visitors.js";

/**
 * Runs whole rounds for at least a number of seconds, all in this process, over HTTP on loopback.
 * @returns the requests and answers, the samples taken, and what was still open at the end
 */
export async function soak(seconds) {
  // Node opens these when they are first used: they are not the guard's.
  void [process.stdout, process.stderr];
  const before = openResources();
  const certs = new CertsEndpoint();
  await certs.start();
  const issuer = await createTestIssuer({ decoyKeys: true, team: certs.origin });
  certs.publish(issuer);
  const rounds = new Rounds({ issuer, certs, gauges: new Gauges() });
  const door = await startDoor({ issuer, onEvent: rounds.note });
  const visitors = new Visitors(door.port);
  await rounds.begin(visitors);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  while (elapsed() < seconds) await rounds.play();
  const duration = elapsed();
  visitors.leave();
  await door.stop();
  await certs.stop();
  return {
    duration,
    ...{ rounds: rounds.round, weather: rounds.weather, samples: rounds.samples },
    ...{ requests: visitors.requests, tally: visitors.tally, wrong: visitors.wrong },
    ...{ fetches: certs.asked, left: await leftOver(before) },
  };
}

/** New open resources, once everything had a moment to end. */
async function leftOver(before) {
  for (let turn = 0; ; turn++) {
    const open = Object.entries(openResources());
    const left = open.filter(([type, count]) => count > (before[type] ?? 0));
    if (left.length === 0 || turn === 100) return left;
    await sleep(50);
  }
}
