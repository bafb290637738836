import { assert, constantFrom, double, integer, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { blockLength, exactMarks } from "../../src/core/placement.ts";

const hitsOf = (marks: readonly boolean[]): number => marks.filter(Boolean).length;

describe("the block in which a fraction is exact", () => {
  test.each([
    [1, 1],
    [0.5, 2],
    [1 / 3, 3],
    [0.3, 10],
    [0.2, 5],
    [0.15, 20],
    [0.07, 100],
    [0.99, 100],
    [0.01, 100],
    [0.005, 200],
    // No whole number of hits in any block up to 200.
    [0.333, 200],
    [0.001, 200],
  ])("%d: %d requests", (fraction, length) => {
    expect(blockLength(fraction)).toBe(length);
  });

  test("is the smallest for every k of n", () => {
    for (let n = 1; n <= 200; n++) {
      for (let k = 1; k <= n; k++) {
        const length = blockLength(k / n);
        const hits = (k / n) * length;
        expect(Math.abs(hits - Math.round(hits))).toBeLessThan(1e-9);
        expect(n % length).toBe(0);
        expect(Math.round(hits) / length).toBeCloseTo(k / n, 12);
      }
    }
  });
});

describe("marks", () => {
  const seeds = integer({ min: 0, max: 2 ** 32 - 1 });

  test("hold exactly their share in every block, whatever the seed and key", () => {
    const fractions = integer({ min: 1, max: 200 }).chain((n) =>
      integer({ min: 1, max: n }).map((k) => k / n),
    );
    assert(
      property(seeds, string(), fractions, integer({ min: 1, max: 4 }), (seed, key, fraction, blocks) => {
        const length = blockLength(fraction);
        const marks = exactMarks(seed, key, blocks * length, fraction);
        expect(marks).toHaveLength(blocks * length);
        for (let block = 0; block < blocks; block++) {
          const inside = marks.slice(block * length, (block + 1) * length);
          expect(hitsOf(inside)).toBe(Math.round(fraction * length));
        }
      }),
    );
  });

  test("of any fraction and count are off by less than a block's share, and never none of a whole block", () => {
    assert(
      property(
        seeds,
        double({ min: 0.0001, max: 1, noNaN: true }),
        integer({ min: 0, max: 900 }),
        (seed, fraction, count) => {
          const marks = exactMarks(seed, "k", count, fraction);
          expect(marks).toHaveLength(count);
          const length = blockLength(fraction);
          const perBlock = Math.max(1, Math.round(fraction * length));
          const whole = Math.floor(count / length);
          expect(hitsOf(marks)).toBeGreaterThanOrEqual(whole * perBlock);
          expect(hitsOf(marks)).toBeLessThanOrEqual((whole + 1) * perBlock);
        },
      ),
    );
  });

  test("of more requests begin with those of fewer: a window cut short keeps its hits", () => {
    assert(
      property(
        seeds,
        constantFrom(0.1, 0.2, 0.37, 0.5),
        integer({ min: 0, max: 300 }),
        (seed, fraction, count) => {
          expect(exactMarks(seed, "k", 300, fraction).slice(0, count)).toEqual(
            exactMarks(seed, "k", count, fraction),
          );
        },
      ),
    );
  });

  test("of two keys, or two seeds, do not march in step", () => {
    const marks = exactMarks(7, "a", 400, 0.2);
    expect(exactMarks(7, "a", 400, 0.2)).toEqual(marks);
    for (const other of [exactMarks(7, "b", 400, 0.2), exactMarks(8, "a", 400, 0.2)]) {
      const both = marks.filter((mark, place) => mark && other[place]).length;
      // A fifth of the 80 hits by chance; all of them in step.
      expect(both).toBeGreaterThan(4);
      expect(both).toBeLessThan(36);
    }
  });
});
