import { STRATEGIES } from "./run.js";
import { sumOf } from "./tally.js";

const number = (value) => value.toLocaleString("en");

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const align = ["---", ...head.slice(1).map(() => "---:")];
  return [line(head), `|${align.join("|")}|`, ...rows.map(line)].join("\n");
}

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
  return table(["", ...STRATEGIES], rows);
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
    "genuine tokens": ({ day: { genuine: g } }) => number(sumOf(g.known, g.new, g.cold)),
    "… refused with 401": refused401,
    "… under a kid that the instance had, 503": genuine("known", 503),
    "… under a kid that was new to it, 503": genuine("new", 503),
    "… on an instance that had no keys yet, 503": genuine("cold", 503),
    "fetches per instance in a calm hour, mean / most": fetches("calm"),
    "… in an hour with a rotation": fetches("rotation"),
    "… in an hour of outage": fetches("outage"),
    "… in the hour of the flood": fetches("flood"),
    "… in the hour after either": fetches("after"),
    "added latency in calm hours, p50 / p99 / longest": waited("calm"),
    "… in the outage": waited("outage"),
    "… in the flood": waited("flood"),
    "… after either": waited("after"),
    "the longest wait on an instance in use, calm": ({ day }) => milliseconds(day.inUseWaited),
  });
}

function leadTable(results, { leads }) {
  const rows = leads.flatMap((scenario, index) =>
    STRATEGIES.map((strategy) => {
      const tally = results[strategy].leads[index];
      const { known, new: fresh } = tally.genuine;
      const seconds = scenario.rotations.lead / 1000;
      return [
        seconds === 0 ? "as it is first used" : `${-seconds} s after its first use`,
        strategy,
        of(fresh[401], sumOf(fresh)),
        of(fresh[503], sumOf(fresh)),
        duration(tally.newKeyRefusedFor / 1000),
        of(known[401] + known[503], sumOf(known)),
      ];
    }),
  );
  const head = [
    "the key is published",
    "",
    "its tokens answered 401",
    "503",
    "the last of them, after first use",
    "other tokens refused",
  ];
  return table(head, rows);
}

function perRequest({ hours, genuine, forged }) {
  const fetches = hours.reduce((sum, hour) => sum + hour.fetches, 0);
  const requests = sumOf(genuine.known, genuine.new, genuine.cold, forged);
  return `${(fetches / requests).toFixed(2)} a request`;
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
    "unknown kids a second",
    "",
    "fetches in the hour",
    "known kid refused",
    "new key, 401",
    "new key, 503",
    "the last refused, after first use",
  ];
  return { text: table(head, rows), instances };
}

