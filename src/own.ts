/**
 * What an object has of its own. `Object.prototype` is shared by every script of a process, and one
 * that merges hostile JSON into an object can be made to write there: nothing is ever read from it.
 */

// Taken at load, so that no later script can answer in their place.
export const hasOwn: typeof Object.hasOwn = Object.hasOwn;
const { getPrototypeOf } = Object;

type Members = { [name: string | symbol]: unknown };

/** An own property, else `undefined`: for data. */
export function own(object: object, name: string | symbol): unknown {
  return hasOwn(object, name) ? (object as Members)[name] : undefined;
}

/** A member of an object or its class, else `undefined`: for what may be an instance, as a `Request` is. */
export function member(object: object, name: string): unknown {
  return hasMember(object, name) ? (object as Members)[name] : undefined;
}

function hasMember(object: object, name: string): boolean {
  if (hasOwn(object, name)) return true;
  const above = getPrototypeOf(object);
  return above !== null && getPrototypeOf(above) !== null && hasMember(above, name);
}
