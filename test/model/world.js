// The world round the policy: an origin, a store, up to three instances, their lookups and a clock.
// Everything that an instance does with a decision is the shipped HeldSet; only what waits is modelled.
import { KeySetError } from "../../src/errors.ts";
import { HeldSet } from "../../src/keys/held-set.ts";
import { KeyRing } from "../../src/keys/jwk-set.ts";
import { longestWait as waitOfPolicy } from "../../src/keys/lookup-policy.ts";
import {
  isBackingOff,
  isDuring,
  isTrusted as isTrustedByPolicy,
} from "../../src/keys/refresh-policy.ts";
import * as laws from "./laws.js";

const { RULES } = laws;
Error.stackTraceLimit = 0;

export const NOW = 1_700_000_000_000;
export const DAY = 86_400_000;
const NEVER = new Promise(() => {});

/** The sets that the origin publishes one after the other: B is added, then A withdrawn. */
export const SETS = [["A"], ["A", "B"], ["B"]].map((kids) =>
  kids.map((kid) => ({ kid, n: kid, e: "AQAB", cryptoKey: {}, modulus: undefined })),
);
const RINGS = SETS.map((keys) => new KeyRing(keys));
const NO_RING = new KeyRing([]);
const ETAGS = SETS.map((_, set) => `"${set}"`);

/** The tokens that are looked up. `issuedBefore`: how long before the set held, in ms; `issuedAt`: when. */
export const KINDS = [
  { name: "known", kid: "A" },
  { name: "new", kid: "B" },
  { name: "never", kid: "X" },
  { name: "old", kid: "X", issuedBefore: RULES.issuedBefore + 1 },
  { name: "not yet old", kid: "X", issuedBefore: RULES.issuedBefore },
  { name: "no kid", kid: undefined },
  { name: "of 1970", kid: "X", issuedAt: 0 },
  { name: "of 1969", kid: "X", issuedAt: -1_000 },
];

/** The time that a token says it was issued, if it says one. */
export const issueOf = ({ issuedBefore, issuedAt }, fetchedAt = NOW) =>
  issuedBefore === undefined ? issuedAt : fetchedAt - issuedBefore;

/** How a refresh can end. `maxAge` is what the origin says, in seconds. */
export const OUTCOMES = [
  { name: "news", isSet: true },
  { name: "not modified", isSet: true, notModified: true },
  { name: "fails" },
  { name: "fails, Retry-After 2", retryAfter: 2 },
  { name: "fails, Retry-After 301", retryAfter: 301 },
  { name: "from the store", isSet: true, isStore: true },
  { name: "news for 30 s", isSet: true, maxAge: 30 },
  { name: "news for two hours", isSet: true, maxAge: 7200 },
  { name: "a set from the future", isSet: true, from: 60_000 },
  { name: "the set held, dated", isSet: true, from: 0, isHeld: true },
  { name: "a newer set, dated", isSet: true, from: -1 },
  { name: "fails, Retry-After 90", retryAfter: 90 },
  { name: "fails, Retry-After without end", retryAfter: Number.POSITIVE_INFINITY },
  { name: "fails, Retry-After that is no number", retryAfter: Number.NaN },
  { name: "news without a validator", isSet: true, isBare: true },
  { name: "news for no time", isSet: true, maxAge: 0 },
  { name: "news for less than no time", isSet: true, maxAge: -1 },
  { name: "news for ever", isSet: true, maxAge: Number.POSITIVE_INFINITY },
  { name: "news for a time that is no number", isSet: true, maxAge: Number.NaN },
  { name: "not modified, for 30 s", isSet: true, notModified: true, maxAge: 30 },
  { name: "fails, Retry-After in the past", retryAfter: -2 },
  { name: "fails, Retry-After 1", retryAfter: 1 },
  { name: "a set from 1 ms ahead", isSet: true, from: 1 },
  { name: "a set dated when it came", isSet: true, from: 0, isOfNow: true },
  { name: "from the store, for 30 s", isSet: true, isStore: true, maxAge: 30 },
];
/** What Math.random comes to: next to nothing, and next to one. */
export const CHANCES = [0, 0.998];
let chance = 0;
Math.random = () => chance;

const REFUSED = new KeySetError("fetch_failed", {});
const FAILURES = new Map(
  OUTCOMES.map(({ retryAfter }) => [
    retryAfter,
    retryAfter === undefined
      ? REFUSED
      : new KeySetError("http_status", { upstreamStatus: 503, retryAfterSeconds: retryAfter }),
  ]),
);

/** What a lookup brings with it: a place to hand a refresh to, so that the runtime keeps it alive. */
let kept;
const LOOKUP_GIVEN = {
  waitUntil(flight) {
    kept = flight;
  },
};

/** The shipped owner of the state; what a refresh waits for is the world's. */
class ModelledSet extends HeldSet {
  instance;
  emit() {}
  report() {}
  run(refresh) {
    this.instance.started = { ...refresh };
    return NEVER;
  }
}

/** A wrong turn: what rule was broken. */
export class Violation extends Error {}
const broken = (what) => {
  throw new Violation(what);
};

/** Beyond the bounds of a world: not explored further. */
export class Beyond extends Error {}
const BEYOND = new Beyond();

