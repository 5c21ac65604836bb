/** Bytes in use once the garbage is gone; needs --expose-gc. */
export async function heapInUse() {
  for (let pass = 0; pass < 4; pass++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const COPIES = 5;

/** Bytes that one of what `create` makes keeps alive; several are made, to drown what is by chance. */
export async function heapOf(create) {
  const before = await heapInUse();
  const made = [];
  for (let copy = 0; copy < COPIES; copy++) made.push(await create());
  const bytes = ((await heapInUse()) - before) / COPIES;
  // Still in use, or there would be nothing to measure.
  if (made.length !== COPIES) throw new Error("a copy is missing");
  return Math.max(1, bytes);
}
