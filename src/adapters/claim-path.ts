import { own } from "../own.ts";

/**
 * Reads a path into the claims, such as `custom.groups`.
 *
 * @throws {TypeError} when it is not such a path
 */
export function claimPath(option: string, text: string): readonly string[] {
  if (!/^[^.\s]{1,128}(?:\.[^.\s]{1,128}){0,8}$/.test(text)) {
    throw new TypeError(`${option} must be a path into the claims, such as "custom.groups"`);
  }
  return text.split(".");
}

/** Returns the value at a path, or `undefined`. Follows only own members. */
export function claimAt(claims: object, path: readonly string[]): unknown {
  let at: unknown = claims;
  for (const name of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = own(at, name);
  }
  return at;
}

/** Reads an own member of data, which may be no object. */
export function part(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? own(object, name) : undefined;
}
