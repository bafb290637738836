import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  effectiveDiscordance,
  fractionality,
  pairedExceedanceP,
  pairedScore,
  pairedShareInterval,
  summariseDiscordance,
} from "../../../../src/core/judge/twins/paired-share.ts";

const Z95 = 1.959963984540054;
const Z90 = 1.6448536269514722;

describe("difference of paired shares", () => {
  // python3 test/core/judge/twins/reference.py (SciPy 1.17.1): likelihood maximised directly, not by the closed form.
  it.each([
    [100, 8, 2, -0.002385, 0.133556, 0.0390291],
    [120, 12, 0, 0.058134, 0.166682, 0.000378607],
    [25, 8, 0, 0.144186, 0.515897, 0.00256104],
  ])(
    "%i pairs, %i against %i: limits and p as SciPy finds them",
    (pairs, headOnly, baseOnly, low, high, p) => {
      const discordance = { pairs, headOnly, baseOnly };
      const [lower, upper] = pairedShareInterval(discordance, Z95);
      expect(lower).toBeCloseTo(low, 5);
      expect(upper).toBeCloseTo(high, 5);
      expect(pairedExceedanceP(discordance, 0.005) / p).toBeCloseTo(1, 4);
    },
  );

  it.each([
    [300, 21, 30, -0.078116, 0.017141],
    [50, 0, 0, -0.071348, 0.071348],
  ])(
    "%i pairs, %i against %i: limits alone, for a change that does not exceed the margin",
    (pairs, headOnly, baseOnly, low, high) => {
      const [lower, upper] = pairedShareInterval({ pairs, headOnly, baseOnly }, Z95);
      expect(lower).toBeCloseTo(low, 5);
      expect(upper).toBeCloseTo(high, 5);
      expect(pairedExceedanceP({ pairs, headOnly, baseOnly }, 0.005)).toBe(0.5);
    },
  );

  it("bounds no discordance under 3 points from 88 pairs, and not from 87", () => {
    const upper = (pairs: number): number => pairedShareInterval({ pairs, headOnly: 0, baseOnly: 0 }, Z90)[1];
    expect(upper(88)).toBeLessThan(0.03);
    expect(upper(87)).toBeGreaterThan(0.03);
  });

  it("says nothing of no pairs", () => {
    expect(pairedShareInterval({ pairs: 0, headOnly: 0, baseOnly: 0 }, Z95)).toEqual([-1, 1]);
    expect(pairedExceedanceP({ pairs: 0, headOnly: 0, baseOnly: 0 }, 0.005)).toBe(0.5);
  });

  const counts = fc
    .tuple(
      fc.integer({ min: 1, max: 400 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([pairs, a, b]) => ({ pairs, headOnly: pairs * a * b, baseOnly: pairs * a * (1 - b) }));

  it("turns round when head and baseline are exchanged, and always holds its estimate", () => {
    fc.assert(
      fc.property(counts, (given) => {
        const [low, high] = pairedShareInterval(given, Z95);
        const turned = pairedShareInterval(
          { ...given, headOnly: given.baseOnly, baseOnly: given.headOnly },
          Z95,
        );
        expect(turned[0]).toBeCloseTo(-high, 6);
        expect(turned[1]).toBeCloseTo(-low, 6);
        const estimate = (given.headOnly - given.baseOnly) / given.pairs;
        expect(low).toBeLessThanOrEqual(estimate + 1e-9);
        expect(high).toBeGreaterThanOrEqual(estimate - 1e-9);
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is less sure with a larger design effect and with a larger margin", () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 1, max: 10, noNaN: true }), (given, effect) => {
        const p = pairedExceedanceP(given, 0.005);
        expect(pairedExceedanceP(effectiveDiscordance(given, effect), 0.005)).toBeGreaterThanOrEqual(
          p - 1e-12,
        );
        expect(pairedExceedanceP(given, 0.05)).toBeGreaterThanOrEqual(p - 1e-12);
        expect(Number.isNaN(pairedScore(given, 0))).toBe(false);
      }),
    );
  });
});

describe("discordances by window", () => {
  const pairs = (count: number, block: number, head: number, base: number) =>
    Array.from({ length: count }, () => ({ head, base, block }));

  it("shows a stall of one window as a design effect, spread errors as none", () => {
    const stalled = summariseDiscordance([
      ...pairs(20, 1, 1, 0),
      ...[2, 3, 4, 5].flatMap((block) => pairs(20, block, 0, 0)),
    ]);
    const spread = summariseDiscordance(
      [1, 2, 3, 4, 5].flatMap((block) => [...pairs(4, block, 1, 0), ...pairs(16, block, 0, 0)]),
    );
    expect(stalled.headOnly).toBe(spread.headOnly);
    expect(stalled.clusterSquares / stalled.independentSquares).toBeGreaterThan(15);
    expect(spread.clusterSquares / spread.independentSquares).toBe(0);
  });

  it("weighs a discordance with one of three baseline runs as a part", () => {
    const summary = summariseDiscordance([...pairs(9, 1, 0, 1 / 3), ...pairs(91, 2, 0, 0)]);
    expect(summary.baseOnly).toBeCloseTo(3, 9);
    expect(fractionality(summary)).toBeLessThan(0.5);
    expect(fractionality(summariseDiscordance([...pairs(9, 1, 0, 1), ...pairs(91, 2, 0, 0)]))).toBeCloseTo(
      1,
      9,
    );
  });
});
