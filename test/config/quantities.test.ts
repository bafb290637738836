import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ReadQuantity,
  readByteRate,
  readComparison,
  readDuration,
  readLatencyMargin,
  readPoints,
  readRate,
  readRatio,
  readRatioMargin,
  readShare,
  readSize,
} from "../../src/config/quantities.ts";

const value = <T>(read: ReadQuantity<T>, written: unknown): T | string => {
  const reading = read(written);
  return reading.ok ? reading.value : reading.message;
};

describe("quantities", () => {
  test.each<readonly [ReadQuantity<unknown>, unknown, unknown]>([
    [readDuration, "300ms", 300],
    [readDuration, "2s", 2000],
    [readDuration, "1.5m", 90_000],
    [readDuration, " 1 h ", 3_600_000],
    [readDuration, "30d", 2_592_000_000],
    [readDuration, "1.1s", 1100],
    // 1.001 * 1000 is 1000.9999999999999
    [readDuration, "1.001s", 1001],
    [readDuration, "0s", 0],
    [readRate, "30/s", 30],
    [readRate, "600/min", 10],
    [readSize, "512MiB", 536_870_912],
    [readSize, "64KB", 64_000],
    [readSize, "100B", 100],
    [readByteRate, "100KB/s", 100_000],
    [readShare, "20%", 0.2],
    [readShare, 0.2, 0.2],
    [readShare, "0.5", 0.5],
    [readShare, "29%", 0.29],
    [readPoints, "1pt", 0.01],
    [readPoints, "0.5 points", 0.005],
    [readPoints, 0.02, 0.02],
    [readLatencyMargin, "10% and 10ms", { relative: 0.1, absolute: 10 }],
    [readLatencyMargin, "1s and 25%", { relative: 0.25, absolute: 1000 }],
    [readLatencyMargin, "10%", { relative: 0.1, absolute: 0 }],
    [readRatioMargin, "10% and 0.05", { relative: 0.1, absolute: 0.05 }],
    [readComparison(readDuration), "<= 5s", { comparator: "<=", limit: 5000 }],
    [readComparison(readShare), ">95%", { comparator: ">", limit: 0.95 }],
    [readComparison(readRatio), "< 1.5", { comparator: "<", limit: 1.5 }],
  ])("reads %o %o", (read, written, expected) => {
    expect(value(read, written)).toEqual(expected);
  });

  test.each<readonly [ReadQuantity<unknown>, unknown, string]>([
    [readDuration, 300, "a duration needs a unit"],
    [readDuration, "300", "a duration needs a unit"],
    [readDuration, "-1s", "not a duration"],
    [readDuration, "1s2s", '"s2s" is no unit of a duration: use ms, s, m, min, h, d'],
    [readDuration, "5constructor", '"constructor" is no unit of a duration: use ms, s, m, min, h, d'],
    [readDuration, "1e3s", '"e3s" is no unit of a duration: use ms, s, m, min, h, d'],
    [readDuration, null, "a duration is a text with a unit"],
    [readRate, 30, "a rate needs a unit"],
    [readSize, 512, "a size needs a unit"],
    [readShare, "120%", "a share lies between 0 and 1 (0% and 100%)"],
    [readShare, Number.NaN, "a share lies between 0 and 1 (0% and 100%)"],
    [readShare, "a fifth", "not a share"],
    [readPoints, "120pt", "a share lies between 0 and 1 (0% and 100%)"],
    [readLatencyMargin, "10% and 5%", "a margin has at most one percentage and one absolute part"],
    [readLatencyMargin, "10% or 10ms", "not a duration"],
    [readComparison(readDuration), "5s", "a hypothesis begins with <=, >=, < or >"],
  ])("refuses %o %o", (read, written, expected) => {
    expect(value(read, written)).toBe(expected);
  });

  test("are the same in any unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (milliseconds) => {
        expect(value(readDuration, `${milliseconds}ms`)).toBe(milliseconds);
        expect(value(readDuration, `${milliseconds / 1000}s`)).toBe(milliseconds);
      }),
    );
  });

  test("never throw, whatever stands there", () => {
    const readers = [
      readDuration,
      readRate,
      readSize,
      readByteRate,
      readShare,
      readPoints,
      readLatencyMargin,
      readRatioMargin,
      readComparison(readShare),
    ];
    const wrong = (anything: unknown): unknown[] =>
      readers
        .map((read) => value<unknown>(read, anything))
        .filter((read) => typeof read === "number" && !Number.isFinite(read));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: "binary" })), (anything) => {
        expect(wrong(anything)).toEqual([]);
      }),
    );
  });
});