const MAX_AGE = 600_000;
const MAX_AGE_LIMIT = 3_600_000;

export function settle({ bounds, maxAge = MAX_AGE, maxAgeLimit = MAX_AGE_LIMIT }, now) {
  return {
    bounds,
    maxAge,
    maxAgeLimit,
    fetcher: undefined,
    fetchBounds: undefined,
    now,
    emit() {},
  };
}

/** Begins a world: nothing held, nothing asked. */
export function createWorld(config) {
  const world = {
    config,
    now: NOW,
    phase: config.phase ?? 0,
    rotations: config.rotations ?? 0,
    jumps: config.jumps === undefined ? 0 : (config.mostJumps ?? 1),
    isSteady: true,
    store: config.stored === undefined ? undefined : { fetchedAt: NOW - config.stored, set: 0 },
    instances: [],
  };
  for (let at = 0; at < (config.instances ?? 1); at++) {
    const held = new ModelledSet(
      "https://issuer.example/jwks",
      settle(config, () => world.now),
    );
    const instance = {
      held,
      started: undefined,
      latest: undefined,
      flights: [],
      lookups: [],
      places: [],
      past: laws.nothingHappened(),
      // Only the whole key set is asked for these: what it tells, and why its next refresh fails.
      events: undefined,
      error: undefined,
    };
    held.instance = instance;
    world.instances.push(instance);
  }
  return world;
}

// ---------------------------------------------------------------------------------- what can happen

export const ACTIONS = [
  "time",
  "turn",
  "arrive",
  "end",
  "abort",
  "lose lookup",
  "lose refresh",
  "signature",
  "asked",
  "find",
  "jump",
  "rotate",
  "store",
];
const [
  TIME,
  TURN,
  ARRIVE,
  END,
  ABORT,
  LOSE_LOOKUP,
  LOSE,
  SIGNATURE,
  ASKED,
  FIND,
  JUMP,
  ROTATE,
  STORE,
] = ACTIONS.map((_, at) => at);
export const code = (what, instance, arg) => (what * 4 + instance) * 1024 + arg;
export const decode = (action) => ({
  what: action >> 12,
  at: (action >> 10) & 3,
  arg: action & 1023,
});
/** How a refresh ends, as the argument of an action: which one, with what, by which chance. */
export const ending = (flight, outcome, luck = 0) => (flight * 32 + outcome) * 2 + luck;
export const readEnding = (arg) => ({ flight: arg >> 6, outcome: (arg >> 1) & 31, luck: arg & 1 });

/** Every moment that matters from now on, in ms from now: each boundary, and 1 ms before and after. */
export function moments(world) {
  const { bounds } = world.config;
  const offsets = new Set();
  let latest = Number.POSITIVE_INFINITY;
  const add = (left) => {
    for (let off = left - 1; off <= left + 1; off++) if (off > 0) offsets.add(off);
  };
  const at = (time) => {
    if (time > world.now - 2 && time < world.now + 3 * DAY) add(time - world.now);
  };
  for (const { past, flights, lookups, places } of world.instances) {
    if (past.fetchedAt !== undefined) {
      at(past.fetchedAt);
      at(past.freshUntil);
      at(past.freshUntil + bounds.staleWhileRevalidate);
      at(past.freshUntil + bounds.staleIfError);
      at(past.askedAt + bounds.staleWhileRevalidate);
    }
    at(past.unknownKidAt + bounds.cooldown);
    at(past.signatureAt + RULES.signatureInterval);
    at(past.retryAt);
    if (past.retryAt > world.now) {
      at(past.retryAt - RULES.firstRetry);
      at(past.retryAt - bounds.cooldown);
    }
    if (past.startedAt !== undefined) {
      at(past.startedAt + bounds.timeout + RULES.grace);
      at(past.startedAt + Math.min(RULES.patience, bounds.timeout));
    }
    for (const { left, arrivedAt, ready } of lookups) {
      if (ready) return [];
      add(left);
      latest = Math.min(latest, left + 1);
      at(arrivedAt + bounds.cooldown + bounds.timeout);
    }
    for (const { arrivedAt, owner } of places) {
      if (owner === undefined) at(arrivedAt + laws.longestWait(bounds));
    }
    for (const { age } of flights) {
      add(bounds.timeout - age);
      latest = Math.min(latest, bounds.timeout - age + 1);
    }
  }
  // A timer is 1 ms late at most.
  return [...offsets].filter((offset) => offset <= latest).sort((a, b) => a - b);
}

