// The worlds that are explored: each with its bounds, and how far.
import { LONG_WAITS, SHIPPED, SHORT, SLOW } from "./bounds.js";
import { ACTIONS, code, createWorld, DAY, ending, happen, moments } from "./world.js";

const WHAT = Object.fromEntries(ACTIONS.map((name, at) => [name, at]));
const arrive = (kind, at = 0) => code(WHAT.arrive, at, kind);
const end = (outcome, luck = 0, at = 0) => code(WHAT.end, at, ending(0, outcome, luck));
const turn = (at = 0) => code(WHAT.turn, at, 0);
/** Another instance has written what the origin has. */
const WRITTEN = code(WHAT.store, 0, 0);
/** The nth of the waiting lookups goes on; the nth refresh under way is lost. */
const turnOf = (nth) => code(WHAT.turn, 0, nth);
const lose = (nth) => code(WHAT["lose refresh"], 0, nth);
/** Time passes: to a moment that matters. */
const pass = (ms) => ({ ms });

const HOUR = 3_600_000;
const [KNOWN, NEW, NEVER, OLD, NOT_YET_OLD, ANY, OF_1970, OF_1969] = [0, 1, 2, 3, 4, 5, 6, 7];
const [NEWS, SAME, FAILS, RETRY_2, RETRY_301, STORED, BRIEF, LONG, FUTURE, HELD_ONE, NEWER] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];
const [RETRY_90, RETRY_ENDLESS, RETRY_NO_NUMBER] = [11, 12, 13];
const [NO_TIME, LESS_TIME, FOR_EVER, NO_NUMBER, SAME_BRIEF, RETRY_PAST] = [15, 16, 17, 18, 19, 20];
const [RETRY_1, AHEAD, OF_NOW, STORED_BRIEF] = [21, 22, 23, 24];

/** One came, the origin answered, and he was answered. */
const HELD = [arrive(KNOWN), end(NEWS), turn()];
/** Two came where nothing was held, and the second doubts the first's refresh: two are under way. */
const DOUBTED = [arrive(KNOWN), arrive(KNOWN), pass(1_500), turnOf(1)];
/** The first of the two is lost, and the second failed and is tried again. */
const TRIED = [...DOUBTED, lose(0), end(FAILS), turnOf(1), pass(1_000), turnOf(1)];
/** The set is stale, and so many refreshes behind have failed. */
function failing(times) {
  const steps = [...HELD, pass(600_000)];
  for (let n = 1; n <= times; n++) {
    if (n > 1) steps.push(pass(Math.min(60_000, 1000 * 2 ** (n - 2))));
    steps.push(arrive(KNOWN), end(FAILS));
  }
  return steps;
}

