// The worlds that are explored: each with its bounds, and how far.
import { SHIPPED, SHORT } from "./bounds.js";
import { ACTIONS, code, createWorld, DAY, happen, moments } from "./world.js";

const WHAT = Object.fromEntries(ACTIONS.map((name, at) => [name, at]));
const arrive = (kind, at = 0) => code(WHAT.arrive, at, kind);
const end = (outcome, luck = 0, at = 0) => code(WHAT.end, at, outcome * 2 + luck);
const turn = (at = 0) => code(WHAT.turn, at, 0);
/** Time passes: to a moment that matters. */
const pass = (ms) => ({ ms });

const [KNOWN, NEW, NEVER, OLD, NOT_YET_OLD, ANY] = [0, 1, 2, 3, 4, 5];
const [NEWS, SAME, FAILS, RETRY_2, RETRY_301, STORED, BRIEF, LONG, FUTURE, HELD_ONE, NEWER] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];
const [RETRY_90, RETRY_ENDLESS, RETRY_NO_NUMBER] = [11, 12, 13];

/** One came, the origin answered, and he was answered. */
const HELD = [arrive(KNOWN), end(NEWS), turn()];
/** The set is stale, and so many refreshes behind have failed. */
function failing(times) {
  const steps = [...HELD, pass(600_000)];
  for (let n = 1; n <= times; n++) {
    if (n > 1) steps.push(pass(Math.min(60_000, 1000 * 2 ** (n - 2))));
    steps.push(arrive(KNOWN), end(FAILS));
  }
  return steps;
}