/** Everything that can happen next. */
export function possible(world, into = []) {
  const { config } = world;
  into.length = 0;
  const times = moments(world);
  const most = Math.min(times.length, config.moments ?? 40);
  for (let at = 0; at < most; at++) into.push(code(TIME, 0, at));
  for (let i = 0; i < world.instances.length; i++) {
    const { lookups, flights, held } = world.instances[i];
    for (let at = 0; at < lookups.length; at++) {
      if (lookups[at].ready || lookups[at].left <= 0) into.push(code(TURN, i, at));
      if (config.abort) into.push(code(ABORT, i, at));
      if (config.lose) into.push(code(LOSE_LOOKUP, i, at));
    }
    for (let at = 0; at < flights.length; at++) {
      const { etag, cold, set } = flights[at];
      for (const outcome of config.outcomes) {
        const { notModified, isStore, from, isHeld } = OUTCOMES[outcome];
        if (notModified && (etag === undefined || etag !== ETAGS[set])) continue;
        if (isStore && !(cold && world.store !== undefined)) continue;
        if (from !== undefined && (cold || held.state.fetchedAt === undefined)) continue;
        const random = isHeld ? 1 : CHANCES.length;
        for (let luck = 0; luck < (config.chances ?? random); luck++) {
          into.push(code(END, i, ending(at, outcome, luck)));
        }
      }
      if (config.lose) into.push(code(LOSE, i, at));
    }
    for (const kind of config.kinds) into.push(code(ARRIVE, i, kind));
    if (config.find) into.push(code(FIND, i, 5));
    if (config.signature) into.push(code(SIGNATURE, i, 0));
    if (config.asked) into.push(code(ASKED, i, 0));
  }
  for (let at = 0; world.jumps > 0 && at < config.jumps.length; at++) into.push(code(JUMP, 0, at));
  if (world.rotations > 0) into.push(code(ROTATE, 0, 0));
  if (config.store) into.push(code(STORE, 0, 0));
  return into;
}

/** Lets one thing happen. @throws {Violation} where a rule is broken, {Beyond} at the world's bounds */
export function happen(world, action) {
  const { what, at, arg } = decode(action);
  const instance = world.instances[at];
  switch (what) {
    case TIME:
      pass(world, moments(world)[arg]);
      break;
    case TURN: {
      const lookup = instance.lookups[arg];
      const { ready, base, until } = lookup;
      // What `pause` came to: the promise settled, or it took too long.
      const least = ready ? base : until;
      lookup.ready = false;
      turn(world, instance, lookup, Math.max(world.now, least));
      break;
    }
    case ARRIVE:
      arrive(world, instance, arg);
      break;
    case FIND:
      find(world, instance, arg & 15, arg >= ABORTED);
      break;
    case END: {
      const { flight, outcome, luck } = readEnding(arg);
      end(world, instance, flight, outcome, CHANCES[luck]);
      break;
    }
    case ABORT:
      leave(instance, instance.lookups[arg]);
      break;
    case LOSE_LOOKUP: {
      const [lookup] = instance.lookups.splice(arg, 1);
      for (const place of instance.places) if (place.owner === lookup) place.owner = undefined;
      break;
    }
    case LOSE:
      instance.flights.splice(arg, 1);
      break;
    case SIGNATURE:
      chance = 0;
      recheck(world, instance);
      break;
    case ASKED: {
      const { held, past } = instance;
      // As `refresh()` does it.
      const free = !held.isInFlight(world.now) && !isBackingOff(held.state, world.now);
      const { bounds } = world.config;
      const should =
        !laws.isUnderWay(past, bounds, world.now) && !laws.isBackingOff(past, world.now);
      if (free !== should)
        broken(free ? "refresh() starts another fetch" : "refresh() starts none");
      if (free) start(world, instance, "asked", world.now, false);
      break;
    }
    case JUMP:
      world.jumps--;
      world.now += world.config.jumps[arg];
      world.isSteady = false;
      break;
    case ROTATE:
      world.rotations--;
      world.phase++;
      break;
    case STORE:
      if (world.store?.fetchedAt === world.now && world.store.set === world.phase) throw BEYOND;
      world.store = { fetchedAt: world.now, set: world.phase };
      break;
  }
  for (const one of world.instances) check(world, one);
}

export function pass(world, offset) {
  world.now += offset;
  for (const { flights, lookups } of world.instances) {
    for (const flight of flights) flight.age += offset;
    for (const lookup of lookups) {
      lookup.left -= offset;
      lookup.waited += offset;
    }
  }
}

// --------------------------------------------------------------------- an instance, as it is shipped

/** As the verifier asks: what is known now, and only where that is nothing, what can be found. */
function arrive(world, instance, kind) {
  const { held, past } = instance;
  const { bounds } = world.config;
  const { now } = world;
  const { kid } = KINDS[kind];
  const current = held.standing(now);
  const standing = laws.standingOf(past, bounds, now);
  if (current !== standing) broken(`a set is ${current}, where the rules say ${standing}`);
  revalidate(world, instance, current, now);
  const keys = isTrustedByPolicy(current) ? held.ring.select({ kid }) : [];
  if (keys.length > 0 && !laws.isTrusted(standing)) broken("a key of a set that is not trusted");
  const isHeld =
    past.set >= 0 && SETS[past.set].some((key) => kid === undefined || key.kid === kid);
  if (keys.length > 0 !== (laws.isTrusted(standing) && isHeld)) broken("a known key is not known");
  if (keys.length === 0) find(world, instance, kind);
}

/** Added to a kind that is looked up: its caller has gone already. */
export const ABORTED = 16;

