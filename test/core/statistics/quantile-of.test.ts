import { array, assert, constantFrom, double, integer, oneof, property } from "fast-check";
import { expect, test } from "vitest";
import { quantileOf, quantileOfSorted, sortedCopy } from "../../../src/core/statistics/quantile.ts";

const value = oneof(
  // A sort keeps 0 and -0 as they come: as values they are one.
  double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
  constantFrom(0, 1, 1, 2, Number.POSITIVE_INFINITY),
);

test("selecting a quantile gives what sorting gives, whatever the order, ties and censored values", () => {
  assert(
    property(
      array(value, { minLength: 1, maxLength: 400, size: "max" }),
      integer({ min: 0, max: 1000 }),
      (values, permille) => {
        const q = permille / 1000;
        expect(quantileOf(values, q)).toBe(quantileOfSorted(sortedCopy(values), q));
      },
    ),
    { numRuns: 1000 },
  );
});

test("leaves the values as they were, and refuses none and NaN", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  quantileOf(values, 0.3);
  expect(values[0]).toBe(100);
  expect(() => quantileOf([], 0.5)).toThrow(RangeError);
  expect(() => quantileOf([1, Number.NaN], 0.5)).toThrow(RangeError);
});
