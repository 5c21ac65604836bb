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
