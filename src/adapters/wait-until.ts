import { member } from "../own.ts";

type WaitUntil = (promise: Promise<unknown>) => void;

/** Returns the context's `waitUntil`, which lets a promise finish after the response, if there is one. */
export function waitUntilOf(context: unknown): WaitUntil | undefined {
  if (typeof context !== "object" || context === null) return undefined;
  const waitUntil = member(context, "waitUntil");
  if (typeof waitUntil !== "function") return undefined;
  return (promise) => waitUntil.call(context, promise);
}
