import { describe, expect, test } from "vitest";
import { CLASS_ORDER, METRIC_PRIORITIES } from "../../../src/core/judge/finding-classes.ts";
import { byPriority, type PriorityFacts, withPriority } from "../../../src/core/judge/priorities.ts";
import { TELLING_ORDER } from "../../../src/core/report/words.ts";
import type { Comparison, Finding } from "../../../src/core/verdict.ts";
import { comparison, scenarios } from "../report/results.ts";

const regressed = (given: Partial<Comparison>): Comparison => comparison({ label: "regressed", ...given });

const finding = (given: Partial<Finding>): Finding => ({
  kind: "regression",
  severity: "block",
  scenario: "llm-rate-limited",
  metric: "error-rate",
  edge: "llm",
  title: "",
  detail: [],
  ...given,
});

const facts = (...comparisons: readonly Comparison[]): PriorityFacts => ({
  scenarios,
  comparisons,
  hypotheses: [],
});
const of = (given: Partial<Comparison>) =>
  withPriority(facts(regressed(given)), finding({ metric: given.metric ?? "error-rate" }));

describe("the class of a finding", () => {
  test("is its metric's, its kind's, or what its expectation is about", () => {
    expect(of({ metric: "degraded-rate" }).class).toBe("correctness");
    expect(of({ metric: "hit50", unit: "ms" }).class).toBe("latency");
    expect(withPriority(facts(), finding({ kind: "death", metric: "deaths" })).class).toBe("availability");
    expect(withPriority(facts(), finding({ kind: "not-settled", metric: null })).class).toBe("recovery");
    expect(withPriority(facts(), finding({ kind: "health-lies", metric: "ready-truth" })).class).toBe(
      "observability",
    );
    expect(withPriority(facts(), finding({ kind: "outlier-run", metric: null })).class).toBe("gate");
    const expected = {
      scenario: "llm-rate-limited",
      text: "callsPerRequest(llm) <= 2",
      holds: "no",
      observed: 3,
      interval: null,
      unit: "ratio",
    } as const;
    const broken = finding({
      kind: "hypothesis",
      metric: null,
      title: "llm: expected callsPerRequest(llm) <= 2, measured 3",
    });
    expect(withPriority({ ...facts(), hypotheses: [expected] }, broken)).toMatchObject({
      class: "amplification",
    });
  });

  test("is told of every metric that a report can name", () => {
    expect(Object.keys(METRIC_PRIORITIES).toSorted()).toEqual([...TELLING_ORDER].toSorted());
    expect(CLASS_ORDER).toEqual([...new Set(CLASS_ORDER)]);
  });
});

describe("the impact of a finding", () => {
  test("is the share of requests that the change affects, of struck ones by the share that is struck", () => {
    expect(of({ change: 0.057 }).impact).toBeCloseTo(0.057, 12);
    // The fault strikes 20 % of calls.
    expect(of({ metric: "hit-error-rate", change: 0.5 }).impact).toBeCloseTo(0.1, 12);
    expect(of({ metric: "goodput", change: -0.3 }).impact).toBeCloseTo(0.3, 12);
  });

  test("of latency is the slowdown times the share that is slower, an answer that never came ten times", () => {
    const slow = { unit: "ms", base: 200 } as const;
    expect(of({ ...slow, metric: "p50", change: 100 }).impact).toBeCloseTo(0.25, 12);
    expect(of({ ...slow, metric: "p95", change: 100 }).impact).toBeCloseTo(0.025, 12);
    expect(of({ ...slow, metric: "hit50", change: 100 }).impact).toBeCloseTo(0.05, 12);
    expect(of({ ...slow, metric: "p50", change: Number.POSITIVE_INFINITY }).impact).toBe(5);
  });

  test("is seconds of recovery, and the share of calls that are more", () => {
    expect(of({ metric: "recovery", unit: "ms", base: 1400, change: 4800 }).impact).toBeCloseTo(4.8, 12);
    expect(
      of({ metric: "calls-per-request", unit: "ratio", edge: "llm", base: 1.2, change: 0.6 }).impact,
    ).toBeCloseTo(0.5, 12);
  });

  test("is left out where it is not known, or nobody is harmed", () => {
    expect(of({ metric: "frontier", unit: "ms", change: -200 })).not.toHaveProperty("impact");
    expect(
      withPriority(facts(comparison({ label: "improved", change: -0.1 })), finding({ kind: "improvement" })),
    ).not.toHaveProperty("impact");
    expect(of({ metric: "p50", unit: "ms", base: 0, change: 10 })).not.toHaveProperty("impact");
  });
});

