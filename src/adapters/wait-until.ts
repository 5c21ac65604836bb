/** What keeps a promise alive behind the response, where a runtime's context has it. */
export function waitUntilOf(given: unknown): ((promise: Promise<unknown>) => void) | undefined {
  const context = given as { waitUntil?: (promise: Promise<unknown>) => void } | null | undefined;
  if (typeof context?.waitUntil !== "function") return undefined;
  return (promise) => context.waitUntil?.(promise);
}