function find(world, instance, kind, isAborted = false) {
  const { held, past } = instance;
  const lookup = {
    kind,
    arrivedAfter: held.state.newest,
    arrivedAt: world.now,
    issuedAt: issueOf(KINDS[kind], held.state.fetchedAt),
    base: world.now,
    waited: 0,
    left: 0,
    until: 0,
    awaited: 0,
    ready: false,
    place: undefined,
    result: undefined,
    isAborted,
    failedBefore: past.failed,
  };
  instance.latest = lookup;
  turn(world, instance, lookup, world.now);
}

let turns = 0;
/** The next number in the order in which lookups and others came to wait. */
export function nextTurn() {
  return ++turns;
}

/** One round of `waitFor`, until its next pause. */
function turn(world, instance, lookup, time) {
  const { held, past } = instance;
  const { bounds } = world.config;
  const { kind, arrivedAfter, arrivedAt, issuedAt } = lookup;
  const keys = held.ring.select({ kid: KINDS[kind].kid });
  const current = held.standing(time);
  const others = lookup.place === undefined ? parked(instance, waitOfPolicy(bounds), time) : 0;
  const waiting = { found: keys.length > 0, arrivedAfter, arrivedAt, issuedAt, others };
  const decision = held.decide(waiting, time);
  const wrong = laws.judge(past, bounds, waiting, decision, time);
  if (wrong !== undefined) broken(wrong);
  lookup.result = undefined;
  const { kid } = KINDS[kind];
  if (decision.act === "answer") {
    revalidate(world, instance, current, time);
    if (instance.events !== undefined) {
      lookup.result = kidsOf(past, kid).join("+") || "absent";
      if (keys.length === 0) note(instance, { type: "kid_refused", kid, code: "key_not_found" });
    }
    return leave(instance, lookup);
  }
  const isTrusted = laws.isTrusted(laws.standingOf(past, bounds, time));
  if (decision.act === "refuse") {
    // Where there is no room to wait, what is due starts all the same.
    const starts = decision.cause !== undefined && !lookup.isAborted;
    if (starts) start(world, instance, decision.cause, time, false);
    if (instance.events !== undefined) {
      const hasFailed = past.failed > lookup.failedBefore;
      lookup.result = laws.refusalOf(past, decision.retryAt, time, hasFailed);
      if (isTrusted) note(instance, { type: "kid_refused", kid, code: "backing_off" });
    }
    return leave(instance, lookup);
  }
  if (lookup.place === undefined) {
    lookup.place = { arrivedAt, owner: lookup };
    if (waitOfPolicy(bounds) !== laws.longestWait(bounds)) broken("a place of a wrong length");
    instance.places.push(lookup.place);
    instance.lookups.push(lookup);
    if (world.isSteady && instance.places.length > bounds.maxParked + 1) {
      broken("more lookups wait than may");
    }
    if (isTrusted) note(instance, { type: "kid_parked", kid });
  }
  if (lookup.isAborted) return leave(instance, lookup);
  if (decision.act === "refresh") start(world, instance, decision.cause, time, false);
  const { until } = decision;
  lookup.awaited = decision.act === "wait" ? 0 : held.state.newest;
  // A promise that has settled already resumes at once.
  lookup.ready = lookup.awaited > 0 && held.state.inFlightSince === undefined;
  // Those that wait for one refresh go on in the order in which they came to wait.
  lookup.turn = nextTurn();
  lookup.left = Math.max(1, until - time);
  lookup.until = until;
  lookup.base = time;
  // Each pause may be late by 1 ms, and there are three at most. Where the clock was set back meanwhile, a
  // lookup cannot know how long its refresh took, and may wait for two more.
  const more = world.isSteady ? 4 : 4 + 2 * (bounds.timeout + RULES.grace);
  const longest = laws.longestWait(bounds) + more;
  if (lookup.waited + lookup.left > longest) broken("a lookup waits too long");
}

function leave(instance, lookup) {
  instance.lookups = instance.lookups.filter((one) => one !== lookup);
  instance.places = instance.places.filter((place) => place !== lookup.place);
}

/** The kids of the set that must be held, or the one of them that is asked for. */
export function kidsOf({ set }, kid) {
  const kids = set < 0 ? [] : SETS[set].map((key) => key.kid);
  return kid === undefined ? kids : kids.filter((one) => one === kid);
}

/** Notes what an operator must be told. */
function note(instance, event) {
  instance.events?.push(event);
}

function noteFailure(instance, { code, status }, startedAt, time) {
  note(instance, {
    type: "refresh_failed",
    code,
    upstreamStatus: status,
    durationSeconds: (time - startedAt) / 1000,
    retryAfterSeconds: Math.max(0, instance.past.retryAt - time) / 1000,
  });
}

/** How many are counted as waiting. */
export function parked({ places }, longest, time) {
  while (places.length > 0 && !isDuring(places[0].arrivedAt, longest, time)) places.shift();
  return places.length;
}