describe("what is told first", () => {
  const order = (comparisons: readonly Comparison[], findings: readonly Finding[]) =>
    byPriority(facts(...comparisons), findings).map(({ scenario, kind }) => `${scenario}/${kind}`);
  const two = (one: Partial<Comparison>, other: Partial<Comparison>) =>
    order(
      [regressed({ scenario: "llm-rate-limited", ...one }), regressed({ scenario: "vector-slow", ...other })],
      [
        finding({ metric: one.metric ?? "error-rate", scenario: one.scenario ?? "llm-rate-limited" }),
        finding({ metric: other.metric ?? "error-rate", scenario: other.scenario ?? "vector-slow" }),
      ],
    )[0];

  test("is the class that means most to a user", () => {
    expect(
      two(
        { metric: "hit50", unit: "ms", base: 100, change: 900, interval: [800, 1000] },
        { metric: "degraded-rate", change: 0.02, interval: [0.01, 0.03] },
      ),
    ).toBe("vector-slow/regression");
  });

  test("within a class is the impact that is sure, not the one that is estimated", () => {
    expect(two({ change: 0.3, interval: [0.01, 0.6] }, { change: 0.1, interval: [0.08, 0.12] })).toBe(
      "vector-slow/regression",
    );
  });

  test("within a class is what names a fault, before calm traffic", () => {
    const calm = { scenario: "control", change: 0.4, interval: [0.3, 0.5] } as const;
    expect(two(calm, { change: 0.05, interval: [0.04, 0.06] })).toBe("vector-slow/regression");
    // Of another class it stays where it is.
    expect(two(calm, { metric: "degraded-rate", change: 0.05, interval: [0.04, 0.06] })).toBe(
      "control/regression",
    );
  });

  test("counts the worst that a finding tells of, whatever its title names", () => {
    const calls = { metric: "calls-per-request", unit: "ratio", edge: "llm", base: 1, change: 2 } as const;
    const slow = { metric: "p50", unit: "ms", base: 100 } as const;
    const findings = [
      finding({ scenario: "vector-slow", metric: "p50", edge: "vector" }),
      finding({ metric: "calls-per-request" }),
    ];
    const far = regressed({ ...slow, change: 900, interval: [800, 1000] });
    const near = regressed({ ...slow, scenario: "vector-slow", change: 20, interval: [10, 30] });
    expect(order([regressed({ ...calls, interval: [1, 3] }), near], findings)[0]).toBe(
      "vector-slow/regression",
    );
    expect(order([regressed({ ...calls, interval: [1, 3] }), near, far], findings)[0]).toBe(
      "llm-rate-limited/regression",
    );
  });

  test("is what the change made worse, before what the suite expects; equals stay as they stand", () => {
    const expectation = finding({ kind: "hypothesis", metric: null });
    const unsettled = finding({ kind: "not-settled", metric: null, scenario: "service-killed" });
    expect(order([], [expectation, unsettled])).toEqual([
      "service-killed/not-settled",
      "llm-rate-limited/hypothesis",
    ]);
    const others = ["a", "b", "c"].map((scenario) =>
      finding({ kind: "not-settled", metric: null, scenario }),
    );
    expect(order([], others)).toEqual(["a/not-settled", "b/not-settled", "c/not-settled"]);
  });
});
