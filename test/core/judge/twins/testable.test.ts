import { describe, expect, it } from "vitest";
import { testable } from "../../../../src/core/judge/twins/testable.ts";
import type { Comparison } from "../../../../src/core/verdict.ts";

const comparison = (attainableP: number | null): Comparison => ({
  scenario: "slow",
  metric: "error-rate",
  unit: "share",
  primary: true,
  method: "twin",
  label: "ok",
  base: 0,
  head: 0,
  change: 0,
  interval: [0, 0],
  margin: 0,
  smallestVisible: 0,
  p: 0.5,
  n: 100,
  details: attainableP === null ? {} : { attainableP },
});

describe("comparisons that could reject", () => {
  it("leaves out shares without enough discordant pairs, and keeps what has no such limit", () => {
    const able = [comparison(null), comparison(1e-4)];
    const unable = Array.from({ length: 40 }, () => comparison(0.5));
    expect(testable([...unable, ...able], 0.05)).toEqual(able);
  });

  it("counts one against the level that those kept leave it (Tarone 1990)", () => {
    // Level 0.05 / 1: two could reject. 0.05 / 2: still two, and two is what the divisor allows.
    const two = [comparison(0.02), comparison(0.02)];
    expect(testable([...two, comparison(0.04)], 0.05)).toEqual(two);
    expect(testable([comparison(0.02), comparison(0.04)], 0.05)).toHaveLength(1);
  });

  it("keeps all where all could reject", () => {
    const all = Array.from({ length: 30 }, () => comparison(null));
    expect(testable(all, 0.05)).toHaveLength(30);
  });
});
