import { picture } from "../report/picture.js";
import { table } from "../report/table.js";
import { STRATEGIES } from "./run.js";
import { sumOf } from "./tally.js";

const number = (value) => value.toLocaleString("en");

function milliseconds(ms) {
  if (ms === 0) return "0";
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

function duration(seconds) {
  if (seconds === 0) return "0";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** One row a measure, one column a strategy. */
function compare(results, measures) {
  const rows = Object.entries(measures).map(([what, measure]) => [
    what,
    ...STRATEGIES.map((strategy) => measure(results[strategy])),
  ]);
  return table(["Measure", ...STRATEGIES], rows);
}

const of = (refused, all) => (refused === 0 ? "0" : `${number(refused)} of ${number(all)}`);

function dayTable(results) {
  const genuine = (category, verdict) => (result) => {
    const counts = result.day.genuine[category];
    return of(counts[verdict], sumOf(counts));
  };
  const refused401 = ({ day: { genuine: g } }) => number(g.known[401] + g.new[401] + g.cold[401]);
  const fetches = (phase) => (result) => {
    const { sum, hours, most } = result.day.fetches[phase];
    return `${(sum / hours).toFixed(1)} / ${number(most)}`;
  };
  const waited = (phase) => (result) => {
    const { median, p99, longest } = result.day.waited[phase];
    return [median, p99, longest].map(milliseconds).join(" / ");
  };
  return compare(results, {
    "Genuine tokens": ({ day: { genuine: g } }) => number(sumOf(g.known, g.new, g.cold)),
    "… refused with 401": refused401,
    "… answered 503, key known to the instance": genuine("known", 503),
    "… answered 503, key new to the instance": genuine("new", 503),
    "… answered 503, instance without any keys": genuine("cold", 503),
    "Fetches per instance in a calm hour, mean / most": fetches("calm"),
    "… in an hour with a rotation": fetches("rotation"),
    "… in an hour of outage": fetches("outage"),
    "… in the hour of the flood": fetches("flood"),
    "… in the hour after an outage or flood": fetches("after"),
    "Added latency in calm hours, p50 / p99 / longest": waited("calm"),
    "… in the outage": waited("outage"),
    "… in the flood": waited("flood"),
    "… after an outage or flood": waited("after"),
    "Longest wait on an instance in use, calm hours": ({ day }) => milliseconds(day.inUseWaited),
  });
}

function restartTable({ postern: { restarts } }) {
  const rows = {
    "Starts during the outage": (tally) => number(tally.restarts.outage),
    "Genuine tokens during the outage": ({ answered }) => number(sumOf(answered.outage)),
    "… answered 503": ({ answered: { outage } }) => of(outage[503], sumOf(outage)),
    "… answered 401": ({ answered: { outage } }) => of(outage[401], sumOf(outage)),
    "Fetches per guard in an hour of outage, mean / most": ({ fetches: { outage } }) =>
      `${(outage.sum / outage.hours).toFixed(1)} / ${number(outage.most)}`,
    "Longest wait for keys": ({ waited }) => milliseconds(waited.outage.longest),
  };
  return table(
    ["Measure", "with a keys file", "without"],
    Object.entries(rows).map(([what, measure]) => [what, ...restarts.map(measure)]),
  );
}

function leadTable(results, { leads }) {
  const rows = leads.flatMap((scenario, index) =>
    STRATEGIES.map((strategy) => {
      const tally = results[strategy].leads[index];
      const { known, new: fresh } = tally.genuine;
      const seconds = scenario.rotations.lead / 1000;
      return [
        seconds === 0 ? "at its first use" : `${-seconds} s after its first use`,
        strategy,
        of(fresh[401], sumOf(fresh)),
        of(fresh[503], sumOf(fresh)),
        duration(tally.newKeyRefusedFor / 1000),
        of(known[401] + known[503], sumOf(known)),
      ];
    }),
  );
  const head = [
    "Key published",
    "Strategy",
    "Its tokens answered 401",
    "Its tokens answered 503",
    "Last one refused, after first use",
    "Other tokens refused",
  ];
  return table(head, rows);
}

function perRequest({ hours, genuine, forged }) {
  const fetches = hours.reduce((sum, hour) => sum + hour.fetches, 0);
  const requests = sumOf(genuine.known, genuine.new, genuine.cold, forged);
  return `${(fetches / requests).toFixed(2)} per request`;
}

function floodTable(results, { floods, rotationsInFlood }) {
  const rows = floods.flatMap(({ flood }, index) =>
    STRATEGIES.map((strategy) => {
      const hour = results[strategy].floods[index];
      const rotation = results[strategy].rotationsInFlood[index];
      const { known, new: fresh } = rotation.genuine;
      return [
        number(flood.rate),
        strategy,
        hour === undefined ? perRequest(rotation) : number(hour.fetches.flood.most),
        of(known[401] + known[503], sumOf(known)),
        of(fresh[401], sumOf(fresh)),
        of(fresh[503], sumOf(fresh)),
        duration(rotation.newKeyRefusedFor / 1000),
      ];
    }),
  );
  const instances = rotationsInFlood.map((scenario) => scenario.instances).join(", ");
  const head = [
    "Unknown kids per second",
    "Strategy",
    "Fetches in the hour",
    "Known key refused",
    "New key, 401",
    "New key, 503",
    "Last one refused, after first use",
  ];
  return { text: table(head, rows), instances };
}

function withdrawalTable(results) {
  const kinds = {
    "Endpoint answers, instance in use": "busy up",
    "Endpoint answers, instance was idle": "idle up",
    "Endpoint answers, one repeated token only": "repeated up",
    "Endpoint answers, guard with a keys file, restarted every 10 minutes": "restarted up",
    "Endpoint down, instance in use": "busy down",
    "Endpoint down, instance was idle": "idle down",
    "Endpoint down, one repeated token only": "repeated down",
    "Endpoint down, guard with a keys file, restarted every 10 minutes": "restarted down",
  };
  const rows = Object.entries(kinds).map(([what, kind]) => [
    what,
    ...STRATEGIES.map((strategy) => {
      const time = results[strategy].withdrawn[kind];
      return time === undefined ? "–" : duration(time);
    }),
  ]);
  return table(["Situation", ...STRATEGIES], rows);
}

/** The page, all of it: every figure in it comes from the run. */
export function writeReport(results, goals, plan) {
  const flood = floodTable(results, plan);
  const goalRows = goals.map(({ what, limit, found, isMet }) => [
    what,
    limit,
    found,
    isMet ? "met" : "**missed**",
  ]);
  return `<!-- Written by \`npm --prefix bench/fleet start\`: do not edit. -->
# Fleet simulation

What happens to genuine tokens and to the certs endpoint when keys rotate, the endpoint fails, or someone sends many
made-up key ids? This simulation in virtual time compares three strategies: postern's remote key set, jose's
\`createRemoteJWKSet\` with its defaults, and a published sample that fetches the certs for every request.

${picture("fleet", "Two line charts over the hours of a day for postern, jose and fetching for every request: key set fetches per instance and hour, and the share of genuine tokens refused. The table below has the figures.")}

## The day

- ${number(plan.day.instances)} instances for 24 hours: 5 % get a request every second, 35 % every 20 seconds, 60 % four per hour; more by
  day than by night. Each restarts about every twelve hours.
- Keys rotate every six hours. A key is published one minute before its first use.
- From 10 to 12 the endpoint is down: one hour it answers 503, one hour not at all.
- From 14 to 15 each instance gets one token per second with a made-up kid. A rotation falls into this hour.
- The endpoint's median latency is 60 ms. All strategies get the same traffic.

${dayTable(results)}

- "Added latency" is the time that a request waits for keys.
- An instance is in use if it accepted a token in the last ten minutes. One that was idle for longer may have to fetch
  first: these are postern's waits in calm hours.
- An instance that starts during the outage has no keys. Only [a shared store](guide/stores.md) or
  [a keys file](#restarts-in-an-outage) helps. The day has neither.
- For jose and the sample, every error except "no such key" counts as 503; an application that answers 401 to every
  error tells its users during an outage that their tokens are bad.

## Around a rotation

${number(plan.leads[0].instances)} instances, without outage and flood. The key is published at its first use, or 30 seconds later. In the
second case no instance can verify its first tokens.

${leadTable(results, plan)}

## Restarts in an outage

${number(plan.restarts[0].instances)} instances of [\`postern guard\`](guide/guard.md#the-keys-file) get a request every second for three hours. Each starts
anew about every twenty minutes. In the second hour the endpoint answers 503, in the third not at all. The guard
writes its keys to a real file, and reads them when it starts.

${restartTable(results)}

Keys from a file that are older than twenty minutes count only after the endpoint was asked, so the first requests
wait for its answer or its timeout. The guard itself asks before it listens.

## In a flood

Fetches were counted on one instance for an hour. For the new key, published at its first use during the flood,
${flood.instances} instances ran for four minutes with 20 genuine requests per second each. Rates are per instance.

${flood.text}

**The limit.** A token with an unknown kid may be genuine, with a key that was just published. postern lets it wait for
the next permitted refresh, which all waiting tokens share: at most one in ten seconds (\`cooldownSeconds\`), for up to
1,024 tokens (\`maxParked\`). More than about a hundred unknown kids per second fill this queue within a cooldown. Then a
token with a genuinely new key gets 503 with \`Retry-After\`, never 401. The next refresh ends this, so it lasts one
cooldown and one exchange at most. Tokens with known kids are not affected.

jose refuses an unknown kid for 30 seconds after a fetch (\`cooldownDuration\`): these are its 401s here and above. It
fetches less. Fetching for every unknown kid finds a new key at once, but lets the sender control the fetches.

## How long a withdrawn key lives

A stolen key is removed from the set, one second after each instance fetched it, the worst moment. The thief then comes
every five seconds, or once after some time. "One repeated token" means hits of postern's verdict cache.

${withdrawalTable(results)}

While the endpoint is down, postern trusts the last good set for a day past its freshness (\`staleIfErrorSeconds\`), so
that an outage of the endpoint does not stop your application. jose refuses every token when its set is ten minutes
old. If withdrawal matters more to you than an outage, set a smaller \`staleIfErrorSeconds\`.

## The goals

The first two rows count every run on this page; the first leaves out the key that was published too late. The outage row
includes an outage in a flood of ${number(plan.floodedOutage.flood.rate)} unknown kids per second, and one in which busy instances start.

${table(["Goal", "Limit", "Found", "Result"], goalRows)}

## How it is done

\`npm --prefix bench/fleet ci && npm --prefix bench/fleet start\` (after \`npm ci\`) runs everything and writes this page;
\`npm --prefix bench run charts\` draws the chart. \`npm --prefix bench/fleet test\` runs a few instances, and fails if a
goal is missed.

Each instance runs alone on a virtual clock. RSA is left out: what counts is whether the key set has the token's key. The
libraries get real keys through a \`fetch\` that follows the script above. Requests arrive at random (Poisson), tokens are
between a second and four hours old. All random numbers come from a seed, so a run can be repeated.
`;
}