/** `HeldSet.revalidate`, and what the rules say of it. */
function revalidate(world, instance, current, time) {
  const { held, past } = instance;
  const { bounds } = world.config;
  const wasLost = past.startedAt !== undefined && !laws.isUnderWay(past, bounds, time);
  if (wasLost) {
    const number = held.state.newest;
    // A failure, or the same would be tried again without end.
    const { startedAt } = past;
    const ended = Math.max(world.now, startedAt);
    const facts = { number, isNewest: true, retryAfter: undefined, random: chance };
    laws.failed(past, { ...facts, error: TOO_LONG }, ended);
    noteFailure(instance, TOO_LONG, startedAt, ended);
  }
  instance.started = undefined;
  kept = undefined;
  held.revalidate(current, time, LOOKUP_GIVEN);
  follow(world, instance, "stale", time, true);
  if (current !== "stale") return;
  const isBusy =
    time > world.now || laws.isUnderWay(past, bounds, time) || laws.isBackingOff(past, time);
  if (!isBusy) broken("a stale set is used and not refreshed");
}

function recheck(world, instance) {
  const { held, past } = instance;
  const { bounds } = world.config;
  const { now } = world;
  const isLately = past.signatureAt <= now && now - past.signatureAt < RULES.signatureInterval;
  const should = !isLately && !laws.isUnderWay(past, bounds, now) && !laws.isBackingOff(past, now);
  instance.started = undefined;
  kept = undefined;
  held.recheck(LOOKUP_GIVEN);
  const did = instance.started !== undefined;
  follow(world, instance, "signature", now, true);
  if (did !== should) broken("a signature that no key verified starts no refresh");
}

function start(world, instance, cause, time, isBehind) {
  instance.started = undefined;
  kept = undefined;
  instance.held.start(cause, time, LOOKUP_GIVEN);
  follow(world, instance, cause, time, isBehind);
}

/** Notes a refresh that the shipped code has started. */
function follow(world, instance, cause, time, isBehind) {
  const { started, flights, past } = instance;
  if (started === undefined) return;
  instance.started = undefined;
  const { cold, etag, number } = started;
  if (started.startedAt !== time) broken("a refresh begins at another time than it says");
  const facts = { cause, cold, time, isBehind, live: flights.length + 1, isSteady: world.isSteady };
  const wrong = laws.mayStart(past, world.config.bounds, facts);
  // Where the clock was set back meanwhile, a lookup goes on by the time it knows.
  if (wrong !== undefined && time <= world.now) broken(wrong);
  if (kept !== NEVER) broken("a refresh is not handed to the runtime that keeps it alive");
  if (etag !== (cold ? undefined : past.etag)) {
    broken("a refresh is sent with a validator of another set, or without one");
  }
  note(instance, { type: "refresh_started", cause });
  laws.started(past, facts);
  if (flights.length >= 5) throw BEYOND;
  flights.push({ number, startedAt: time, cold, etag, set: world.phase, age: 0 });
}

/** A refresh ends: as `HeldSet.run` ends, with what the fetcher brought. */
function end(world, instance, index, outcomeAt, random) {
  const { held, past } = instance;
  const [flight] = instance.flights.splice(index, 1);
  const outcome = OUTCOMES[outcomeAt];
  const { number, startedAt, cold, etag } = flight;
  const refresh = { number, startedAt, cold, etag };
  const isNewest = number === held.state.newest;
  const time = Math.max(world.now, startedAt);
  const before = { etag: held.etag, fetchedAt: past.fetchedAt };
  chance = random;
  let thrown = !outcome.isSet;
  let set = flight.set;
  let fetchedAt;
  let validator;
  if (!thrown) {
    if (outcome.notModified) set = past.set;
    else if (outcome.isStore) {
      set = world.store.set;
      fetchedAt = Math.min(world.store.fetchedAt, startedAt - 1);
    } else if (outcome.isHeld) {
      set = past.set;
      fetchedAt = past.fetchedAt;
    } else if (outcome.isOfNow) {
      fetchedAt = time;
    } else if (outcome.from !== undefined) {
      fetchedAt = outcome.from > 0 ? time + outcome.from : startedAt + outcome.from;
    }
    validator = outcome.notModified ? etag : outcome.isBare ? undefined : ETAGS[set];
    const answer = outcome.notModified
      ? { notModified: true, maxAgeSeconds: outcome.maxAge }
      : { jwks: {}, etag: validator, maxAgeSeconds: outcome.maxAge, fetchedAt };
    try {
      // As `keysOf`: it speaks of the set whose validator was sent.
      if (answer.notModified && (etag === undefined || etag !== held.etag)) throw REFUSED;
      held.install(answer, answer.notModified ? undefined : SETS[set], refresh);
    } catch (error) {
      thrown = true;
      held.giveUp(error, refresh);
    }
  } else held.giveUp(FAILURES.get(outcome.retryAfter), refresh);
  const left = fetchedAt ?? startedAt;
  // Only a cold refresh may be answered with an older set; no set is from the future.
  const isStored = left < startedAt && cold;
  const isUseless = !outcome.isSet
    ? true
    : left > time ||
      (left < startedAt && !cold && left <= (before.fetchedAt ?? 0)) ||
      (outcome.notModified === true && (etag === undefined || before.etag !== etag));
  if (isUseless !== thrown)
    broken(thrown ? "a good answer is refused" : "a useless answer is taken");
  const facts = { number, isNewest, random };
  const { maxAgeLimit = MAX_AGE_LIMIT } = world.config;
  if (isUseless) {
    const error = instance.error ?? errorOf(outcome);
    laws.failed(past, { ...facts, retryAfter: msOf(outcome.retryAfter), error }, time);
    noteFailure(instance, error, startedAt, time);
  } else {
    const maxAge = laws.ageOf(outcome.maxAge, world.config.maxAge ?? MAX_AGE, maxAgeLimit);
    const had = kidsOf(past);
    const isTaken = laws.succeeded(
      past,
      { ...facts, fetchedAt: left, maxAge, isStored, set, etag: validator },
      time,
    );
    if (isTaken) noteSuccess(instance, outcome, had, (time - startedAt) / 1000);
    // As `withStore` writes behind an answer of the origin: never an older over a newer one.
    if (world.config.store && !isStored && left > (world.store?.fetchedAt ?? 0)) {
      world.store = { fetchedAt: left, set };
    }
  }
  for (const lookup of instance.lookups) if (lookup.awaited === number) lookup.ready = true;
}

