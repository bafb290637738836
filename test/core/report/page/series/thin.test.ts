import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binWidth, inSegments, thinned } from "../../../../../src/core/report/page/series/thin.ts";

const same = (value: number): number => value;

describe("as many points as a line has room for", () => {
  it("leaves a short line as it is", () => {
    expect(thinned([3, 1, 2], 4, same)).toEqual([3, 1, 2]);
  });

  it("keeps first, lowest, highest and last of each stretch, in their order", () => {
    expect(thinned([5, 9, 1, 6, 7, 4, 4, 8, 2, 3], 4, same)).toEqual([5, 9, 1, 3]);
  });

  it("never loses the ends or the extremes, and never has too many points", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 2000 }),
        fc.integer({ min: 4, max: 100 }),
        (values, most) => {
          const kept = thinned(values, most, same);
          expect(kept.length).toBeLessThanOrEqual(Math.max(most, 4));
          expect([kept[0], kept.at(-1)]).toEqual([values[0], values.at(-1)]);
          expect(kept.reduce((a, b) => Math.max(a, b))).toBe(values.reduce((a, b) => Math.max(a, b)));
          expect(kept.reduce((a, b) => Math.min(a, b))).toBe(values.reduce((a, b) => Math.min(a, b)));
        },
      ),
    );
  });
});

describe("bins", () => {
  it("are a second wide where all seconds fit", () => {
    expect(binWidth([0, 0.5, 1.2, 99], 3)).toBe(1);
  });

  it("grow by 1, 2, 5, 10 until times fit", () => {
    const times = Array.from({ length: 100 }, (_, second) => second);
    expect([100, 99, 50, 49, 20, 19, 10].map((most) => binWidth(times, most))).toEqual([
      1, 2, 2, 5, 5, 10, 10,
    ]);
  });

  it("do not count seconds in which nothing was", () => {
    expect(binWidth([0, 1e6], 2)).toBe(1);
  });

  it("hold any times in as many as are allowed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 500 }),
        fc.integer({ min: 2, max: 50 }),
        (times, most) => {
          const width = binWidth(times, most);
          expect(new Set(times.map((time) => Math.floor(time / width))).size).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});

describe("a line's unbroken pieces", () => {
  it("end where nothing was measured for too long", () => {
    expect(inSegments([{ at: 0 }, { at: 1 }, { at: 3 }, { at: 4 }], ({ at }) => at, 1.5)).toEqual([
      { at: 0, segment: 0 },
      { at: 1, segment: 0 },
      { at: 3, segment: 1 },
      { at: 4, segment: 1 },
    ]);
  });
});
