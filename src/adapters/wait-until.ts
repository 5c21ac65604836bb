import { member } from "../own.ts";

type WaitUntil = (promise: Promise<unknown>) => void;

/** What keeps a promise alive behind the response, where a runtime's context has it. */
export function waitUntilOf(context: unknown): WaitUntil | undefined {
  if (typeof context !== "object" || context === null) return undefined;
  const waitUntil = member(context, "waitUntil");
  if (typeof waitUntil !== "function") return undefined;
  return (promise) => waitUntil.call(context, promise);
}
