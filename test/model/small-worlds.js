// The small worlds of the whole key set: what happens before the orders part, and what may happen then.
import { DAY } from "./world.js";

export const SHIPPED = {
  staleWhileRevalidate: 600_000,
  staleIfError: 86_400_000,
  cooldown: 10_000,
  timeout: 5_000,
  maxParked: 1,
};
const SHORT = {
  staleWhileRevalidate: 4_000,
  staleIfError: 90_000,
  cooldown: 3_000,
  timeout: 1_000,
  maxParked: 1,
};

const [KNOWN, NEW, NEVER, OLD, NOT_YET_OLD, ANY] = [0, 1, 2, 3, 4, 5];
export const [NEWS, SAME, FAILS] = [0, 1, 2];
const [RETRY_2, STORED, BRIEF, LONG, FUTURE, HELD_ONE, NEWER, BARE] = [3, 5, 6, 7, 8, 9, 10, 14];

/** As the verifier asks: first for what is known, and only then for what can be found. */
const verified = (kind) => ({ kind, by: "verify" });
const gone = (kind) => ({ kind, isGone: true });
const PREFETCH = { kind: ANY, by: "prefetch" };

export const SMALL_WORLDS = [
  { name: "cold, two known kids", lookups: [KNOWN, KNOWN], abort: 1, lose: 1 },
  { name: "cold, a known and an unknown kid", lookups: [KNOWN, NEVER], abort: 1, lose: 1 },
  { name: "held, two unknown kids", before: 0, lookups: [NEVER, NEVER], abort: 1, lose: 1 },
  {
    name: "held, an unknown kid and a refresh",
    before: 0,
    lookups: [NEVER],
    asked: 1,
    abort: 1,
    lose: 1,
  },
  {
    name: "stale, a known and an unknown kid",
    before: 600_000,
    lookups: [KNOWN, NEVER],
    abort: 1,
    lose: 1,
  },
  {
    name: "unasked, two known kids",
    before: 1_200_000,
    lookups: [KNOWN, KNOWN],
    abort: 1,
    lose: 1,
  },
  {
    name: "expired, a known kid and one that is verified",
    before: 600_000 + DAY,
    rotations: 1,
    lookups: [KNOWN, verified(KNOWN)],
    lose: 1,
  },
  {
    name: "held, a signature and an unknown kid",
    before: 0,
    lookups: [NEVER],
    signature: 1,
    asked: 1,
    lose: 1,
  },
  {
    name: "stale, and the refresh behind is lost",
    before: 600_000,
    lookups: [verified(KNOWN), verified(KNOWN), verified(NEVER)],
    outcomes: [NEWS, FAILS],
    waits: [5_100, 1_000],
    lose: 1,
  },
  {
    name: "cold, prefetch and callers that have gone",
    lookups: [gone(KNOWN), PREFETCH, gone(NEVER)],
    outcomes: [NEWS, FAILS],
  },
  {
    name: "held, callers that have gone",
    before: 0,
    lookups: [gone(NEVER), verified(NEVER), gone(KNOWN)],
    abort: 1,
  },
  {
    name: "cold, a known kid and a refresh",
    lookups: [KNOWN],
    outcomes: [NEWS, FAILS],
    asked: 2,
    lose: 1,
  },
  {
    name: "rotation, and validators of sets long gone",
    before: 1_200_000,
    rotations: 1,
    anyValidator: true,
    outcomes: [NEWS, FAILS, SAME, BARE],
    lookups: [KNOWN, verified(NEW)],
  },
  {
    name: "rotation: a key is withdrawn",
    before: 0,
    rotations: 2,
    outcomes: [NEWS],
    lookups: [verified(NEW), verified(KNOWN)],
    asked: 1,
  },
  {
    name: "cold, with a store",
    stored: 30_000,
    lookups: [verified(KNOWN), verified(KNOWN)],
    outcomes: [NEWS, FAILS, STORED],
    waits: [1_000],
  },
  {
    name: "cold, with a store of a day ago",
    stored: DAY,
    lookups: [verified(KNOWN), verified(KNOWN)],
    outcomes: [NEWS, FAILS, STORED],
  },
  {
    name: "answers that are no set",
    before: 0,
    lookups: [verified(NEVER), verified(KNOWN)],
    outcomes: [NEWS, RETRY_2, FUTURE, HELD_ONE, NEWER],
    noSets: ["no keys", "no set", "nothing", "a set of no age", "an endless age"],
  },
  {
    name: "cold, answers that are no set",
    anyValidator: true,
    lookups: [KNOWN, verified(KNOWN)],
    outcomes: [NEWS, SAME],
    noSets: ["no keys", "an endless age"],
  },
  {
    name: "ages that the origin says",
    lookups: [verified(KNOWN), verified(KNOWN)],
    outcomes: [NEWS, BRIEF, LONG],
    waits: [60_000],
    asked: 1,
  },
  {
    name: "clock: cold lookups wait",
    jumps: [DAY, -DAY, 1_000],
    lookups: [KNOWN, KNOWN],
    outcomes: [NEWS, FAILS],
    lose: 1,
  },
  {
    name: "clock: unknown kids wait",
    before: 0,
    jumps: [DAY, -DAY, -1_000],
    lookups: [verified(NEVER), verified(KNOWN), verified(NEVER)],
    outcomes: [NEWS, FAILS],
  },
  {
    name: "tokens that are old, or not yet",
    before: 0,
    lookups: [verified(OLD), verified(NOT_YET_OLD)],
    throws: true,
    abort: 1,
  },
  {
    name: "short waits",
    bounds: SHORT,
    before: 0,
    lookups: [verified(NEVER), verified(NEVER), verified(KNOWN)],
    outcomes: [NEWS, FAILS],
  },
  {
    name: "a place for each of two, and one more",
    bounds: { ...SHIPPED, maxParked: 2 },
    lookups: [KNOWN, KNOWN, KNOWN, KNOWN],
    outcomes: [NEWS],
  },
  {
    name: "nobody may wait",
    bounds: { ...SHIPPED, maxParked: 0 },
    before: 0,
    lookups: [gone(NEVER), verified(NEVER), verified(KNOWN), verified(NEVER)],
    outcomes: [NEWS, FAILS],
    signature: 1,
  },
  {
    name: "cold, and nobody may wait",
    bounds: { ...SHIPPED, maxParked: 0 },
    lookups: [KNOWN, NEVER, gone(KNOWN)],
    abort: 1,
    lose: 1,
  },
  {
    name: "cold, three known kids",
    isDeep: true,
    most: 26_000,
    lookups: [KNOWN, KNOWN, KNOWN],
    abort: 1,
    lose: 1,
  },
  {
    name: "cold, three, two of them unknown",
    isDeep: true,
    most: 26_000,
    lookups: [KNOWN, NEVER, NEVER],
    abort: 1,
  },
  {
    name: "held, three unknown kids and a refresh",
    isDeep: true,
    most: 26_000,
    before: 0,
    lookups: [NEVER, NEVER, NEVER],
    asked: 1,
    abort: 1,
    lose: 1,
  },
  {
    name: "stale, three and a signature",
    isDeep: true,
    most: 26_000,
    before: 600_000,
    lookups: [KNOWN, NEVER, NEVER],
    signature: 1,
    abort: 1,
    lose: 1,
  },
  {
    name: "cold, three, and twice as many losses",
    isDeep: true,
    most: 60_000,
    lookups: [KNOWN, KNOWN, NEVER],
    abort: 2,
    lose: 2,
    asked: 1,
  },
];
