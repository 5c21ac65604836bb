import { join } from "node:path";
import { drain } from "./clock.js";
import { Endpoint } from "./endpoint.js";
import { HOUR, MINUTE, SECOND, START } from "./issuer.js";
import { seeded } from "./random.js";
import { strategies } from "./strategies.js";

/** An instance that accepted a token within so long is in use: nobody on it should ever wait. */
const IN_USE = 10 * MINUTE;

/** Runs one instance through a scenario, from its own first request to the last, and counts. */
export async function runInstance(context, { scenario, strategy, index, issuer, tally }) {
  const { clock, postern, folder } = context;
  const { end, flood, outages, restartEvery, tokenAge } = scenario;
  const random = seeded(scenario.seed, index);
  const traffic = classOf(scenario, index);
  const fetches = new Array(Math.ceil(end / HOUR)).fill(0);
  const phases = phasesOf(scenario, issuer);
  const hourNow = () => Math.min(fetches.length - 1, Math.floor((clock.time - START) / HOUR));
  clock.time = START;
  // The libraries' own dice, apart from those of the traffic, which is the same for every strategy.
  Math.random = seeded(scenario.seed, index, 1).uniform;

  const { name, hasKeysFile } = scenario;
  const keysFile = hasKeysFile ? join(folder, `${name} ${index}.json`) : undefined;
  let guard;
  let held;
  function boot(number) {
    held = new Set();
    const kids = held;
    let startedAt = 0;
    const endpoint = new Endpoint({
      clock,
      publishedAt: (time) => issuer.publishedAt(time),
      outages: outages.map((outage) => ({
        ...outage,
        from: START + outage.from,
        to: START + outage.to,
      })),
      random: seeded(scenario.seed, index, 2, number),
      onFetch() {
        fetches[hourNow()]++;
        startedAt = clock.time;
      },
      onAnswer(answered) {
        tally.slowestExchange = Math.max(tally.slowestExchange, clock.time - startedAt);
        for (const kid of answered) kids.add(kid);
      },
    });
    guard = strategies[strategy](postern, { clock, fetch: endpoint.fetch, keysFile });
  }

  let acceptedAt = Number.NEGATIVE_INFINITY;
  async function genuineRequest() {
    const at = clock.time;
    const issuedAt = at - random.logUniform(...tokenAge);
    const number = issuer.signingAt(issuedAt);
    const { kid } = issuer.keys[number];
    const category = held.size === 0 ? "cold" : held.has(kid) ? "known" : "new";
    const hour = hourNow();
    const isInUse = at - acceptedAt < IN_USE && phases[hour] === "calm" && category === "known";
    function answered(verdict) {
      const waited = clock.time - at;
      tally.genuine[category][verdict]++;
      tally.answered[phases[hour]][verdict]++;
      tally.waited[phases[hour]].add(waited);
      tally.hours[hour].genuine++;
      if (isInUse) tally.inUseWaited = Math.max(tally.inUseWaited, waited);
      if (verdict === "ok") {
        acceptedAt = clock.time;
        return;
      }
      tally.hours[hour].refused++;
      if (category !== "new") return;
      tally.newKeyRefusedFor = Math.max(tally.newKeyRefusedFor, at - issuer.firstUseOf(number));
    }
    await ask(kid, issuedAt, answered);
  }

  let forged = 0;
  async function forgedRequest() {
    const kid = `f${(++forged).toString(16).padStart(63, "0")}`;
    await ask(kid, clock.time, (verdict) => {
      tally.forged[verdict]++;
    });
  }

  let open = 0;
  async function ask(kid, issuedAt, answered) {
    const timers = clock.set;
    const verdict = guard(kid, issuedAt);
    if (typeof verdict === "string") {
      answered(verdict);
      // A refresh was started behind: it has to get under way before time goes on.
      if (clock.set !== timers) await drain();
      return;
    }
    open++;
    verdict.then((value) => {
      open--;
      answered(value);
    });
    await drain();
  }

  const last = START + end;
  const curve = scenario.isDaily ? dailyCurve : () => 1;
  const soon = (rate) => clock.time + random.exponential(rate) * SECOND;
  // It does not reach every instance at the same moment, so that their refreshes fall out of step.
  const floodFrom =
    flood === undefined
      ? Number.POSITIVE_INFINITY
      : START + flood.from + random.uniform() * 30 * SECOND;
  let request = soon(traffic.rate * curve(clock.time));
  let forgery = floodFrom;
  let restart = restartEvery === undefined ? last + 1 : soon(SECOND / restartEvery);
  let boots = 0;
  boot(boots++);
  phases[0] = "start";

  for (;;) {
    const next = Math.min(request, forgery, restart);
    if (clock.next <= Math.min(next, last)) {
      await clock.step();
      continue;
    }
    if (next > last) break;
    clock.time = next;
    if (next === request) {
      await genuineRequest();
      request = soon(traffic.rate * curve(clock.time));
    } else if (next === forgery) {
      await forgedRequest();
      forgery = soon(flood.rate);
      if (forgery > START + flood.to) forgery = Number.POSITIVE_INFINITY;
    } else {
      boot(boots++);
      tally.restarts[phases[hourNow()]]++;
      if (phases[hourNow()] === "calm") phases[hourNow()] = "start";
      restart = soon(SECOND / restartEvery);
    }
  }
  while (open > 0) await clock.step();
  await clock.moveTo(clock.time + MINUTE);

  tally.instances++;
  for (const [hour, count] of fetches.entries()) {
    const phase = tally.fetches[phases[hour]];
    phase.sum += count;
    phase.hours++;
    phase.most = Math.max(phase.most, count);
    tally.hours[hour].fetches += count;
  }
}

/** A share of the instances is busy, another idle. */
function classOf({ classes, instances }, index) {
  let upTo = 0;
  for (const traffic of classes) {
    upTo += traffic.share * instances;
    if (index < Math.round(upTo)) return traffic;
  }
  return classes.at(-1);
}

/** Most is asked for at two in the afternoon, least at two in the night. */
function dailyCurve(time) {
  return 1 + 0.8 * Math.cos((2 * Math.PI * ((time - START) / HOUR - 14)) / 24);
}

/** What each hour is counted under. */
function phasesOf({ end, flood, outages }, issuer) {
  return Array.from({ length: Math.ceil(end / HOUR) }, (_, hour) => {
    const isIn = ({ from, to }) => from < (hour + 1) * HOUR && to > hour * HOUR;
    if (outages.some(isIn)) return "outage";
    if (flood !== undefined && isIn(flood)) return "flood";
    const endsBefore = ({ to }) => to > (hour - 1) * HOUR && to <= hour * HOUR;
    if (outages.some(endsBefore) || (flood !== undefined && endsBefore(flood))) return "after";
    const from = START + hour * HOUR;
    const isRotation = [0, issuer.lead].some(
      (lead) => issuer.signingAt(from + lead) !== issuer.signingAt(from + HOUR + lead),
    );
    return isRotation ? "rotation" : "calm";
  });
}
