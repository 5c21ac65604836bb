// A trace as a story: a test that can be pasted into test/keys/remote.
import {
  ACTIONS,
  CHANCES,
  createWorld,
  decode,
  encode,
  happen,
  issueOf,
  KINDS,
  moments,
  NOW,
  OUTCOMES,
  possible,
  readEnding,
  restore,
  SETS,
} from "./world.js";

/**
 * The actions of a trace speak of states in canonical form, where lookups and instances have changed
 * places. This finds the same ones for a world in which each keeps its place.
 */
function follow(config, actions) {
  const canonical = createWorld(config);
  const world = createWorld(config);
  const copy = createWorld(config);
  const steps = [];
  for (const action of actions) {
    let wanted;
    try {
      happen(canonical, action);
      wanted = encode(canonical).join();
      restore(canonical, encode(canonical));
    } catch {
      wanted = undefined;
    }
    const same = possible(world).filter((one) => decode(one).what === decode(action).what);
    const fitting = same.find((one) => {
      clone(world, copy);
      try {
        happen(copy, one);
        return wanted === encode(copy).join();
      } catch {
        return wanted === undefined;
      }
    });
    const found = fitting ?? action;
    steps.push({ action: found, before: describe(world, found) });
    try {
      happen(world, found);
    } catch {
      break;
    }
  }
  return steps;
}

/** The same world at another place, so that trying what happens leaves the first as it is. */
function clone(world, copy) {
  const held = world.instances.map(({ held }) => ({ ...held }));
  const plain = structuredClone({
    ...world,
    config: undefined,
    instances: world.instances.map(({ flights, lookups, places, past }) => ({
      flights,
      lookups,
      places,
      past,
    })),
  });
  const { instances, ...rest } = plain;
  Object.assign(copy, rest, { config: world.config });
  for (const [at, instance] of instances.entries()) {
    Object.assign(copy.instances[at], instance);
    const { state, ring, etag, lastError } = held[at];
    Object.assign(copy.instances[at].held, { state, ring, etag, lastError });
  }
}

const numbers = new WeakMap();
function describe(world, action) {
  const { what, at, arg } = decode(action);
  const instance = world.instances[at];
  const keys = world.instances.length > 1 ? `keys[${at}]` : "keys";
  const lookups = numbers.get(world) ?? new Map();
  numbers.set(world, lookups);
  const nth = (lookup) => {
    if (!lookups.has(lookup)) lookups.set(lookup, lookups.size + 1);
    return lookups.get(lookup);
  };
  for (const lookup of instance.lookups) nth(lookup);
  const lookup = instance.lookups[arg];
  switch (ACTIONS[what]) {
    case "time":
      return `await clock.elapse(${moments(world)[arg] / 1000}); // to ${(world.now - NOW + moments(world)[arg]) / 1000} s`;
    case "turn":
      return `// the waiting lookup of ${KINDS[lookup.kind].name} goes on: ${lookup.ready ? "its refresh has ended" : "its time is over"}`;
    case "arrive":
    case "find": {
      const { kid, name } = KINDS[arg];
      const issuedAt = issueOf(KINDS[arg], instance.held.state.fetchedAt);
      const issued = issuedAt === undefined ? "" : `, ${issuedAt - NOW}`;
      return `find(${keys}, ${JSON.stringify(kid)}${issued}); // ${name}`;
    }
    case "end": {
      const ending = readEnding(arg);
      const flight = instance.flights[ending.flight];
      const { name, retryAfter, notModified, maxAge, isSet, isStore, from } =
        OUTCOMES[ending.outcome];
      const chance = CHANCES[ending.luck];
      const luck = chance === 0 ? "" : `decideChance(${chance}); `;
      const fetch = `fetches(${keys})[${flight.number - 1}]`;
      const age = maxAge === undefined ? [] : [`maxAgeSeconds: ${maxAge}`];
      const says = [
        `jwks: { keys: [${SETS[flight.set].map(({ kid }) => kid).join(", ")}] }`,
        `etag: '"${flight.set}"'`,
        ...age,
        ...(from === undefined && !isStore ? [] : ["fetchedAt: 0 /* see the comment */"]),
      ];
      const answer = notModified
        ? `resolve({ ${["notModified: true", ...age].join(", ")} })`
        : !isSet
          ? `reject(new KeySetError("http_status", { retryAfterSeconds: ${retryAfter} }))`
          : `resolve({ ${says.join(", ")} })`;
      return `${luck}${fetch}.${answer}; // ${name}`;
    }
    case "abort":
      return `abort(${nth(lookup)}); // the lookup of ${KINDS[lookup.kind].name}`;
    case "lose lookup":
      return `// the request of the lookup of ${KINDS[lookup.kind].name} ends: it never goes on`;
    case "lose refresh":
      return `// fetch ${instance.flights[arg].number} is lost with its request: it never ends, nor times out`;
    case "signature":
      return `${keys}.revalidate();`;
    case "asked":
      return `${keys}.refresh().catch(() => {});`;
    case "jump":
      return `clock.set(${world.config.jumps[arg] / 1000});`;
    case "rotate":
      return `// the origin publishes ${SETS[world.phase + 1].map(({ kid }) => kid).join(" and ")} from now on`;
    default:
      return `// another instance writes the store: ${SETS[world.phase].map(({ kid }) => kid).join(" and ")}, fetched now`;
  }
}

/** The whole story. */
export function tell(config, { what, actions, isLater }) {
  const { bounds } = config;
  const steps = follow(config, actions).map(({ before }) => `  ${before}`);
  const options = [
    `timeoutSeconds: ${bounds.timeout / 1000}`,
    `cooldownSeconds: ${bounds.cooldown / 1000}`,
    `staleWhileRevalidateSeconds: ${bounds.staleWhileRevalidate / 1000}`,
    `staleIfErrorSeconds: ${bounds.staleIfError / 1000}`,
    `maxParked: ${bounds.maxParked}`,
  ];
  return [
    `test(${JSON.stringify(what)}, async () => {`,
    "  const clock = startClock();",
    `  const { keys, find, abort, fetches } = tellModelStory(clock, { ${options.join(", ")} });`,
    ...steps,
    `  // => ${what}${isLater ? ", from here on, whatever is answered" : ""}`,
    "});",
  ].join("\n");
}
