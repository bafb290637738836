import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delay } from "../../src/core/fault.ts";
import { exactMarks } from "../../src/core/placement.ts";
import { drawDelayMs, randomFor, shuffled, subSeed } from "../../src/core/random.ts";

/**
 * Baselines are twins of later runs only while the same seed draws the same schedule. Should one of these fail after an
 * update of pure-rand, every stored baseline has lost its twins: that is a new major version, not a new expected value.
 */
describe("what a seed draws never changes", () => {
  test("sub-seeds", () => {
    expect(subSeed(0)).toBe(-30799428);
    expect(subSeed(42, "a", 1)).toBe(1384844753);
    expect(subSeed(4294967295, "marks", "x", 0)).toBe(22222854);
  });

  test("numbers", () => {
    const random = randomFor(42, "a", 1);
    expect([random.next(), random.next()]).toEqual([0.36420509268156276, 0.9507404983791848]);
    expect([random.below(10), random.below(1000), random.below(0x100000000)]).toEqual([3, 938, 3990041425]);
    expect(random.normal()).toBeCloseTo(-0.8479496665590702, 12);
  });

  test("orders and marks", () => {
    const tens = Array.from({ length: 10 }, (_, index) => index);
    expect(shuffled(tens, randomFor(7, "order"))).toEqual([7, 1, 0, 4, 5, 6, 8, 3, 9, 2]);
    expect(exactMarks(7, "k", 20, 0.2).map(Number).join("")).toBe("00100000101000001000");
  });
});

describe("a stream of draws", () => {
  test("is its key's own: neighbouring keys and seeds begin apart", () => {
    const firsts = [0, 1, 2, 3].flatMap((seed) =>
      [0, 1, 2, 3].map((key) => randomFor(seed, "k", key).next()),
    );
    expect(new Set(firsts).size).toBe(16);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(0.5);
  });

  test("stays in its bounds, and a shuffle keeps every item", () => {
    assert(
      property(integer(), integer({ min: 1, max: 1000 }), (seed, limit) => {
        const random = randomFor(seed, "bounds");
        for (let draw = 0; draw < 20; draw++) {
          const [share, whole] = [random.next(), random.below(limit)];
          expect(share >= 0 && share < 1).toBe(true);
          expect(Number.isInteger(whole) && whole >= 0 && whole < limit).toBe(true);
        }
        const items = Array.from({ length: limit % 50 }, (_, index) => index);
        expect(shuffled(items, random).sort((a, b) => a - b)).toEqual(items);
      }),
    );
  });
});

describe("a delay", () => {
  const draws = (delay: Delay, seed: number, count = 4000): number[] => {
    const random = randomFor(seed, "delays");
    return Array.from({ length: count }, () => drawDelayMs(delay, random));
  };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const seeds = integer({ min: 0, max: 2 ** 31 });
  const times = integer({ min: 0, max: 500 });

  test("without jitter is the delay, of every distribution", () => {
    const kinds = constantFrom("constant", "uniform", "normal", "pareto");
    assert(
      property(seeds, times, kinds, (seed, delayMs, distribution) => {
        expect(new Set(draws({ delayMs, jitterMs: 0, distribution }, seed, 5))).toEqual(new Set([delayMs]));
      }),
    );
  });

  test("uniform: within the half width, never negative, its mean the delay", () => {
    assert(
      property(seeds, times, times, (seed, delayMs, jitterMs) => {
        const values = draws({ delayMs, jitterMs, distribution: "uniform" }, seed);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.max(0, delayMs - jitterMs));
        expect(Math.max(...values)).toBeLessThanOrEqual(delayMs + jitterMs);
        // Six standard errors; what would be negative is 0, so the mean of a wide one lies above.
        const slack = (6 * jitterMs) / Math.sqrt(3 * values.length);
        expect(mean(values)).toBeGreaterThanOrEqual(delayMs - slack);
        const above = delayMs >= jitterMs ? 0 : (jitterMs - delayMs) ** 2 / (4 * jitterMs);
        expect(mean(values)).toBeLessThanOrEqual(delayMs + above + slack + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  test("normal: never negative, mean and standard deviation as said", () => {
    assert(
      property(seeds, integer({ min: 1, max: 100 }), (seed, jitterMs) => {
        const delayMs = 6 * jitterMs;
        const values = draws({ delayMs, jitterMs, distribution: "normal" }, seed);
        const centre = mean(values);
        const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(centre - delayMs)).toBeLessThan((6 * jitterMs) / Math.sqrt(values.length));
        expect(Math.abs(deviation / jitterMs - 1)).toBeLessThan(0.1);
        expect(Math.min(...draws({ delayMs: 0, jitterMs, distribution: "normal" }, seed, 200))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test("pareto: never under the delay, median and mean of a Lomax of shape 3", () => {
    assert(
      property(seeds, times, integer({ min: 1, max: 100 }), (seed, delayMs, jitterMs) => {
        const values = draws({ delayMs, jitterMs, distribution: "pareto" }, seed).sort((a, b) => a - b);
        expect(values[0]).toBeGreaterThanOrEqual(delayMs);
        const median = (values[2000] ?? 0) - delayMs;
        expect(Math.abs(median / jitterMs - (2 ** (1 / 3) - 1))).toBeLessThan(0.05);
        // Mean scale / 2, standard deviation 0.87 of the scale, with a heavy tail.
        expect(Math.abs((mean(values) - delayMs) / jitterMs - 0.5)).toBeLessThan(0.15);
      }),
      { numRuns: 40 },
    );
  });
});