const NO_SET = { code: "jwks_malformed" };
const NO_ANSWER = { code: "fetch_failed" };
const UNAVAILABLE = { code: "http_status", status: 503 };
const TOO_LONG = { code: "fetch_timeout" };

/** What is said of a refresh that brought nothing. */
function errorOf({ isSet, retryAfter }) {
  if (isSet) return NO_SET;
  return retryAfter === undefined ? NO_ANSWER : UNAVAILABLE;
}

function noteSuccess(instance, { notModified = false }, had, durationSeconds) {
  if (instance.events === undefined) return;
  const kids = kidsOf(instance.past);
  note(instance, { type: "refresh_succeeded", durationSeconds, notModified, keys: kids.length });
  for (const kid of kids) if (!had.includes(kid)) note(instance, { type: "key_added", kid });
  for (const kid of had) if (!kids.includes(kid)) note(instance, { type: "key_withdrawn", kid });
}

const msOf = (seconds) => (seconds === undefined ? undefined : seconds * 1000);

/** What must be so in every state. */
function check(world, { held, past }) {
  const { state, ring } = held;
  if (state.fetchedAt !== past.fetchedAt || setOf(ring) !== past.set) {
    broken("an older answer replaced a newer one, or a newer one was not taken");
  }
  if (past.fetchedAt !== undefined && state.freshUntil !== past.freshUntil) {
    broken("a set is fresh for another time than the rules say");
  }
  if (state.failures !== past.failures) broken("failures are counted wrongly");
  if (held.etag !== past.etag) {
    broken("the validator is not the one of the set held");
  }
  if (state.lastSuccess !== past.answered || state.lastFailure !== past.failed) {
    broken("it is remembered wrongly which refreshes were answered, or failed");
  }
  if (state.askedAt !== past.askedAt || state.storeAsked !== past.storeAsked) {
    broken("it is remembered wrongly when the origin answered, or whether a store did");
  }
  if (state.unknownKidAt !== past.unknownKidAt || state.signatureAt !== past.signatureAt) {
    broken("it is remembered wrongly when a token last started a refresh");
  }
  if (state.inFlightSince !== past.startedAt) {
    broken("it is remembered wrongly since when a refresh is under way");
  }
  const { now } = world;
  if (laws.isBackingOff(past, now) !== isBackingOff(state, now))
    broken("a wait that the rules do not say");
  if (state.retryAt !== past.retryAt) broken("a wait of another length than the rules say");
  const { bounds } = world.config;
  if (held.isInFlight(now) !== laws.isUnderWay(past, bounds, now)) {
    broken("a refresh counts as under way when it is not, or the reverse");
  }
  const standing = laws.standingOf(past, bounds, now);
  const current = held.standing(now);
  if (current !== standing) broken(`a set is ${current}, where the rules say ${standing}`);
}

function setOf({ keys }) {
  if (keys.length === 0) return -1;
  return keys.length === 2 ? 1 : keys[0].kid === "A" ? 0 : 2;
}

// -------------------------------------------------------------------------- when the endpoint answers

/**
 * Whether everything comes right from here when each refresh is answered at once: every lookup ends and
 * the set is fresh, within the longest back-off and one wait. It may use the world up.
 */
