import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildContext } from "../../../../src/core/judge/context.ts";
import { labelComparisons } from "../../../../src/core/judge/label.ts";
import { twinComparisons } from "../../../../src/core/judge/twins/index.ts";
import { pairRows } from "../../../../src/core/judge/twins/pairs.ts";
import type { Profile } from "../../../../src/core/profile.ts";
import type { Comparison, Metric } from "../../../../src/core/verdict.ts";
import {
  type Change,
  SYNTHETIC_POLICY,
  type SyntheticOptions,
  syntheticProfile,
} from "../../../support/synthetic-profile.ts";

const QUIET = { stallEveryS: 1e6, neighbourEveryS: 1e6 } as const;

const compare = (head: Profile, ...profiles: readonly Profile[]): readonly Comparison[] =>
  twinComparisons(buildContext(head, { schemaVersion: 1, suite: head.suite, profiles }, SYNTHETIC_POLICY));

const run = (runSeed: number, change: Change = {}, more: Partial<SyntheticOptions> = {}): Profile =>
  syntheticProfile({ scheduleSeed: 7, runSeed, rateRps: 20, change, ...QUIET, ...more });

const find = (comparisons: readonly Comparison[], scenario: string, metric: Metric): Comparison => {
  const found = comparisons.find((each) => each.scenario === scenario && each.metric === metric);
  if (found === undefined) throw new Error(`no comparison ${scenario}/${metric}`);
  return found;
};

const regressions = (comparisons: readonly Comparison[]): readonly string[] =>
  labelComparisons(comparisons, SYNTHETIC_POLICY.alpha)
    .filter(({ label }) => label === "regressed")
    .map(({ scenario, metric }) => `${scenario}/${metric}`);

describe("twins of equal code", () => {
  it.each([1, 2, 3, 4, 5])("run %i neither fails nor leaves a primary comparison open", (seed) => {
    const comparisons = compare(run(seed + 100), run(seed));
    expect(regressions(comparisons)).toEqual([]);
    expect(comparisons.filter(({ primary, label }) => primary && label !== "ok")).toEqual([]);
  });

  it("do not see a machine 30 % slower, whatever part of the work is the processor's", () => {
    for (const cpuPart of [0, 0.2, 0.8]) {
      const fast = run(1, {}, { cpuPart, speedSpread: 0 });
      const slow = run(2, {}, { cpuPart, speedSpread: 0 });
      const observations = slow.observations.map((row) => {
        const faultMs = row.hit && slow.windows[row.window]?.scenario === "slow" ? 300 : 0;
        return { ...row, latencyMs: faultMs + (row.latencyMs - faultMs) * 1.3 };
      });
      const comparisons = compare({ ...slow, observations }, fast);
      expect(regressions(comparisons)).toEqual([]);
      const hits = find(comparisons, "slow", "hit50");
      expect(Math.abs(hits.change ?? 99)).toBeLessThan(10);
    }
  });

  it("find no twins under another schedule", () => {
    const other = syntheticProfile({ scheduleSeed: 8, runSeed: 1 });
    expect(compare(run(2), other)).toEqual([]);
  });
});

describe("a careless change", () => {
  const cases: readonly (readonly [string, Change, string])[] = [
    ["hits 20 % slower", { hitFactor: 1.2 }, "slow/hit50"],
    ["8 % of requests +600 ms", { slowTail: { share: 0.08, addMs: 600 } }, "all/slow-share"],
    ["retry removed", { hitErrors: 1, scenario: "reset" }, "reset/hit-error-rate"],
    ["a fifth of all hits fail", { hitErrors: 0.2 }, "all/pooled-error-rate"],
  ];
  it.each(cases)("%s: caught", (_, change, expected) => {
    expect(regressions(compare(run(101, change), run(1)))).toContain(expected);
  });

  it("is told by how much: hits 20 % slower", () => {
    const hits = find(compare(run(101, { hitFactor: 1.2 }), run(1)), "slow", "hit50");
    expect(hits.base).toBeGreaterThan(350);
    expect((hits.change ?? 0) / (hits.base ?? 1)).toBeCloseTo(0.2, 1);
    expect(hits.interval?.[0]).toBeLessThan(hits.change ?? 0);
    expect(hits.smallestVisible).toBeGreaterThan(hits.margin ?? 0);
  });

  it("is not blamed for what got better", () => {
    const comparisons = compare(run(101, { hitFactor: 0.7 }), run(1));
    expect(regressions(comparisons)).toEqual([]);
    expect(find(labelComparisons(comparisons, 0.05), "slow", "hit50").label).toBe("improved");
  });

  it("that makes every hit fail is a failure candidate of the latency too, not a number", () => {
    const hits = find(compare(run(101, { hitErrors: 1, scenario: "slow" }), run(1)), "slow", "hit50");
    expect(hits).toMatchObject({ change: null, head: null, p: 1e-6, label: "unbounded" });
    expect(hits.refused).toBeUndefined();
  });

  it("that waits longer before it fails is slower", () => {
    const timeouts = (profile: Profile, latencyMs: number): Profile => ({
      ...profile,
      observations: profile.observations.map((row) =>
        row.hit && profile.windows[row.window]?.scenario === "reset"
          ? { ...row, outcome: "timeout-total", latencyMs: latencyMs + (row.slot % 7) }
          : row,
      ),
    });
    const comparisons = compare(timeouts(run(2), 3000), timeouts(run(1), 1000));
    const hits = find(comparisons, "reset", "hit50");
    expect(hits.change).toBeCloseTo(2000, -1);
    expect(regressions(comparisons)).toContain("reset/hit50");
  });

  it("to the first content of streams is seen", () => {
    const late = run(101, {}, { streaming: true });
    const head = {
      ...late,
      observations: late.observations.map((row) => ({
        ...row,
        ttftMs: row.ttftMs === null || !row.hit ? row.ttftMs : row.ttftMs + 150,
      })),
    };
    expect(regressions(compare(head, run(1, {}, { streaming: true })))).toContain("slow/ttft-hit50");
  });
});

