import type { RefreshBounds } from "../../src/keys/refresh-policy.ts";

const SECOND = 1000;

/** The default bounds, in milliseconds, with room for three to wait. */
export const BOUNDS: RefreshBounds = {
  staleWhileRevalidate: 600 * SECOND,
  staleIfError: 86_400 * SECOND,
  cooldown: 10 * SECOND,
  timeout: 5 * SECOND,
  maxParked: 3,
};
