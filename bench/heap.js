/** Bytes in use after a garbage collection; needs --expose-gc. */
export async function heapInUse() {
  for (let pass = 0; pass < 4; pass++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that one object from `create` keeps alive: the mean of several copies, against noise. */
export async function heapOf(create, copies) {
  await create();
  const before = await heapInUse();
  const made = [];
  while (made.length < copies) made.push(await create());
  const bytes = ((await heapInUse()) - before) / made.length;
  // Still in use here, so that a collection cannot have removed them.
  if (made.length < copies) throw new Error("a copy is missing");
  return Math.max(1, bytes);
}
