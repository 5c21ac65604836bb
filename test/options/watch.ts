import { Server } from "node:net";
import { afterAll, vi } from "vitest";

/** Counts what a call may not do before its options were read. */
export function watchDeeds(): () => number {
  const subtle = ["digest", "generateKey", "importKey", "sign", "verify"] as const;
  const spies = [
    vi.spyOn(console, "warn").mockImplementation(() => {}),
    vi.spyOn(globalThis, "fetch"),
    vi.spyOn(Server.prototype, "listen"),
    ...subtle.map((name) => vi.spyOn(crypto.subtle, name)),
  ];
  afterAll(() => vi.restoreAllMocks());
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

/** The same options with every function counted. */
export function counted(options: object, count: () => void): object {
  const entries = Object.entries(options).map(([name, value]) => {
    if (typeof value !== "function") return [name, value];
    const call = (...given: unknown[]): unknown => {
      count();
      return value(...given);
    };
    return [name, call];
  });
  return Object.fromEntries(entries);
}
