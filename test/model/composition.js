// The shipped key set whole, with its promises, timers, fetches and clock owned by a scheduler: every order
// of what can happen in a small world, each in step with the model. Where the two differ, one is wrong.
import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { KeySetError } from "../../src/errors.ts";
import { createRemoteKeySet } from "../../src/keys/remote-key-set.ts";
import { SHIPPED } from "./bounds.js";
import * as laws from "./laws.js";
import { FAILS, NEWS, SAME } from "./small-worlds.js";
import {
  ABORTED,
  ACTIONS,
  code,
  createWorld,
  ending,
  happen,
  issueOf,
  KINDS,
  kidsOf,
  NOW,
  nextTurn,
  OUTCOMES,
  parked,
  pass,
  SETS,
} from "./world.js";

const WHAT = Object.fromEntries(ACTIONS.map((name, at) => [name, at]));
const URL_SHOWN = "https://issuer.example/jwks";
const URL_WHOLE = `${URL_SHOWN}?team=1`;

const modulus = Buffer.alloc(256, 0xff).toString("base64url");
const JWKS = SETS.map((keys) => ({
  keys: keys.map(({ kid }) => ({ kty: "RSA", kid, n: modulus, e: "AQAB" })),
}));
/** Answers that are no set of keys, and what is said of them. */
const NO_SETS = {
  "no keys": { answer: { jwks: { keys: [] }, etag: '"9"' }, code: "no_usable_keys" },
  "no set": { answer: { jwks: "keys" }, code: "jwks_malformed" },
  nothing: { answer: undefined, code: "jwks_malformed" },
  "a set of no age": { answer: { jwks: JWKS[0], fetchedAt: Number.NaN }, code: "jwks_malformed" },
  "an endless age": {
    answer: { jwks: JWKS[0], fetchedAt: Number.NEGATIVE_INFINITY },
    code: "jwks_malformed",
  },
};

// ------------------------------------------------------------------------ what the scheduler owns

const owner = new AsyncLocalStorage();
let time = 0;
/** How far the wall clock was set on, or back. */
let skew = 0;
let timers = [];
let fetches = [];
let kept = [];
let wrong;

