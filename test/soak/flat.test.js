import assert from "node:assert/strict";
import { test } from "node:test";
import { compareThirds } from "./flat.js";

const LIMIT = { share: 0.1, slack: 5 };
const series = (value) => Array.from({ length: 31 }, (_, index) => value(index));

test("a constant series is flat", () => {
  const still = series(() => 100);
  assert.deepEqual(compareThirds(still, LIMIT), { first: 100, last: 100, isFlat: true });
});

test("a rising series is not flat, even if it starts to rise late", () => {
  assert.equal(
    compareThirds(
      series((index) => 100 + index),
      LIMIT,
    ).isFlat,
    false,
  );
  assert.equal(
    compareThirds(
      series((index) => (index < 20 ? 100 : 116)),
      LIMIT,
    ).isFlat,
    false,
  );
});

test("a falling series is flat", () => {
  assert.equal(
    compareThirds(
      series((index) => 200 - index),
      LIMIT,
    ).isFlat,
    true,
  );
});

test("a few outliers do not decide", () => {
  const jolted = series((index) => (index > 26 ? 1000 : 100));
  assert.equal(compareThirds(jolted, LIMIT).isFlat, true);
});

test("the limit is a share of the first third plus a constant", () => {
  const risen = (by) =>
    compareThirds(
      series((index) => (index < 15 ? 100 : 100 + by)),
      LIMIT,
    );
  assert.equal(risen(15).isFlat, true);
  assert.equal(risen(15.1).isFlat, false);
});

test("a value that is not a number is not flat", () => {
  assert.equal(
    compareThirds(
      series(() => Number.NaN),
      LIMIT,
    ).isFlat,
    false,
  );
});

test("a series that is too short is not judged", () => {
  assert.throws(() => compareThirds([1, 2], LIMIT), RangeError);
});
