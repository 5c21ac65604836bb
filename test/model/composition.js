// The shipped key set whole, with its promises, timers and fetches owned by a scheduler: every order of
// what can happen in a small world, each in step with the model. Where the two differ, one is wrong.
import { AsyncLocalStorage } from "node:async_hooks";
import { createRemoteKeySet } from "../../src/keys/remote-key-set.ts";
import { longestWait } from "./laws.js";
import { ACTIONS, code, createWorld, happen, NOW, parked, pass } from "./world.js";

const WHAT = Object.fromEntries(ACTIONS.map((name, at) => [name, at]));
const BOUNDS = {
  staleWhileRevalidate: 600_000,
  staleIfError: 86_400_000,
  cooldown: 10_000,
  timeout: 5_000,
  maxParked: 1,
};
const KIDS = ["A", "B", "X"];
const [KNOWN, , NEVER] = [0, 1, 2];
const [NEWS, SAME, FAILS] = [0, 1, 2];

/** What happens before the orders part, and what may happen then, each once. */
export const SMALL_WORLDS = [
  { name: "cold, two known kids", lookups: [KNOWN, KNOWN], abort: 1, lose: 1 },
  { name: "cold, a known and an unknown kid", lookups: [KNOWN, NEVER], abort: 1, lose: 1 },
  { name: "held, two unknown kids", before: 0, lookups: [NEVER, NEVER], abort: 1, lose: 1 },
  {
    name: "held, no room, two unknown kids",
    maxParked: 0,
    before: 0,
    lookups: [NEVER, NEVER],
    asked: 1,
    abort: 1,
    lose: 1,
  },
  {
    name: "cold, no room, a known and an unknown kid",
    maxParked: 0,
    lookups: [KNOWN, NEVER],
    abort: 1,
    lose: 1,
  },
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
    name: "held, a signature and an unknown kid",
    before: 0,
    lookups: [NEVER],
    signature: 1,
    asked: 1,
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

const modulus = Buffer.alloc(256, 0xff).toString("base64url");
const JWKS = { keys: [{ kty: "RSA", kid: "A", n: modulus, e: "AQAB" }] };

// ------------------------------------------------------------------------ what the scheduler owns

const owner = new AsyncLocalStorage();
let time = 0;
let timers = [];
let fetches = [];
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

/** Lets all that needs no time come to its end: nothing here waits for anything but promises. */
async function settle() {
  for (let turn = 0; turn < 48; turn++) await undefined;
}

// ------------------------------------------------------------------------------ one order of events

/** Takes one way through a small world. `choose(n)` says which of n things happens next. */
async function live(config, choose) {
  time = 0;
  timers = [];
  fetches = [];
  wrong = undefined;
  const bounds = { ...BOUNDS, maxParked: config.maxParked ?? BOUNDS.maxParked };
  const model = createWorld({ bounds });
  const [instance] = model.instances;
  const keys = createRemoteKeySet("https://issuer.example/jwks", {
    maxParked: bounds.maxParked,
    now: () => NOW + time,
    fetcher: ({ cold, etag }) =>
      new Promise((resolve, reject) => {
        const number = instance.held.state.newest + fetches.filter(({ isNew }) => isNew).length + 1;
        fetches.push({ number, cold, etag, resolve, reject, owner: owner.getStore(), isNew: true });
      }),
  });
  const lookups = [];
  const story = [];
  let aborts = config.abort ?? 0;
  let losses = config.lose ?? 0;
  let asked = config.asked ?? 0;
  let signatures = config.signature ?? 0;
  const coming = [...config.lookups];

  const step = async (what, real, action) => {
    story.push(what);
    real?.();
    await settle();
    if (action !== undefined) happen(model, action);
    for (;;) {
      const at = instance.lookups.findIndex(({ ready }) => ready);
      if (at < 0) break;
      happen(model, code(WHAT.turn, 0, at));
    }
    compare();
  };
  function compare() {
    const { state } = keys;
    const { held, flights } = instance;
    const same = {
      fetchedAt: [state.fetchedAt, held.state.fetchedAt],
      "when it is fresh": [
        state.freshUntilAt,
        held.state.fetchedAt === undefined ? undefined : held.state.freshUntil,
      ],
      standing: [state.standing, held.standing(NOW + time)],
      failures: [state.failures, held.state.failures],
      parked: [state.parked, parked(instance, longestWait(bounds), NOW + time)],
      "fetches under way": [fetches.length, flights.length],
      "what was asked for": [
        fetches.map(({ cold, etag }) => `${cold} ${etag}`).join(),
        flights.map(({ cold, etag }) => `${cold} ${etag}`).join(),
      ],
      results: [
        lookups.map(({ result }) => result).join(),
        lookups.map(({ twin }) => (twin.isAborted ? "aborted" : twin.result)).join(),
      ],
    };
    for (const fetch of fetches) fetch.isNew = false;
    for (const [name, [real, modelled]] of Object.entries(same)) {
      if (real !== modelled) wrong ??= `${name}: ${real}, and in the model ${modelled}`;
    }
  }
  const lookUp = async (kind) => {
    const controller = new AbortController();
    const lookup = { kind, controller, result: undefined, twin: undefined };
    story.push(`a lookup of ${KIDS[kind]}`);
    owner.run(lookup, () => {
      keys.find({ alg: "RS256", kid: KIDS[kind] }, { signal: controller.signal }).then(
        (found) => {
          lookup.result = found.length > 0 ? "keys" : "absent";
        },
        () => {
          lookup.result = controller.signal.aborted ? "aborted" : "refused";
        },
      );
    });
    await settle();
    happen(model, code(WHAT.find, 0, kind));
    lookup.twin = instance.latest;
    lookups.push(lookup);
    compare();
  };
  const answer = (fetch, outcome) => {
    const at = instance.flights.findIndex(({ number }) => number === fetch.number);
    fetches = fetches.filter((one) => one !== fetch);
    const name = ["news", "not modified", "a failure"][outcome];
    return step(
      `fetch ${fetch.number} brings ${name}`,
      () => {
        if (outcome === FAILS) fetch.reject(new Error("refused"));
        else if (outcome === SAME) fetch.resolve({ notModified: true });
        else fetch.resolve({ jwks: JWKS, etag: '"0"' });
      },
      code(WHAT.end, 0, (at * 16 + outcome) * 2),
    );
  };
  const fire = async (timer) => {
    const offset = timer.due - time;
    time = timer.due;
    if (offset > 0) pass(model, offset);
    timers = timers.filter((one) => one !== timer);
    // Its own timer tells a fetch from a pause: `within` rejects with a code.
    if (timer.args[0] === "fetch_timeout") {
      const fetch = fetches.find((one) => one.timer === timer);
      const at = instance.flights.findIndex(({ number }) => number === fetch?.number);
      fetches = fetches.filter((one) => one !== fetch);
      return step(
        `${offset} ms pass, and fetch ${fetch?.number} takes too long`,
        () => timer.call(...timer.args),
        code(WHAT.end, 0, (at * 16 + FAILS) * 2),
      );
    }
    const at = instance.lookups.indexOf(timer.owner?.twin);
    const isAsked = timer.owner?.twin === undefined;
    return step(
      `${offset} ms pass, and a lookup's time is over`,
      () => timer.call(...timer.args),
      isAsked ? undefined : code(WHAT.turn, 0, at),
    );
  };

  if (config.before !== undefined) {
    await lookUp(KNOWN);
    await answer(fetches[0], NEWS);
    time += config.before;
    pass(model, config.before);
    lookups.pop();
  }
  for (let n = 0; wrong === undefined && n < 40; n++) {
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
    for (const fetch of fetches) {
      if (fetch.owner?.isLost) continue;
      next.push(
        () => answer(fetch, NEWS),
        () => answer(fetch, FAILS),
      );
      if (fetch.etag === '"0"') next.push(() => answer(fetch, SAME));
    }
    for (const timer of timers) if (timer.due === first) next.push(() => fire(timer));
    for (const lookup of lookups) {
      if (lookup.result !== undefined || lookup.isLost) continue;
      if (aborts > 0) {
        next.push(() => {
          aborts--;
          lookup.twin.isAborted = true;
          const at = instance.lookups.indexOf(lookup.twin);
          return step("it is aborted", () => lookup.controller.abort(), code(WHAT.abort, 0, at));
        });
      }
      const led = fetches.find((fetch) => fetch.owner === lookup);
      const isLeader = led !== undefined && led.number === instance.held.state.newest;
      if (losses > 0 && isLeader && lookup.twin.awaited === led.number) {
        next.push(() => {
          losses--;
          lookup.isLost = true;
          const at = instance.lookups.indexOf(lookup.twin);
          const flight = instance.flights.findIndex(({ number }) => number === led.number);
          timers = timers.filter((timer) => timer.owner !== lookup);
          fetches = fetches.filter((fetch) => fetch !== led);
          happen(model, code(WHAT["lose lookup"], 0, at));
          return step(
            "it is lost with its fetch",
            undefined,
            code(WHAT["lose refresh"], 0, flight),
          );
        });
      }
    }
    if (asked > 0) {
      next.push(() => {
        asked--;
        return step("refresh()", () => keys.refresh().catch(() => {}), code(WHAT.asked, 0, 0));
      });
    }
    if (signatures > 0) {
      next.push(() => {
        signatures--;
        return step(
          "a signature no key verified",
          () => keys.revalidate(),
          code(WHAT.signature, 0, 0),
        );
      });
    }
    if (next.length === 0) break;
    try {
      await next[choose(next.length)]();
    } catch (error) {
      wrong ??= error.message;
    }
  }
  if (timers.length > 0) wrong ??= "a timer is left when nothing is under way";
  if (lookups.some(({ result, isLost }) => result === undefined && !isLost)) {
    wrong ??= "a lookup never ends";
  }
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
    const { wrong: what, story } = await live(config, (options) => {
      const pick = path[taken.length] ?? 0;
      taken.push([pick, options]);
      return pick;
    });
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