/** What is explored under bounds that are not the defaults. */
const OTHER_BOUNDS = {
  prefix: HELD,
  kinds: [KNOWN, NEVER],
  outcomes: [NEWS, FAILS, RETRY_2],
  chances: 1,
  lose: true,
  signature: true,
  short: 5,
  deep: 8,
};

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
    outcomes: [NEWS, FAILS, RETRY_1],
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
    name: "used: a set gets stale while a lookup waits",
    prefix: [...HELD, pass(599_999), arrive(NEVER), end(FAILS), turn(), arrive(NEVER)],
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2],
    chances: 1,
    lose: true,
    abort: true,
    short: 5,
    deep: 8,
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
  {
    name: "ages: times of every kind",
    prefix: HELD,
    kinds: [KNOWN],
    outcomes: [NEWS, SAME_BRIEF, NO_TIME, LESS_TIME, FOR_EVER, NO_NUMBER],
    chances: 1,
    asked: true,
    short: 4,
    deep: 7,
  },
  {
    name: "tokens that are older than any set",
    prefix: HELD,
    kinds: [OF_1970, OF_1969],
    outcomes: [NEWS, FAILS],
    chances: 1,
    short: 4,
    deep: 8,
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
    outcomes: [
      NEWS,
      FAILS,
      RETRY_2,
      RETRY_90,
      RETRY_301,
      RETRY_ENDLESS,
      RETRY_NO_NUMBER,
      RETRY_PAST,
    ],
    short: 5,
    deep: 8,
  },
  {
    name: "errors end its trust before it is stale",
    bounds: { ...SHIPPED, staleIfError: 300_000 },
    ...OTHER_BOUNDS,
    outcomes: [NEWS, FAILS, RETRY_301],
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
    name: "store: a first failure, and the second try",
    prefix: [WRITTEN, arrive(KNOWN), end(FAILS), turn(), pass(1_000), turn()],
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2, STORED],
    chances: 1,
    rotations: 1,
    store: true,
    lose: true,
    short: 5,
    deep: 7,
  },
  {
    name: "store: written five minutes ago",
    stored: 300_000,
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS, STORED, STORED_BRIEF],
    chances: 1,
    store: true,
    short: 4,
    deep: 7,
  },
  {
    name: "a first lookup waits while others fail twice",
    prefix: TRIED,
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    lose: true,
    short: 5,
    deep: 8,
  },
  {
    name: "a first lookup waits, and the third fetch is lost",
    prefix: [...TRIED, end(FAILS), turnOf(1), pass(2_000), arrive(KNOWN), lose(0)],
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    chances: 1,
    lose: true,
    short: 5,
    deep: 8,
  },
  {
    name: "short waits: one leader after another is lost",
    bounds: SHORT,
    prefix: [arrive(KNOWN), lose(0), pass(1_100), turn(), lose(0), pass(1_100), turn(), lose(0)],
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    chances: 1,
    lose: true,
    find: true,
    short: 4,
    deep: 8,
  },
  {
    name: "two fetches, a store, and nothing is fresh",
    bounds: { ...SHIPPED, staleWhileRevalidate: 0, staleIfError: 0 },
    maxAge: 0,
    prefix: DOUBTED,
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS, STORED],
    chances: 1,
    store: true,
    short: 5,
    deep: 8,
  },
  {
    name: "two fetches, and Retry-After",
    prefix: DOUBTED,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2, RETRY_301],
    lose: true,
    short: 4,
    deep: 8,
  },
  {
    name: "dates: a fetcher that brings sets of any age",
    prefix: HELD,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, STORED, FUTURE, AHEAD, HELD_ONE, NEWER, OF_NOW],
    chances: 1,
    store: true,
    rotations: 1,
    short: 5,
    deep: 8,
  },
  {
    name: "clock: it jumps a day, or is set back",
    prefix: HELD,
    jumps: [DAY, -DAY, -HOUR, 30_000, -30_000, -1],
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
    name: "clock, set back and on while a lookup waits",
    bounds: { ...SHIPPED, staleIfError: 0 },
    prefix: [arrive(KNOWN), code(WHAT.jump, 0, 0), arrive(KNOWN)],
    jumps: [-30_000, DAY],
    mostJumps: 2,
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS],
    chances: 1,
    short: 5,
    deep: 8,
  },
  {
    name: "clock, set back while a store is asked",
    prefix: [WRITTEN, arrive(KNOWN)],
    jumps: [-30_000, -1],
    kinds: [KNOWN],
    outcomes: [NEWS, FAILS, STORED],
    chances: 1,
    store: true,
    find: true,
    short: 5,
    deep: 7,
  },
  {
    name: "short waits: the boundaries in another order",
    bounds: SHORT,
    ...OTHER_BOUNDS,
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
    name: "no stale time, and trust while errors last",
    bounds: { ...SHIPPED, staleWhileRevalidate: 0, staleIfError: 90_000 },
    ...OTHER_BOUNDS,
  },
  {
    name: "no trust while errors last",
    // The cooldown is a little longer than a refresh may take, and shorter than one more try would.
    bounds: { ...SHIPPED, staleIfError: 0, cooldown: 5_600 },
    prefix: HELD,
    kinds: [KNOWN, NEVER],
    outcomes: [NEWS, FAILS, RETRY_2, STORED],
    rotations: 1,
    store: true,
    chances: 1,
    lose: true,
    short: 5,
    deep: 8,
  },
  {
    name: "long waits: bounds beyond every constant",
    bounds: LONG_WAITS,
    ...OTHER_BOUNDS,
    outcomes: [NEWS, FAILS, RETRY_301],
  },
  {
    name: "slow: a timeout beyond the cooldown",
    bounds: SLOW,
    ...OTHER_BOUNDS,
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