let isTakenOver = false;
function takeOver() {
  if (isTakenOver) return;
  isTakenOver = true;
  globalThis.setTimeout = (call, ms, ...args) => {
    const timer = { call, args, due: time + Math.max(1, ms), owner: owner.getStore() };
    timers.push(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => {
    timers = timers.filter((one) => one !== timer);
  };
  Object.defineProperty(crypto.subtle, "importKey", { value: async () => ({}) });
  process.on("unhandledRejection", (error) => {
    wrong ??= `nobody hears of an error: ${error}`;
  });
}

/** Lets all that needs no time come to its end: here it waits for promises only. */
async function settle() {
  for (let turn = 0; turn < 48; turn++) await undefined;
}

const textOf = (event) =>
  Object.entries(event)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const refusalOf = (error) =>
  error instanceof KeySetError && error.url === URL_SHOWN
    ? `${error.code}, again in ${error.retryAfterSeconds} s, status ${error.upstreamStatus}`
    : `${error}`;

// ------------------------------------------------------------------------------ one order of events

/**
 * Takes one way through a small world. `choose(n)` says which of n things happens next; so many choices are
 * those of the way before, and were compared then.
 */
async function live(config, choose, compared) {
  time = 0;
  skew = 0;
  timers = [];
  fetches = [];
  kept = [];
  wrong = undefined;
  const { bounds = SHIPPED, outcomes = [NEWS, FAILS, SAME], jumps = [] } = config;
  const { rotations, maxAgeLimit } = config;
  const model = createWorld({ bounds, rotations, jumps, maxAgeLimit });
  const [instance] = model.instances;
  instance.events = [];
  if (config.stored !== undefined) model.store = { fetchedAt: NOW - config.stored, set: 0 };
  const events = [];
  // What is as it is shipped is not given, so that the defaults are explored, too.
  const given = {
    cooldownSeconds: bounds.cooldown / 1000,
    timeoutSeconds: bounds.timeout / 1000,
    staleWhileRevalidateSeconds: bounds.staleWhileRevalidate / 1000,
    staleIfErrorSeconds: bounds.staleIfError / 1000,
  };
  const keys = createRemoteKeySet(URL_WHOLE, {
    ...(config.bounds === undefined ? {} : given),
    maxParked: bounds.maxParked,
    maxAgeLimitSeconds: maxAgeLimit === undefined ? undefined : maxAgeLimit / 1000,
    now: () => NOW + time + skew,
    onEvent({ url, ...event }) {
      if (url !== URL_SHOWN) wrong ??= `an event shows ${url}`;
      events.push(textOf(event));
    },
    fetcher: ({ cold, etag, url, signal }) => {
      if (url !== URL_WHOLE) wrong ??= `${url} is fetched`;
      return new Promise((resolve, reject) => {
        const number = instance.held.state.newest + fetches.filter(({ isNew }) => isNew).length + 1;
        const set = model.phase;
        const facts = { number, cold, etag, set, signal, owner: owner.getStore() };
        fetches.push({ ...facts, resolve, reject, isNew: true, isKept: false });
      });
    },
  });
  const lookups = [];
  const asks = [];
  const story = [];
  let aborts = config.abort ?? 0;
  let losses = config.lose ?? 0;
  let asked = config.asked ?? 0;
  let signatures = config.signature ?? 0;
  const coming = [...config.lookups];
  const waits = [...(config.waits ?? [])];

  /** What is handed with each lookup. Each refresh that it starts must be kept alive with it. */
  const waitUntil = (flight) => {
    const fetch = fetches.at(-1);
    if (fetch === undefined || fetch.isKept) wrong ??= "what is kept alive is no new refresh";
    else fetch.isKept = true;
    const one = { fetch, isSettled: false };
    kept.push(one);
    flight.then(() => {
      one.isSettled = true;
    });
    if (config.throws) throw new Error("too late to wait");
  };
  const step = async (what, real, action) => {
    story.push(what);
    real?.();
    await settle();
    if (action !== undefined) happen(model, action);
    for (;;) {
      const goOn = [...instance.lookups, ...asks].filter(({ ready }) => ready);
      const [first] = goOn.sort((a, b) => a.turn - b.turn);
      if (first === undefined) break;
      if (first.isAsked) begin(first);
      else happen(model, code(WHAT.turn, 0, instance.lookups.indexOf(first)));
    }
    compare();
  };
  const expected = ({ twin, known }) =>
    twin === undefined ? known : twin.isAborted ? "aborted" : twin.result;
  let chosen = 0;
  function compare() {
    for (const fetch of fetches) fetch.isNew = false;
    if (chosen < compared) {
      events.length = 0;
      instance.events.length = 0;
      return;
    }
    const { state } = keys;
    const { past, flights } = instance;
    const { now } = model;
    const isHeld = past.fetchedAt !== undefined;
    const same = {
      fetchedAt: [state.fetchedAt, past.fetchedAt],
      "when it is fresh": [state.freshUntilAt, isHeld ? past.freshUntil : undefined],
      "how long it is trusted": [
        state.trustedUntilAt,
        isHeld ? past.freshUntil + bounds.staleIfError : undefined,
      ],
      standing: [state.standing, laws.standingOf(past, bounds, now)],
      kids: [state.kids.join(), kidsOf(past).join()],
      failures: [state.failures, past.failures],
      "when it is tried again": [
        state.retryAt,
        laws.isBackingOff(past, now) ? past.retryAt : undefined,
      ],
      "the last error": [state.lastError?.code, past.error?.code],
      parked: [state.parked, parked(instance, laws.longestWait(bounds), now)],
      "fetches under way": [fetches.length, flights.length],
      "what was asked for": [
        fetches.map(({ cold, etag }) => `${cold} ${etag}`).join(),
        flights.map(({ cold, etag }) => `${cold} ${etag}`).join(),
      ],
      "fetches told to stop": [fetches.filter(({ signal }) => signal.aborted).length, 0],
      "what is kept alive": [
        fetches.filter(({ isKept }) => isKept).length,
        fetches.filter((fetch) => fetch.owner?.isAsked !== true).length,
      ],
      "what is kept alive and over": [
        kept.filter(({ isSettled }) => isSettled).length,
        kept.filter(({ fetch }) => !fetches.includes(fetch) && !fetch.isLost).length,
      ],
      results: [
        lookups.map(({ result }) => result).join(),
        lookups.map((lookup) => expected(lookup)).join(),
      ],
      "what refresh() came to": [
        asks.map(({ result }) => result).join(),
        asks.map((one) => one.expected).join(),
      ],
      events: [events.join("\n"), instance.events.map(textOf).join("\n")],
    };
    events.length = 0;
    instance.events.length = 0;
    for (const [name, [real, modelled]] of Object.entries(same)) {
      if (real !== modelled) wrong ??= `${name}: ${real}, and in the model ${modelled}`;
    }
  }
  const lookUp = async (given) => {
    const {
      kind,
      by = "find",
      isGone = false,
    } = typeof given === "object" ? given : { kind: given };
    const { kid } = KINDS[kind];
    const controller = new AbortController();
    if (isGone) controller.abort(new Error("gone"));
    const lookup = { kind, controller, result: undefined, twin: undefined, known: undefined };
    story.push(`a lookup of ${kid}, by ${by}${isGone ? ", whose caller has gone" : ""}`);
    const header = { alg: "RS256", kid };
    const { signal } = controller;
    const issuedAt = issueOf(KINDS[kind], instance.past.fetchedAt);
    const bring = async () => {
      const more = { signal, waitUntil, issuedAt };
      if (by === "prefetch") return (await keys.prefetch(more)) ?? keys.known(header);
      if (by === "find") return keys.find(header, more);
      const { past } = instance;
      const isTrusted = laws.isTrusted(laws.standingOf(past, bounds, model.now));
      const known = keys.known(header, more);
      const kids = known.map((key) => key.kid).join();
      if (kids !== (isTrusted ? kidsOf(past, kid).join() : "")) wrong ??= `known() brings ${kids}`;
      return known.length > 0 ? known : keys.find(header, more);
    };
    owner.run(lookup, () => {
      bring().then(
        (found) => {
          lookup.result = found.map((key) => key.kid).join("+") || "absent";
        },
        (error) => {
          const isAborted = signal.aborted && error.cause === signal.reason;
          lookup.result = isAborted && error.code === "fetch_failed" ? "aborted" : refusalOf(error);
        },
      );
    });
    await settle();
    instance.latest = undefined;
    const what = by === "verify" ? WHAT.arrive : WHAT.find;
    happen(model, code(what, 0, kind + (isGone ? ABORTED : 0)));
    lookup.twin = instance.latest;
    if (lookup.twin === undefined) lookup.known = kidsOf(instance.past, kid).join("+");
    else if (isGone && lookup.twin.result === undefined) lookup.twin.isAborted = true;
    else if (isGone) lookup.twin.isAborted = false;
    lookups.push(lookup);
    compare();
  };
  /** A refresh has ended: what each `refresh()` that waits for it must come to. */
  const endAsks = (isDue) => {
    for (const one of asks) {
      if (one.expected !== undefined || !isDue(one)) continue;
      const { past } = instance;
      const end = laws.endOfRefresh(past, one.number, one.isOver);
      const since = Math.max(model.now, one.since);
      one.ready = end === "again";
      if (end === "done") one.expected = end;
      if (end === "refused") {
        one.expected = laws.refusalOf(past, past.retryAt, since, !one.isOver);
      }
    }
  };
  /** A round of `refresh()`: it starts a fetch or joins the one under way, unless it must not ask now. */
  const begin = (one) => {
    const { past } = instance;
    const { now } = model;
    one.ready = false;
    if (!laws.isUnderWay(past, bounds, now) && laws.isBackingOff(past, now)) {
      one.expected = laws.refusalOf(past, past.retryAt, now, false);
    }
    happen(model, code(WHAT.asked, 0, 0));
    Object.assign(one, { number: instance.held.state.newest, since: now, began: time });
    one.turn = nextTurn();
  };
  const answer = (fetch, outcome, noSet) => {
    const at = instance.flights.findIndex(({ number }) => number === fetch.number);
    fetches = fetches.filter((one) => one !== fetch);
    const { name, from, isHeld, isStore, maxAge, notModified, retryAfter, isSet, isBare } =
      OUTCOMES[outcome];
    const { past } = instance;
    const startedAt = instance.flights[at].startedAt;
    const set = isHeld ? past.set : isStore ? 0 : fetch.set;
    const fetchedAt = isStore
      ? Math.min(model.store.fetchedAt, startedAt - 1)
      : isHeld
        ? past.fetchedAt
        : from === undefined
          ? undefined
          : from > 0
            ? Math.max(model.now, startedAt) + from
            : startedAt + from;
    story.push(`fetch ${fetch.number} brings ${noSet ?? name}`);
    if (noSet !== undefined) instance.error = { code: NO_SETS[noSet].code };
    const real = () => {
      if (noSet !== undefined) fetch.resolve(NO_SETS[noSet].answer);
      else if (notModified) fetch.resolve({ notModified: true, maxAgeSeconds: maxAge });
      else if (isSet) {
        const etag = isBare ? undefined : `"${set}"`;
        fetch.resolve({ jwks: JWKS[set], etag, maxAgeSeconds: maxAge, fetchedAt });
      } else if (retryAfter === undefined) fetch.reject(new Error("refused"));
      else {
        const facts = { upstreamStatus: 503, retryAfterSeconds: retryAfter };
        fetch.reject(new KeySetError("http_status", facts));
      }
    };
    return ended(fetch, real, code(WHAT.end, 0, ending(at, outcome)));
  };
  const ended = async (fetch, real, action) => {
    real();
    await settle();
    happen(model, action);
    instance.error = undefined;
    endAsks(({ number }) => number === fetch.number);
    await step("  and what waits for it goes on");
  };
  const fire = async (timer) => {
    const offset = timer.due - time;
    time = timer.due;
    if (offset > 0) pass(model, offset);
    timers = timers.filter((one) => one !== timer);
    const call = () => timer.call(...timer.args);
    // Its own timer tells a fetch from a pause: `within` rejects with a code.
    if (timer.args[0] === "fetch_timeout") {
      const fetch = fetches.find((one) => one.timer === timer);
      const at = instance.flights.findIndex(({ number }) => number === fetch?.number);
      if (instance.flights[at]?.age !== bounds.timeout) wrong ??= "a fetch may take another time";
      fetches = fetches.filter((one) => one !== fetch);
      story.push(`${offset} ms pass, and fetch ${fetch?.number} takes too long`);
      instance.error = { code: "fetch_timeout" };
      await ended(fetch, call, code(WHAT.end, 0, ending(at, FAILS)));
      if (!fetch.signal.aborted) wrong ??= "a fetch that takes too long is not told to stop";
      return;
    }
    const at = instance.lookups.indexOf(timer.owner?.twin);
    if (timer.owner?.isAsked) {
      timer.owner.isOver = true;
      const waited = time - timer.owner.began;
      if (waited !== bounds.timeout + laws.RULES.grace) wrong ??= `refresh() waits ${waited} ms`;
      endAsks((one) => one === timer.owner);
      return step(`${offset} ms pass, and refresh() waits no longer`, call);
    }
    const { left } = instance.lookups[at];
    if (left !== 0) wrong ??= `a lookup goes on ${left} ms before its time`;
    const what = `${offset} ms pass, and a lookup's time is over`;
    return step(what, call, code(WHAT.turn, 0, at));
  };
  const ask = () => {
    asked--;
    const one = { isAsked: true, ready: true, turn: 0, result: undefined, expected: undefined };
    asks.push(one);
    const call = () =>
      keys.refresh().then(
        () => {
          one.result = "done";
        },
        (error) => {
          one.result = refusalOf(error);
        },
      );
    return step("refresh()", () => owner.run(one, call));
  };
  const lose = (fetch, at) => {
    losses--;
    fetch.isLost = true;
    const lookup = fetch.owner;
    lookup.isLost = true;
    timers = timers.filter((timer) => timer.owner !== lookup);
    fetches = fetches.filter((one) => one !== fetch);
    const flight = instance.flights.findIndex(({ number }) => number === fetch.number);
    if (at >= 0) happen(model, code(WHAT["lose lookup"], 0, at));
    const what = at >= 0 ? "it is lost with its fetch" : "a request ends, and its refresh with it";
    return step(what, undefined, code(WHAT["lose refresh"], 0, flight));
  };

  if (config.before !== undefined) {
    await lookUp(0);
    await answer(fetches[0], NEWS);
    time += config.before;
    pass(model, config.before);
    lookups.pop();
  }
  for (; wrong === undefined && chosen < 40; chosen++) {
    // The timer of each fetch was set while it was begun.
    for (const fetch of fetches) {
      fetch.timer ??= timers.find(
        (timer) => timer.args[0] === "fetch_timeout" && !fetches.some((one) => one.timer === timer),
      );
    }
    const next = [];
    const first = timers.reduce((least, { due }) => Math.min(least, due), Infinity);
    // Past the last choice only time goes on.
    if (coming.length > 0) next.push(() => lookUp(coming.shift()));
    if (waits.length > 0 && time + waits[0] < first) {
      next.push(async () => {
        time += waits[0];
        pass(model, waits[0]);
        await step(`${waits.shift()} ms pass`);
      });
    }
    for (const fetch of fetches) {
      for (const outcome of outcomes) {
        const { from, isStore } = OUTCOMES[outcome];
        const isOwn = fetch.etag !== undefined && fetch.etag === `"${fetch.set}"`;
        if (outcome === SAME && !isOwn && !config.anyValidator) continue;
        if (isStore && !fetch.cold) continue;
        if (from !== undefined && (fetch.cold || instance.past.fetchedAt === undefined)) continue;
        next.push(() => answer(fetch, outcome));
      }
      for (const name of config.noSets ?? []) next.push(() => answer(fetch, FAILS, name));
      const isBehind = fetch.owner?.twin === undefined && fetch.owner?.isAsked !== true;
      if (losses > 0 && isBehind && fetch.number === instance.held.state.newest) {
        next.push(() => lose(fetch, -1));
      }
    }
    for (const timer of timers) if (timer.due === first) next.push(() => fire(timer));
    for (const lookup of lookups) {
      if (lookup.result !== undefined || lookup.isLost) continue;
      if (aborts > 0) {
        next.push(() => {
          aborts--;
          lookup.twin.isAborted = true;
          const at = instance.lookups.indexOf(lookup.twin);
          const abort = () => lookup.controller.abort();
          return step("it is aborted", abort, code(WHAT.abort, 0, at));
        });
      }
      const led = fetches.find((fetch) => fetch.owner === lookup);
      const isLeader = led !== undefined && led.number === instance.held.state.newest;
      if (losses > 0 && isLeader && lookup.twin.awaited === led.number) {
        next.push(() => lose(led, instance.lookups.indexOf(lookup.twin)));
      }
    }
    if (asked > 0) next.push(ask);
    if (signatures > 0) {
      next.push(() => {
        signatures--;
        const call = () => owner.run({}, () => keys.revalidate({ waitUntil }));
        return step("a signature no key verified", call, code(WHAT.signature, 0, 0));
      });
    }
    for (let at = 0; model.jumps > 0 && at < jumps.length; at++) {
      next.push(() => {
        skew += jumps[at];
        return step(`the clock jumps by ${jumps[at]} ms`, undefined, code(WHAT.jump, 0, at));
      });
    }
    if (model.rotations > 0) {
      next.push(() => step("the origin has another set", undefined, code(WHAT.rotate, 0, 0)));
    }
    if (next.length === 0) break;
    try {
      await next[choose(next.length)]();
    } catch (error) {
      wrong ??= error.message;
    }
  }
  if (timers.length > 0) wrong ??= "a timer is left when nothing is under way";
  for (const { result, isLost, controller } of lookups) {
    if (isLost) continue;
    if (result === undefined) wrong ??= "a lookup never ends";
    const listeners = getEventListeners(controller.signal, "abort").length;
    if (listeners > 0) wrong ??= "a caller's signal is listened to when its lookup has ended";
  }
  if (asks.some(({ result }) => result === undefined)) wrong ??= "refresh() never ends";
  return { wrong, story };
}

/**
 * Takes every way through a small world, depth first, by going each again from its start.
 *
 * @returns how many ways there are, and the story of the first wrong one
 */
export async function interleave(config, { most = Infinity } = {}) {
  const started = performance.now();
  takeOver();
  let path = [];
  let ways = 0;
  let steps = 0;
  for (;;) {
    const taken = [];
    const choose = (options) => {
      const pick = path[taken.length] ?? 0;
      taken.push([pick, options]);
      return pick;
    };
    const { wrong: what, story } = await live(config, choose, path.length - 1);
    ways++;
    steps += taken.length;
    const figures = { ways, steps, seconds: (performance.now() - started) / 1000 };
    if (what !== undefined) return { ...figures, wrong: { what, story } };
    while (taken.length > 0 && taken.at(-1)[0] + 1 >= taken.at(-1)[1]) taken.pop();
    if (taken.length === 0) return figures;
    if (ways >= most) return { ...figures, isCut: true };
    path = taken.map(([pick]) => pick);
    path[path.length - 1]++;
  }
}
