/**
 * Reads own properties only. All code of a process shares `Object.prototype`, and code that merges
 * hostile JSON into an object may write to it, so nothing is ever read from it.
 */

// Captured at load: later patches have no effect.
export const hasOwn: typeof Object.hasOwn = Object.hasOwn;
const { getPrototypeOf } = Object;

type Members = { [name: string | symbol]: unknown };

/** An own property, else `undefined`: for data. */
export function own(object: object, name: string | symbol): unknown {
  return hasOwn(object, name) ? (object as Members)[name] : undefined;
}

/** A member of an object or its class, else `undefined`: for instances of classes, such as a `Request`. */
export function member(object: object, name: string): unknown {
  return hasMember(object, name) ? (object as Members)[name] : undefined;
}

function hasMember(object: object, name: string): boolean {
  if (hasOwn(object, name)) return true;
  const above = getPrototypeOf(object);
  return above !== null && getPrototypeOf(above) !== null && hasMember(above, name);
}
