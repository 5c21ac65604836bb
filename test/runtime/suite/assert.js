/** Compares two JSON values. */
export function equal(actual, expected, what = "value") {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value) ?? String(value));
  if (is !== should) throw new Error(`${what}: expected ${should}, got ${is}`);
}

export function ok(value, what) {
  if (value !== true) throw new Error(`not so: ${what}`);
}

/** Waits for a rejection of one family with one code, and returns the error. */
export async function rejects(promise, family, code) {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (error === undefined) throw new Error(`expected ${family} ${code}, got an acceptance`);
  const is = `${error?.name} ${error?.code}`;
  if (is !== `${family} ${code}`) {
    throw new Error(`expected ${family} ${code}, got ${is}: ${error?.stack ?? String(error)}`);
  }
  return error;
}

export const refused = (promise, code) => rejects(promise, "TokenError", code);
export const unavailable = (promise, code) => rejects(promise, "KeySetError", code);
