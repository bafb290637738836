/** Frontiers of head and base, compared. */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../src/core/fault.ts";
import type { FrontierRange } from "../../../src/core/frontier/range.ts";
import { judge } from "../../../src/core/judge/judge.ts";
import { buildResult } from "../../../src/core/judge/result.ts";
import type { FrontierRecord, Profile } from "../../../src/core/profile.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Comparison } from "../../../src/core/verdict.ts";
import { delayRange, latency, type Missing, searched, sharp } from "../../support/frontiers.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";

const LATENCY = latency(5000);
const CPUS: Fault = { kind: "cpu-limit", cpus: 0.25, on: "service", fraction: 1, attempts: "all" };

const record = (missing: Missing, seed: number, over: Partial<FrontierRecord> = {}): FrontierRecord => {
  const range = over.range ?? delayRange();
  return {
    name: "llm-slow",
    description: "llm latency, delay",
    fault: LATENCY,
    range,
    expect: [{ metric: "errorRate", comparator: "<=", limit: 0.05, text: "errorRate <= 5%" }],
    steps: searched(range, 0.05, missing, seed),
    ...over,
  };
};

const HEAD = syntheticProfile({ scheduleSeed: 1, runSeed: 1, rateRps: 10 });
const BASE = syntheticProfile({ scheduleSeed: 1, runSeed: 2, rateRps: 10 });
const withFrontiers = (profile: Profile, ...frontiers: readonly FrontierRecord[]): Profile => ({
  ...profile,
  frontiers,
});

const inputOf = (head: Profile, ...bases: readonly Profile[]) => ({
  head,
  baseline: { schemaVersion: 1 as const, suite: head.suite, profiles: bases },
  policy: SYNTHETIC_POLICY,
  experiments: [],
});

const compared = (head: FrontierRecord, bases: readonly FrontierRecord[], paired = false): Comparison => {
  const profiles = bases.map((base) => withFrontiers(BASE, base));
  const verdict = judge({ ...inputOf(withFrontiers(HEAD, head), ...profiles), paired });
  return verdict.comparisons.find(({ metric }) => metric === "frontier") as Comparison;
};

describe("a frontier compared", () => {
  test("that stays where it was excludes a loss that matters", () => {
    const comparison = compared(record(sharp(2000), 1), [record(sharp(2000), 2), record(sharp(2050), 3)]);
    expect(comparison).toMatchObject({ label: "ok", unit: "ms", moreIsBetter: true, primary: false });
    expect(comparison.interval?.[0]).toBeGreaterThan(-1000);
  });

  test("that is halved is a regression, told with both figures, and which command repeats it", () => {
    const base = [record(sharp(2000), 2), record(sharp(2000), 3)];
    expect(compared(record(sharp(900), 1), base, true).label).toBe("regressed");
    const input = inputOf(
      withFrontiers(HEAD, record(sharp(900), 1)),
      ...base.map((each) => withFrontiers(BASE, each)),
    );
    const verdict = judge(input);
    expect(verdict.word).toBe("regressed");
    expect(verdict.headline).toBe("Less resilient on 1 of 1 frontier: merge blocked");
    const finding = verdict.findings.find(({ metric }) => metric === "frontier");
    expect(finding?.title).toMatch(
      /^llm latency, delay: tolerated 1\.88 s -> 781 ms \(-1\.1 s, 95 % CI -1\.\d+\.\.-0\.\d+; allowed -470 ms\)$/,
    );
    expect(finding).toMatchObject({ scenario: "llm-slow", edge: "llm", severity: "block" });
    const result = buildResult(input, verdict, (scenario) => `squall run --experiment ${scenario}`);
    expect(result.reproduce).toBe("squall run --experiment llm-slow");
    expect(result.frontiers?.[0]?.head).toMatchObject({ tolerated: 781, reach: "between" });
    const comment = renderMarkdown(result);
    expect(comment).toContain("**llm latency, delay**");
    expect(comment).toContain("tolerates 781 ms");
    expect(comment).toMatch(/llm latency, delay from 0 ms to 5 s, searched in \d+ windows/);
    const terminal = renderTerminal(result, { color: false, width: 160 });
    expect(terminal).toMatch(/llm latency, delay +errorRate <= 5% +781 ms/);
  });

  test("that grows is better", () => {
    expect(compared(record(sharp(4500), 1), [record(sharp(900), 2)], true).label).toBe("improved");
  });

  test("of which less is harder is worse where more is needed", () => {
    const range: FrontierRange = {
      parameter: "cpus",
      unit: "ratio",
      from: 2,
      levels: Array.from({ length: 28 }, (_, place) => Number((2 - (place + 1) / 16).toPrecision(3))),
    };
    const needs = (cpus: number, seed: number): FrontierRecord =>
      record((value) => (value >= cpus ? 0 : 1), seed, { range, fault: CPUS });
    const worse = compared(needs(1.25, 1), [needs(0.5, 2)], true);
    expect(worse).toMatchObject({ label: "regressed", base: 0.5, head: 1.25, change: 0.75 });
    expect(worse.moreIsBetter).toBeUndefined();
    expect(compared(needs(0.5, 1), [needs(1.25, 2)], true).label).toBe("improved");
  });

  test("is not compared with one that was searched otherwise, and says so", () => {
    const other = record(sharp(2000), 2, { range: delayRange(4000) });
    expect(compared(record(sharp(900), 1), [other])).toMatchObject({
      label: "refused",
      refused: "no-baseline",
    });
    const stricter = record(sharp(2000), 2, {
      expect: [{ metric: "errorRate", comparator: "<=", limit: 0.01, text: "errorRate <= 1%" }],
    });
    expect(compared(record(sharp(900), 1), [stricter]).refused).toBe("no-baseline");
    const both = record(sharp(2000), 2, { fault: { ...LATENCY, direction: "both" } as Fault });
    expect(compared(record(sharp(900), 1), [both]).refused).toBe("no-baseline");
  });

  test("of which no window counted is not judged", () => {
    const nothing = record(sharp(2000), 1, { steps: [] });
    expect(compared(nothing, [record(sharp(2000), 2)])).toMatchObject({
      label: "refused",
      refused: "not-measured",
    });
  });
});
