const SLAB_BYTES = 16_384;

let slab = new ArrayBuffer(0);
let used = 0;

/**
 * A buffer for work that is soon over: one piece of a larger one, because allocating 1 KB costs
 * 0.8 µs and cutting it off 0.3 (`npm --prefix bench start` shows what a token costs). A piece is
 * never used again, so that nobody sees what was in it; one that is kept keeps the whole slab.
 */
export function shortLivedBytes(size: number): Uint8Array<ArrayBuffer> {
  if (size > SLAB_BYTES / 4) return new Uint8Array(size);
  if (used + size > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(slab, used, size);
  used += size;
  return bytes;
}
