// What one test file replaces must be restored for the next, because files share their modules and globals.
import { afterAll, vi } from "vitest";

const NAMES = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "setImmediate",
  "Date",
  "fetch",
] as const;
type Platform = Pick<typeof globalThis, (typeof NAMES)[number]>;

/** The platform's own, as they were before the first file of this process. */
const holder = process as { platform_?: Platform };
holder.platform_ ??= Object.fromEntries(NAMES.map((name) => [name, globalThis[name]])) as never;
const platform: Platform = holder.platform_;

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  const replaced = NAMES.filter((name) => globalThis[name] !== platform[name]);
  const left = [...replaced, ...Object.keys(Object.prototype)];
  Object.assign(globalThis, platform);
  if (left.length > 0) throw new Error(`This test file leaves behind: ${left.join(", ")}.`);
});