export function comesRight(world, { crowd, proven }) {
  const { config } = world;
  const longest =
    RULES.maxRetryAfter + laws.longestWait(config.bounds) + config.bounds.timeout + RULES.grace;
  const began = world.now;
  // Where no set is ever fresh, the endpoint's answer is all that there can be.
  const isUsable = (past) =>
    config.maxAge === 0
      ? past.failures === 0 && past.askedAt >= began
      : laws.standingOf(past, config.bounds, world.now) === "fresh";
  const isRight = () =>
    world.instances.every(
      ({ lookups, past }) =>
        // In a crowd someone always waits, but no one for long: `turn` sees to that.
        (crowd || lookups.length === 0) && isUsable(past),
    );
  let isBegun = false;
  for (let step = 0; step < 400; step++) {
    let moved = false;
    for (let i = 0; i < world.instances.length; i++) {
      const instance = world.instances[i];
      while (instance.flights.length > 0) {
        happen(world, code(END, i, 0));
        moved = true;
      }
      for (;;) {
        const at = instance.lookups.findIndex(({ ready, left }) => ready || left <= 0);
        if (at < 0) break;
        happen(world, code(TURN, i, at));
        moved = true;
      }
    }
    if (moved) continue;
    if (isRight()) return;
    // What no time has passed for was perhaps gone on from before.
    if (world.now === began && !isBegun && !proven.add([crowd ? 1 : 0, ...encode(world)])) return;
    isBegun = true;
    for (let i = 0; i < world.instances.length; i++) {
      const { past, lookups, flights } = world.instances[i];
      const kinds = crowd ? [2, 0] : [0];
      if (isUsable(past) && lookups.length > 0 && !crowd) continue;
      for (const kind of kinds) happen(world, code(ARRIVE, i, kind));
      if (flights.length > 0) moved = true;
    }
    if (world.instances.some(({ flights }) => flights.length > 0)) continue;
    if (world.now - began > longest) broken("the endpoint answers, and it does not come right");
    const due = moments(world).filter((_, at, all) => all[at - 1] === all[at] - 1);
    if (due.length === 0) {
      if (isRight()) return;
      broken("the endpoint answers, and nothing can happen any more");
    }
    const offset = due[0];
    pass(world, offset);
  }
  broken("the endpoint answers, and lookups come and go without end");
}

// ----------------------------------------------------------------------- states, in a canonical form

const LONG_AGO = -200_000_000;
const NONE = -300_000_000;

/** A world as a row of integers: times relative to now, refreshes by rank, equal lookups merged. */
export function encode(world) {
  const { now, instances, config } = world;
  const keep = world.jumps > 0 || !world.isSteady;
  const rows = instances.map((instance) => encodeInstance(instance, now, config, keep));
  if (rows.length > 1) rows.sort(compareRows);
  const { store } = world;
  const row = [
    world.phase,
    world.rotations,
    world.jumps,
    world.isSteady ? 1 : 0,
    store === undefined ? NONE : Math.max(LONG_AGO, store.fetchedAt - now),
    store === undefined ? 0 : store.set,
  ];
  for (const one of rows) row.push(...one);
  return row;
}