describe("pairing", () => {
  it("pairs a window measured again by round, request and mark, and no row twice", () => {
    const base = run(1);
    const head = run(2);
    const windows = head.windows.map((window, index) =>
      index === 1 ? { ...window, invalid: "late" } : window,
    );
    const again = head.windows[1];
    if (again === undefined) throw new Error("the schedule has a second window");
    const repeated = head.observations
      .filter((row) => row.window === 1)
      .map((row, place) => ({
        ...row,
        window: windows.length,
        slot: place,
        repetition: row.repetition + 500_000,
      }));
    const context = buildContext(
      { ...head, windows: [...windows, again], observations: [...head.observations, ...repeated] },
      { schemaVersion: 1, suite: head.suite, profiles: [base] },
      SYNTHETIC_POLICY,
    );
    const rows = context.head.pooled.get(again.scenario)?.rows ?? [];
    const pairs = pairRows(rows, context.twins, again.scenario);
    expect(pairs).toHaveLength(rows.length);
    expect(new Set(pairs.map(({ bases }) => bases[0])).size).toBe(pairs.length);
    for (const { head: row, bases } of pairs) {
      expect(bases[0]?.observation.requestId).toBe(row.observation.requestId);
      expect(bases[0]?.hit).toBe(row.hit);
    }
  });
});

describe("several baseline runs", () => {
  it("do not let a stall of one of them matter", () => {
    const stalled = run(1);
    const withStall = {
      ...stalled,
      observations: stalled.observations.map((row) =>
        stalled.windows[row.window]?.round === 1 ? { ...row, latencyMs: row.latencyMs + 400 } : row,
      ),
    };
    const bases = [withStall, run(2), run(3)];
    expect(regressions(compare(run(9), ...bases))).toEqual([]);
    expect(regressions(compare(run(9, { hitFactor: 1.2 }), ...bases))).toContain("slow/hit50");
    const change = find(compare(run(9), ...bases), "slow", "p50").change ?? 99;
    expect(Math.abs(change)).toBeLessThan(5);
  });

  it("teach how much runs differ: agreeing runs make the assumed spread smaller", () => {
    const sigma = (comparisons: readonly Comparison[]): number =>
      find(comparisons, "slow", "p50").details["sigmaRun"] ?? Number.NaN;
    const one = sigma(compare(run(9), run(1)));
    const many = sigma(compare(run(9), run(1), run(2), run(3), run(4)));
    expect(many).toBeLessThan(one);
  });
});

describe("hostile rows", () => {
  it("never give NaN, whatever the outcomes and times", () => {
    const outcome = fc.constantFrom(
      "ok" as const,
      "status" as const,
      "timeout-total" as const,
      "unsent" as const,
      "degraded" as const,
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(outcome, fc.integer({ min: 0, max: 60_000 })), { minLength: 5, maxLength: 40 }),
        (fates) => {
          const strike = (profile: Profile, shift: number): Profile => ({
            ...profile,
            observations: profile.observations.map((row, index) => {
              const fate = fates[(index * 7 + shift) % fates.length];
              return fate === undefined ? row : { ...row, outcome: fate[0], latencyMs: fate[1] };
            }),
          });
          const small = { rateRps: 6, rounds: 3 };
          for (const each of compare(strike(run(2, {}, small), 0), strike(run(1, {}, small), 3))) {
            for (const value of [
              each.base,
              each.head,
              each.change,
              each.p,
              each.margin,
              each.smallestVisible,
              ...(each.interval ?? []),
            ])
              expect(Number.isNaN(value)).toBe(false);
            expect(each.p === null || (each.p >= 0 && each.p <= 1)).toBe(true);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
