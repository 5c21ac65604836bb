/** The defaults, with room for one waiting lookup. */
export const SHIPPED = {
  staleWhileRevalidate: 600_000,
  staleIfError: 86_400_000,
  cooldown: 10_000,
  timeout: 5_000,
  maxParked: 1,
};

/** As on a machine where all waits were made short: the boundaries fall in another order. */
export const SHORT = {
  staleWhileRevalidate: 4_000,
  staleIfError: 90_000,
  cooldown: 3_000,
  timeout: 1_000,
  maxParked: 1,
};

/** Each longer than the constants of the rules, and the time that a set is stale shorter than the rest. */
export const LONG_WAITS = {
  staleWhileRevalidate: 30_000,
  staleIfError: 130_000_000,
  cooldown: 400_000,
  timeout: 90_000,
  maxParked: 3,
};

/** As for an endpoint that may be slow: an answer is waited for longer than for a start. */
export const SLOW = {
  staleWhileRevalidate: 900_000,
  staleIfError: 86_400_000,
  cooldown: 3_000,
  timeout: 20_000,
  maxParked: 1,
};
