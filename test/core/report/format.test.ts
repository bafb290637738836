import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatChange,
  formatChangeWithInterval,
  formatCores,
  formatCount,
  formatInterval,
  formatMargin,
  formatMs,
  formatPoints,
  formatRatio,
  formatShare,
  formatValue,
} from "../../../src/core/report/format.ts";

describe("numbers with units", () => {
  it.each([
    [0, "0 ms"],
    [0.004, "0.004 ms"],
    [0.42, "0.4 ms"],
    [9.53, "9.5 ms"],
    [812.4, "812 ms"],
    [999.4, "999 ms"],
    [999.6, "1 s"],
    [1900, "1.9 s"],
    [4620, "4.62 s"],
    [12_345, "12.3 s"],
    [125_000, "2 min 5 s"],
    [180_000, "3 min"],
    [-40, "-40 ms"],
    [Number.POSITIVE_INFINITY, "past the deadline"],
    [Number.NaN, "n/a"],
  ])("time %d ms reads %s", (ms, text) => expect(formatMs(ms)).toBe(text));

  it.each([
    [0, "0 %"],
    [0.061, "6.1 %"],
    [0.004, "0.4 %"],
    [0.00025, "0.03 %"],
    [0.2, "20 %"],
    [1, "100 %"],
    [0.999, "99.9 %"],
    [0.9999, "100 %"],
    [Number.NaN, "n/a"],
  ])("share %d reads %s", (share, text) => expect(formatShare(share)).toBe(text));

  it.each([
    [0.057, "+5.7 points"],
    [0.01, "+1 point"],
    [-0.01, "-1 point"],
    [0, "0 points"],
    [-0.0000001, "0 points"],
    [0.005, "+0.5 points"],
    [1, "+100 points"],
  ])("difference of shares %d reads %s", (change, text) => expect(formatPoints(change)).toBe(text));

  it.each([
    [1.25, "1.25"],
    [2, "2"],
    [0, "0"],
    [1234.5, "1235"],
  ])("ratio %d reads %s", (ratio, text) => expect(formatRatio(ratio)).toBe(text));

  it.each([
    [3, "3"],
    [12_000, "12,000"],
    [1_234_567, "1,234,567"],
    [-1500, "-1,500"],
    [0.5, "0.5"],
    [-0.01, "0"],
  ])("count %d reads %s", (count, text) => expect(formatCount(count)).toBe(text));

  it("writes a change and its interval on one scale, the unit once", () => {
    expect(formatChangeWithInterval(0.057, [0.039, 0.076], "share")).toBe("+5.7 points, 95 % CI +3.9..+7.6");
    expect(formatChangeWithInterval(1100, [900, 1300], "ms")).toBe("+1.1 s, 95 % CI +0.9..+1.3");
    expect(formatChangeWithInterval(40, [-3.2, 83], "ms")).toBe("+40 ms, 95 % CI -3..+83");
    expect(formatChangeWithInterval(0.01, [0, 0.02], "share")).toBe("+1 point, 95 % CI 0..+2");
    expect(formatChangeWithInterval(0.3, [0.1, 0.5], "ratio")).toBe("+0.3, 95 % CI +0.1..+0.5");
    expect(formatChangeWithInterval(40, [3, Number.POSITIVE_INFINITY], "ms")).toBe(
      "+40 ms, 95 % CI +3..+unlimited",
    );
    expect(formatChangeWithInterval(0.01, null, "share")).toBe("+1 point");
    expect(formatChangeWithInterval(null, null, "ms")).toBe("n/a");
  });

  it("names what was not measured", () => {
    expect(formatValue(null, "ms")).toBe("n/a");
    expect(formatChange(null, "share")).toBe("n/a");
    expect(formatMargin(0.01, "share")).toBe("+1 point");
    expect(formatMargin(0.0025, "share")).toBe("+0.25 points");
    expect(formatInterval([0.039, 0.076], "share")).toBe("+3.9..+7.6 points");
  });

  it("never prints NaN, Infinity, an exponent below 1e21 or a negative zero", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9 }),
        fc.constantFrom("ms" as const, "share" as const, "ratio" as const, "count" as const),
        (value, unit) => {
          const text = `${formatValue(value, unit)} ${formatChangeWithInterval(value, [value, Number.POSITIVE_INFINITY], unit)}`;
          expect(text).not.toMatch(/NaN|Infinity|\de|(^|[ .])-0( |$)/);
        },
      ),
    );
  });
});

describe("cores and memory", () => {
  it.each([
    [0, "0 cores"],
    [0.314, "0.31 cores"],
    [1, "1 core"],
    [2.5, "2.5 cores"],
    [Number.NaN, "n/a"],
  ])("%d as cores is %s", (cores, text) => expect(formatCores(cores)).toBe(text));

  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1023.7, "1 KiB"],
    [89_340_000, "85.2 MiB"],
    [512 * 1024 ** 2, "512 MiB"],
    [1.5 * 1024 ** 3, "1.5 GiB"],
    [3000 * 1024 ** 4, "3000 TiB"],
    [Number.POSITIVE_INFINITY, "n/a"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});
