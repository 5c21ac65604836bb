import { expect, test } from "vitest";
import { shortLivedBytes } from "../../src/encoding/slab.ts";

const SLAB = 16_384;

test("pieces are empty, and nobody else's", () => {
  const sizes = [1, 3, 7, 1000, 4096, 300];
  const pieces = Array.from({ length: 60 }, (_, at) => shortLivedBytes(sizes[at % 6] as number));
  pieces.forEach((piece, at) => {
    expect(piece.every((byte) => byte === 0)).toBe(true);
    piece.fill(at + 1);
  });
  pieces.forEach((piece, at) => {
    expect(piece).toHaveLength(sizes[at % 6] as number);
    expect(piece.every((byte) => byte === at + 1)).toBe(true);
  });
});

test("a slab is used up to its last byte, then another is begun", () => {
  let piece = shortLivedBytes(4096);
  for (let tries = 0; piece.byteOffset !== 0 && tries < 5; tries++) piece = shortLivedBytes(4096);
  const others = [shortLivedBytes(4096), shortLivedBytes(4096), shortLivedBytes(4096)];
  expect(others.map(({ byteOffset }) => byteOffset)).toEqual([4096, 8192, 12_288]);
  for (const { buffer } of others) expect(buffer).toBe(piece.buffer);
  const next = shortLivedBytes(1);
  expect(next.buffer).not.toBe(piece.buffer);
  expect([next.byteOffset, next.buffer.byteLength]).toEqual([0, SLAB]);
});

test("what is more than a quarter of a slab does not use one up", () => {
  const before = shortLivedBytes(1);
  expect(shortLivedBytes(SLAB / 4).buffer.byteLength).toBe(SLAB);
  expect(shortLivedBytes(SLAB / 4 + 1).buffer.byteLength).toBe(SLAB / 4 + 1);
  expect(shortLivedBytes(10 * SLAB).buffer.byteLength).toBe(10 * SLAB);
  expect(before.buffer.byteLength).toBe(SLAB);
});