function withdrawalTable(results) {
  const kinds = {
    "endpoint answering, instance in use": "busy up",
    "endpoint answering, instance idle until then": "idle up",
    "endpoint answering, repeats of one token only": "repeated up",
    "endpoint down, instance in use": "busy down",
    "endpoint down, instance idle until then": "idle down",
    "endpoint down, repeats of one token only": "repeated down",
  };
  const rows = Object.entries(kinds).map(([what, kind]) => [
    what,
    ...STRATEGIES.map((strategy) => {
      const time = results[strategy].withdrawn[kind];
      return time === undefined ? "–" : duration(time);
    }),
  ]);
  return table(["", ...STRATEGIES], rows);
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
# A day of a thousand instances

What becomes of genuine tokens, and of the certs endpoint, when keys rotate, the endpoint goes down and
someone floods the door with made-up key ids? This page is the outcome of a simulation in virtual time.
It drives the real remote key set of postern, jose's \`createRemoteJWKSet\` with its defaults, and the
practice of a published sample, which is to fetch the certs for every request.

![Fetches per instance and refused genuine tokens, hour by hour](img/fleet.svg)

## The day

${number(plan.day.instances)} instances for 24 hours: 5 % are asked once a second, 35 % every 20 seconds, 60 % four times an hour,
more by day than by night. Keys rotate every six hours and are published a minute before their first
use. From 10 to 12 the endpoint is down: for an hour it answers 503, for an hour not at all. From 14
to 15 a flood brings every instance one token a second under a made-up kid, with a rotation in its
midst. Each instance is started anew every twelve hours or so. The endpoint's latency is 60 ms in the
median. The traffic is the same for each strategy.

${dayTable(results)}

"Added latency" is the time that a request waits for keys; the signature's own time is not in it. An
instance is in use when it accepted a token in the ten minutes before. One that was idle for longer
may have to ask the endpoint before it trusts an old set; that is where the waits of postern's calm
hours come from.

An instance that starts while the endpoint is down has no keys, and no strategy can help it but
[a shared store](guide/stores.md), which this simulation does without.

For jose and the sample, whatever is not "no such key" counts as a 503. It is up to the application
to answer so; one that answers 401 to every error tells its users in an outage that their tokens are bad.

## Around a rotation

The same traffic on ${number(plan.leads[0].instances)} instances, without outage and flood, when the key is published at the moment of its
first use, or half a minute too late. In the latter case nobody can verify its first tokens; what
counts is how long it goes on after the key is there.

${leadTable(results, plan)}

## In a flood

How often a flood makes an instance fetch was run on one instance for an hour, at each rate. What becomes
of the tokens of a key that is published as it is first used, in the midst of the flood, was run for four
minutes on ${flood.instances} instances, with 20 genuine requests a second each. Rates are for each instance, and instances
share nothing, so these figures need no scaling.

${flood.text}

**The bound.** A token under an unknown kid may be genuine, under a key just published. postern lets it
wait for the next permitted refresh, which all who wait share: at most one in ten seconds
(\`cooldownSeconds\`), with room for 1,024 (\`maxParked\`). So an attacker who sends more than about a
hundred unknown kids a second fills the room within a cooldown, and while it is full a genuinely new
key's token gets a 503 with \`Retry-After\`, never a 401. It ends with the next refresh: after one
cooldown and one exchange at most. Tokens under known kids are never touched.

jose answers an unknown kid at once for 30 seconds after a fetch (its \`cooldownDuration\`): those are its
401s here and above. Its known kids are not touched either, and it fetches less. A strategy that asks
the endpoint for every unknown kid learns a new key at once, at the price of being steered by whoever
sends the kids: see its fetches.

## How long a withdrawn key lives

Someone has stolen a key, and it is taken out of the set. Each instance had fetched the set a second
before, the worst moment; the thief then comes every five seconds, or once after a longer or shorter
silence. "Repeats" are hits of postern's verdict cache, with a real verifier and a real token.

${withdrawalTable(results)}

With the endpoint down, postern trusts the last good set for a day past its freshness
(\`staleIfErrorSeconds\`), so that an outage of the endpoint does not become one of yours.
jose refuses everyone once its set is ten minutes old, so there a withdrawn key cannot live longer; nor
can any other. Choose a smaller \`staleIfErrorSeconds\` where withdrawal matters more
to you than an outage.

## The goals

The outages of the fifth row are that of the day, one in a flood of ${number(plan.floodedOutage.flood.rate)} unknown kids a second, and one in
which busy instances start while the endpoint does not answer. The first two rows count
every run on this page; the first leaves out the one whose key was published late.

${table(["goal", "limit", "found", ""], goalRows)}

## How it is done

\`npm --prefix bench/fleet ci && npm --prefix bench/fleet start\` (after \`npm ci\`) runs all of it and
writes this page. \`npm --prefix bench/fleet test\` runs a few of the instances and fails if a goal is missed.

Each instance runs by itself on a virtual clock, which stands in for \`Date.now\`, \`setTimeout\` and
\`AbortSignal.timeout\`, and moves on to the next timer or request. RSA is left out: what decides is whether
the key set has the token's key, so the libraries are asked for the key, over a \`fetch\` that answers
from the script above. The keys are real, and imported once. Requests come at random (Poisson), tokens are
between a second and four hours old, and every random number comes from a seed, so a run can be repeated.
`;
}
