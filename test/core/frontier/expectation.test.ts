import { describe, expect, test } from "vitest";
import { requestExpectation } from "../../../src/core/frontier/expectation.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import type { Hypothesis, HypothesisMetric } from "../../../src/core/suite.ts";

const SLO_MS = 1000;

const observation = (outcome: Outcome, latencyMs: number, ttftMs: number | null): Observation => ({
  window: 0,
  slot: 0,
  requestId: "q",
  repetition: 0,
  scheduledMs: 0,
  lagMs: 0,
  ttftMs,
  latencyMs,
  outcome,
  status: 200,
  hit: true,
  maxGapMs: null,
  chunks: 1,
  bytes: 1,
  answerHash: "",
});

const GOOD = observation("ok", 200, 50);
const LATE = observation("ok", 1500, 700);
const FAILED = observation("status", 10, null);
const FALLBACK = observation("degraded", 200, null);
const CUT = observation("incomplete", 200, 50);
const WRONG = observation("wrong-answer", 200, 50);
const ALL = { GOOD, LATE, FAILED, FALLBACK, CUT, WRONG };

const hypothesis = (metric: HypothesisMetric, limit: number): Hypothesis => ({
  metric,
  comparator: metric === "goodput" ? ">=" : "<=",
  limit,
  text: "",
});

const missing = (metric: HypothesisMetric, limit: number): readonly string[] => {
  const { misses } = requestExpectation(hypothesis(metric, limit), SLO_MS);
  return Object.entries(ALL).flatMap(([name, each]) => (misses(each) ? [name] : []));
};

describe("a request misses", () => {
  test.each([
    ["errorRate", 0.05, ["FAILED", "CUT", "WRONG"]],
    ["lateRate", 0.05, ["LATE", "FAILED", "CUT", "WRONG"]],
    ["goodput", 0.95, ["LATE", "FAILED", "CUT", "WRONG"]],
    ["degradedRate", 0.05, ["FALLBACK"]],
    ["incompleteRate", 0.05, ["CUT"]],
    ["wrongAnswerRate", 0.05, ["WRONG"]],
    ["p95", 300, ["LATE", "FAILED", "CUT", "WRONG"]],
    ["ttftP95", 100, ["LATE", "FAILED", "FALLBACK", "CUT", "WRONG"]],
    ["ttftP50", 300, ["LATE", "FAILED", "CUT", "WRONG"]],
  ] as const)("%s %d where it should", (metric, limit, expected) => {
    expect(missing(metric, limit)).toEqual(expected);
  });
});

describe("so many may miss", () => {
  test.each([
    ["errorRate", 0.02, 0.02],
    ["goodput", 0.95, 0.05],
    ["p50", 300, 0.5],
    ["p95", 300, 0.05],
    ["p99", 300, 0.01],
    ["ttftP50", 300, 0.5],
    ["ttftP95", 300, 0.05],
    // A window of a hundred requests tells nothing finer.
    ["errorRate", 0, 0.005],
    ["goodput", 0, 0.995],
  ] as const)("of %s %d: %d", (metric, limit, allowed) => {
    expect(requestExpectation(hypothesis(metric, limit), SLO_MS).allowed).toBeCloseTo(allowed, 12);
  });

  test("nothing of what single requests do not show", () => {
    expect(() => requestExpectation(hypothesis("recovery", 5000), SLO_MS)).toThrow("recovery");
  });
});