export const WORLDS = [
  {
    name: "cold: nothing is held",
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2, RETRY_301],
    chances: 1,
    abort: true,
    lose: true,
    find: true,
    short: 5,
    deep: 9,
  },
  {
    name: "cold, chance at both ends",
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    lose: true,
    short: 6,
    deep: 10,
  },
  {
    name: "crowd: two may follow one",
    bounds: { ...SHIPPED, maxParked: 2 },
    kinds: [NEVER],
    outcomes: [NEWS, FAILS],
    chances: 1,
    lose: true,
    abort: true,
    short: 6,
    deep: 10,
  },
  {
    name: "no room: no lookup may wait for an unknown kid",
    bounds: { ...SHIPPED, maxParked: 0 },
    prefix: HELD,
    rotations: 1,
    kinds: [KNOWN, NEW, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2],
    chances: 1,
    lose: true,
    short: 5,
    deep: 8,
  },
  {
    name: "no room, and nothing is held",
    bounds: { ...SHIPPED, maxParked: 0 },
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS],
    chances: 1,
    abort: true,
    lose: true,
    short: 6,
    deep: 9,
  },
  {
    name: "crowd: two wait for an unknown kid",
    bounds: { ...SHIPPED, maxParked: 2 },
    prefix: [...HELD, arrive(NEVER), end(NEWS), turn(), arrive(NEVER), arrive(NEVER)],
    kinds: [NEVER],
    outcomes: [NEWS, FAILS],
    chances: 1,
    lose: true,
    short: 5,
    deep: 9,
  },
  {
    name: "held: a set, and tokens of all kinds",
    prefix: HELD,
    kinds: [KNOWN, NEVER, OLD, NOT_YET_OLD],
    outcomes: [NEWS, SAME, FAILS, RETRY_301],
    chances: 1,
    signature: true,
    asked: true,
    lose: true,
    short: 5,
    deep: 7,
  },
  {
    name: "used: a set, known and unknown kids",
    prefix: HELD,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS],
    chances: 1,
    lose: true,
    abort: true,
    short: 5,
    deep: 9,
  },
  {
    name: "signatures that no key verified",
    prefix: HELD,
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    chances: 1,
    signature: true,
    asked: true,
    short: 5,
    deep: 9,
  },
  {
    name: "rotation: a key comes, a key goes",
    prefix: HELD,
    rotations: 2,
    kinds: [KNOWN, NEW, ANY],
    outcomes: [NEWS, SAME, FAILS],
    chances: 1,
    signature: true,
    short: 5,
    deep: 8,
  },
  {
    name: "ages: what the origin says, and chance",
    prefix: HELD,
    kinds: [KNOWN],
    outcomes: [NEWS, BRIEF, LONG, FAILS],
    short: 5,
    deep: 10,
  },
  ...[2, 3, 6, 7, 8, 40].map((times) => ({
    name: `failing: ${times} refreshes behind have failed`,
    prefix: failing(times),
    mostFailures: times + 8,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_301],
    short: 4,
    deep: 7,
  })),
  {
    name: "Retry-After: times of every kind",
    prefix: failing(3),
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2, RETRY_90, RETRY_301, RETRY_ENDLESS, RETRY_NO_NUMBER],
    short: 5,
    deep: 8,
  },
  {
    name: "errors end its trust before it is stale",
    bounds: { ...SHIPPED, staleIfError: 300_000 },
    prefix: HELD,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_301],
    chances: 1,
    lose: true,
    signature: true,
    short: 5,
    deep: 8,
  },
  {
    name: "store: cold, and others write",
    kinds: [KNOWN, NEW],
    outcomes: [NEWS, FAILS, STORED],
    chances: 1,
    rotations: 1,
    store: true,
    lose: true,
    short: 5,
    deep: 8,
  },
  {
    name: "dates: a fetcher that brings sets of any age",
    prefix: HELD,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, STORED, FUTURE, HELD_ONE, NEWER],
    chances: 1,
    store: true,
    rotations: 1,
    short: 5,
    deep: 8,
  },
  {
    name: "clock: it jumps a day, or is set back",
    prefix: HELD,
    jumps: [DAY, -DAY, 30_000, -30_000, -1],
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_301],
    chances: 1,
    signature: true,
    short: 5,
    deep: 6,
  },
  {
    name: "clock: it jumps twice",
    prefix: HELD,
    jumps: [DAY, -DAY, 90_000],
    mostJumps: 2,
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS, RETRY_301],
    chances: 1,
    signature: true,
    short: 4,
    deep: 6,
  },
  {
    name: "clock, cold and with a store",
    jumps: [DAY, -DAY, -30_000],
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, STORED],
    chances: 1,
    store: true,
    lose: true,
    short: 5,
    deep: 7,
  },
  {
    name: "short waits: the boundaries in another order",
    bounds: SHORT,
    prefix: HELD,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2],
    chances: 1,
    lose: true,
    signature: true,
    short: 5,
    deep: 8,
  },
  {
    name: "nothing allowed: every bound is zero",
    bounds: { staleWhileRevalidate: 0, staleIfError: 0, cooldown: 0, timeout: 1, maxParked: 0 },
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS],
    chances: 1,
    lose: true,
    signature: true,
    short: 6,
    deep: 12,
  },
  {
    name: "nothing is fresh for any time",
    bounds: { ...SHIPPED, staleWhileRevalidate: 0, staleIfError: 0 },
    maxAge: 0,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, BRIEF],
    chances: 1,
    lose: true,
    short: 5,
    deep: 9,
  },
  {
    name: "no freshness, but trust while errors last",
    bounds: { ...SHIPPED, staleWhileRevalidate: 2_000 },
    maxAge: 0,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, SAME, FAILS],
    chances: 1,
    lose: true,
    short: 5,
    deep: 9,
  },
  {
    name: "two instances, one store",
    instances: 2,
    kinds: [KNOWN, NEW],
    outcomes: [NEWS, FAILS, STORED],
    chances: 1,
    rotations: 1,
    store: true,
    lose: true,
    short: 5,
    deep: 7,
  },
  {
    name: "three instances, one store",
    instances: 3,
    kinds: [NEW],
    outcomes: [NEWS, FAILS, STORED],
    chances: 1,
    rotations: 1,
    store: true,
    short: 5,
    deep: 8,
  },
  {
    name: "clock, with short waits",
    bounds: SHORT,
    jumps: [-DAY],
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    chances: 1,
    asked: true,
    short: 6,
    deep: 9,
  },
].map(resolve);

/** Turns the times of a beginning into actions, so that a trace is one list. */
function resolve(given) {
  const config = { bounds: SHIPPED, ...given };
  const world = createWorld(config);
  const prefix = [];
  for (const step of config.prefix ?? []) {
    const action =
      step.ms === undefined ? step : code(WHAT.time, 0, moments(world).indexOf(step.ms));
    if (action < 0) throw new Error(`${config.name}: no moment in ${step.ms} ms`);
    happen(world, action);
    prefix.push(action);
  }
  return { ...config, prefix };
}
