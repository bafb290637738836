import { describe, expect, test } from "vitest";
import type { CalmAnswers } from "../../../src/core/calm-answers.ts";
import { countFigures } from "../../../src/core/diagnosis/count-figures.ts";
import { differenceOf, estimateOf } from "../../../src/core/diagnosis/estimate.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import { newcombeInterval } from "../../../src/core/statistics/proportion.ts";
import { figures } from "../../support/trials.ts";

const CALM: CalmAnswers = { hashes: new Map([["q", "calm"]]), varying: 0 };

const row = (
  outcome: Outcome,
  latencyMs: number,
  hit = false,
  scheduledMs = 500,
  answerHash = "",
): Observation => ({
  window: 0,
  slot: 0,
  requestId: "q",
  repetition: 0,
  scheduledMs,
  lagMs: 0,
  ttftMs: null,
  latencyMs,
  outcome,
  status: 200,
  hit,
  maxGapMs: null,
  chunks: 1,
  bytes: 1,
  answerHash,
});

const counted = (observations: readonly Observation[], guardMs = 0, calm = CALM) =>
  countFigures({ observations, guardMs, sloMs: 1000, calm, calls: [], recoveryMs: null });

describe("what a window counts", () => {
  test("is every outcome once, hits apart, and failures as late", () => {
    const found = counted([
      row("ok", 20),
      row("ok", 2000),
      row("degraded", 30, true),
      row("status", 5, true),
      row("incomplete", 40),
      row("wrong-answer", 40),
      row("client-abort", 10),
      row("unsent", 0),
    ]);
    expect(found).toMatchObject({
      requests: 6,
      hits: 2,
      errors: 3,
      hitErrors: 1,
      degraded: 1,
      incomplete: 1,
      wrong: 1,
      late: 4,
    });
  });

  test("has answers unlike calm ones, but no failures or fallbacks among them", () => {
    const rows = [
      row("ok", 20, false, 500, "calm"),
      row("ok", 20, true, 500, "cut short"),
      row("incomplete", 20, true, 500, "cut short"),
      row("degraded", 20, true, 500, "a fallback's"),
      row("ok", 20),
    ];
    expect(counted(rows).drifted).toBe(1);
  });

  test("says nothing of them where calm answers differ among themselves, or are not known", () => {
    const rows = [row("ok", 20, true, 500, "cut short")];
    expect(counted(rows, 0, { ...CALM, varying: 0.2 })).not.toHaveProperty("drifted");
    expect(counted(rows, 0, { hashes: new Map(), varying: 0 })).not.toHaveProperty("drifted");
  });

  test("leaves out what was sent before the guard", () => {
    expect(counted([row("status", 5, false, 900), row("ok", 5, false, 1000)], 1000)).toMatchObject({
      requests: 1,
      errors: 0,
    });
  });

  test("has a median as long as half of the answers came", () => {
    const good = Array.from({ length: 60 }, (_, place) => row("ok", 100 + place));
    const bad = Array.from({ length: 30 }, () => row("status", 1));
    const { p50Ms, p95Ms, p50IntervalMs } = counted([...good, ...bad]);
    expect(p50Ms).toBe(144.5);
    expect(p95Ms).toBeNull();
    const [low = 0, high = 0] = p50IntervalMs ?? [];
    expect(low).toBeGreaterThan(130);
    expect(low).toBeLessThan(140);
    expect(high).toBeGreaterThan(150);
    expect(counted(bad)).toMatchObject({ p50Ms: null, p50IntervalMs: null });
    expect(counted([])).toMatchObject({ requests: 0, p50Ms: null });
  });
});

describe("windows taken together", () => {
  test("are shares of all their requests, whose difference is Newcombe's", () => {
    const one = estimateOf([figures({ errors: 10 })], "error-rate", undefined, 10_000);
    const other = estimateOf([figures({ errors: 30 })], "error-rate", undefined, 10_000);
    if (one === null || other === null) throw new Error("no estimate");
    const [low, high] = differenceOf(one, other);
    const [wantedLow, wantedHigh] = newcombeInterval({ k: 10, n: 150 }, { k: 30, n: 150 }, 1.959963984540054);
    expect(low).toBeCloseTo(wantedLow, 12);
    expect(high).toBeCloseTo(wantedHigh, 12);
  });

  test("that differ by more than chance are less sure than one", () => {
    const width = (errors: readonly number[]): number => {
      const found = estimateOf(
        errors.map((count) => figures({ errors: count })),
        "error-rate",
        undefined,
        10_000,
      );
      return (found?.high ?? 0) - (found?.low ?? 0);
    };
    expect(width([30, 30])).toBeLessThan(width([30]));
    expect(width([5, 55])).toBeGreaterThan(2 * width([30, 30]));
  });

  test("hold the mean of their medians, at the deadline where none came", () => {
    const median = (at: readonly (number | null)[]) =>
      estimateOf(
        at.map((hit50Ms) => figures({ hit50Ms, hit50IntervalMs: null })),
        "hit50",
        undefined,
        10_000,
      )?.value;
    expect(median([100, 200])).toBe(150);
    expect(median([null, 200])).toBe(5100);
    expect(estimateOf([figures({ hits: 0 })], "hit50", undefined, 10_000)).toBeNull();
  });
});
