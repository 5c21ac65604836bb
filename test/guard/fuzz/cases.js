import { edited, split } from "./edits.js";
import { idOf } from "./ids.js";
import { Random } from "./random.js";
import { lastRequest, makeRequest } from "./requests.js";

/** What one client sends on one connection, made from a seed and a number alone. */
export function makeCase(seed, at, variants) {
  const random = new Random(Math.imul(seed, 7919) + at);
  const variant = random.pick(variants);
  let count = 0;
  const context = { ...variant, nextId: () => idOf(at, count++) };
  const requests = Array.from({ length: 1 + random.below(4) }, () => makeRequest(random, context));
  if (random.chance(0.8)) requests.push(lastRequest(random, context));
  const whole = Buffer.concat(requests.map(({ bytes }) => bytes));
  const isEdited = random.chance(0.35);
  const sent = isEdited ? edited(random, whole) : whole;
  return {
    ...{ port: variant.port, requests, isEdited, sent, parts: split(random, sent) },
    ending: random.pick(["wait", "wait", "wait", "half-close", "leave"]),
    pauseMs: random.pick([0, 0, 0, 1, 5]),
  };
}
