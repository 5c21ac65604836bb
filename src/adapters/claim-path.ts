import { own } from "../own.ts";

/**
 * A path into the claims, member by member: `custom.groups`.
 *
 * @throws {TypeError} for what is none
 */
export function claimPath(option: string, text: string): readonly string[] {
  if (!/^[^.\s]{1,128}(?:\.[^.\s]{1,128}){0,8}$/.test(text)) {
    throw new TypeError(`${option} must name claims by a path such as "custom.groups"`);
  }
  return text.split(".");
}

/** What is there, own members only; `undefined` when nothing is. */
export function claimAt(claims: object, path: readonly string[]): unknown {
  let at: unknown = claims;
  for (const name of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = own(at, name);
  }
  return at;
}