function compareRows(a, b) {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

function encodeInstance({ held, flights, lookups, places, past }, now, config, keep) {
  // Past the longest back-off, one more failure changes nothing.
  const { bounds, mostFailures = 8 } = config;
  const { state } = held;
  const marks = [0];
  const mark = (number) => {
    if (!marks.includes(number)) marks.push(number);
  };
  mark(state.newest);
  mark(state.lastSuccess);
  mark(state.lastFailure);
  mark(past.answered);
  mark(past.failed);
  for (const { number } of flights) mark(number);
  for (const { arrivedAfter, awaited } of lookups) {
    mark(arrivedAfter);
    mark(awaited);
  }
  marks.sort((a, b) => a - b);
  // Their order, and which are next to each other; 0 is before all refreshes.
  const rank = (number) => {
    let ranked = 0;
    for (let at = 1; marks[at] <= number; at++) ranked += marks[at] - marks[at - 1] > 1 ? 2 : 1;
    return ranked;
  };
  // Without a step of the clock, what is over stays over: one value stands for all of it. What has just ended
  // keeps its time, so that a policy which ends it later is noticed.
  const since = (time, span) => {
    const age = now - time;
    return age >= (keep ? -LONG_AGO : 2 * span + 2) ? LONG_AGO : -age;
  };
  const untilThen = (time) => (time <= now && !keep ? LONG_AGO : Math.max(LONG_AGO, time - now));
  const swr = bounds.staleWhileRevalidate;
  const row = [
    state.fetchedAt === undefined ? NONE : Math.max(LONG_AGO, state.fetchedAt - now),
    state.fetchedAt === undefined ? 0 : Math.max(LONG_AGO, state.freshUntil - now),
    rank(state.newest),
    rank(state.lastSuccess),
    rank(state.lastFailure),
    state.inFlightSince === undefined ? NONE : since(state.inFlightSince, bounds.timeout),
    since(state.askedAt, swr),
    state.storeAsked ? 1 : 0,
    since(state.unknownKidAt, bounds.cooldown),
    since(state.signatureAt, RULES.signatureInterval),
    Math.min(mostFailures, state.failures),
    untilThen(state.retryAt),
    held.etag === undefined ? 0 : ETAGS.indexOf(held.etag) + 1,
    past.set,
    rank(past.answered),
    rank(past.failed),
    since(past.askedAt, swr),
    past.storeAsked ? 1 : 0,
    since(past.unknownKidAt, bounds.cooldown),
    since(past.signatureAt, RULES.signatureInterval),
    past.startedAt === undefined ? NONE : since(past.startedAt, bounds.timeout),
    flights.length,
    lookups.length,
    places.length,
  ];
  for (const { number, startedAt, cold, etag, set, age } of flights) {
    const sent = etag === undefined ? 0 : ETAGS.indexOf(etag) + 1;
    row.push(rank(number), startedAt - now, (cold ? 16 : 0) + sent * 4 + set, age);
  }
  const waiting = lookups.map((lookup) => ({ lookup, row: encodeLookup(lookup, now, rank) }));
  if (waiting.length > 1) waiting.sort((a, b) => compareRows(a.row, b.row));
  for (const one of waiting) row.push(...one.row);
  for (const { arrivedAt, owner } of places) {
    row.push(
      arrivedAt - now,
      owner === undefined ? -1 : waiting.findIndex(({ lookup }) => lookup === owner),
    );
  }
  return row;
}

const LOOKUP = 10;
function encodeLookup(lookup, now, rank) {
  const { kind, arrivedAfter, arrivedAt, issuedAt, base, waited, left, until, awaited, ready } =
    lookup;
  return [
    kind * 2 + (ready ? 1 : 0),
    rank(arrivedAfter),
    arrivedAt - now,
    issuedAt === undefined ? NONE : Math.max(LONG_AGO, issuedAt - now),
    // Time only goes on from there.
    Math.max(0, base - now),
    waited,
    ready ? 0 : left,
    ready ? 0 : Math.max(0, until - now),
    awaited === 0 || ready ? 0 : rank(awaited),
    0,
  ];
}

/** Makes a world of a row again. */
export function restore(world, row, from = 0) {
  const now = NOW;
  world.now = now;
  let at = from;
  world.phase = row[at++];
  world.rotations = row[at++];
  world.jumps = row[at++];
  world.isSteady = row[at++] === 1;
  const stored = row[at++];
  const set = row[at++];
  world.store = stored === NONE ? undefined : { fetchedAt: now + stored, set };
  for (const instance of world.instances) at = restoreInstance(instance, row, at, now);
  return world;
}

const timeOf = (offset, now) => (offset === LONG_AGO ? Number.NEGATIVE_INFINITY : now + offset);

function restoreInstance(instance, row, start, now) {
  let at = start;
  const { held } = instance;
  const fetched = row[at++];
  const fetchedAt = fetched === NONE ? undefined : now + fetched;
  const fresh = row[at++];
  const freshUntil = fetched === NONE ? 0 : now + fresh;
  const newest = row[at++];
  const lastSuccess = row[at++];
  const lastFailure = row[at++];
  const flying = row[at++];
  const inFlightSince = flying === NONE ? undefined : flying === LONG_AGO ? 0 : now + flying;
  const askedAt = timeOf(row[at++], now);
  const storeAsked = row[at++] === 1;
  const unknownKidAt = timeOf(row[at++], now);
  const signatureAt = timeOf(row[at++], now);
  const failures = row[at++];
  const retry = row[at++];
  const retryAt = retry === LONG_AGO ? 0 : now + retry;
  held.state = {
    fetchedAt,
    freshUntil,
    newest,
    lastSuccess,
    lastFailure,
    inFlightSince,
    askedAt,
    storeAsked,
    unknownKidAt,
    signatureAt,
    failures,
    retryAt,
  };
  const etag = row[at++];
  held.etag = etag === 0 ? undefined : ETAGS[etag - 1];
  held.lastError = failures > 0 ? REFUSED : undefined;
  const set = row[at++];
  held.ring = set < 0 ? NO_RING : RINGS[set];
  const answered = row[at++];
  const failed = row[at++];
  const past = {
    fetchedAt,
    freshUntil,
    set,
    etag: held.etag,
    answered,
    failed,
    askedAt: timeOf(row[at++], now),
    storeAsked: row[at++] === 1,
    failures,
    retryAt,
    unknownKidAt: timeOf(row[at++], now),
    signatureAt: timeOf(row[at++], now),
    startedAt: undefined,
  };
  const since = row[at++];
  past.startedAt = since === NONE ? undefined : since === LONG_AGO ? 0 : now + since;
  instance.past = past;
  instance.started = undefined;
  const flights = row[at++];
  const lookups = row[at++];
  const places = row[at++];
  instance.flights = [];
  for (let one = 0; one < flights; one++, at += 4) {
    const bits = row[at + 2];
    const sent = (bits & 15) >> 2;
    instance.flights.push({
      number: row[at],
      startedAt: now + row[at + 1],
      cold: bits >= 16,
      etag: sent === 0 ? undefined : ETAGS[sent - 1],
      set: bits & 3,
      age: row[at + 3],
    });
  }
  instance.lookups = [];
  for (let one = 0; one < lookups; one++, at += LOOKUP) {
    const issued = row[at + 3];
    instance.lookups.push({
      kind: row[at] >> 1,
      ready: (row[at] & 1) === 1,
      arrivedAfter: row[at + 1],
      arrivedAt: now + row[at + 2],
      issuedAt: issued === NONE ? undefined : now + issued,
      base: now + row[at + 4],
      waited: row[at + 5],
      left: row[at + 6],
      until: now + row[at + 7],
      awaited: row[at + 8],
      place: GONE,
    });
  }
  instance.places = [];
  for (let one = 0; one < places; one++, at += 2) {
    const owner = row[at + 1] < 0 ? undefined : instance.lookups[row[at + 1]];
    const place = { arrivedAt: now + row[at], owner };
    if (owner !== undefined) owner.place = place;
    instance.places.push(place);
  }
  return at;
}

/** The place of a lookup that waits so long that it is counted no more. */
const GONE = { arrivedAt: 0, owner: undefined };
