import { describe, expect, test } from "vitest";
import { diagnosisSubjects } from "../../../src/core/diagnosis/subject.ts";
import { diagnosisTasks } from "../../../src/core/diagnosis/task.ts";
import { type JudgeInput, judge } from "../../../src/core/judge/judge.ts";
import type { Experiment } from "../../../src/core/suite.ts";
import type { Finding } from "../../../src/core/verdict.ts";
import { stub } from "../../support/services/service-suite.ts";
import { suiteWith } from "../../support/suites.ts";
import { type Change, syntheticProfile } from "../../support/synthetic-profile.ts";

const { policy } = suiteWith([]);
const suite = { policy, experiments: [], dependencies: [stub("llm")] };

const run = (runSeed: number, change: Change = {}) =>
  syntheticProfile({ scheduleSeed: 7, runSeed, rateRps: 30, change });

const inputOf = (change: Change, experiments: readonly Experiment[] = []): JudgeInput => ({
  head: run(99, change),
  baseline: { schemaVersion: 1, suite: "synthetic", profiles: [1, 2, 3].map((seed) => run(seed)) },
  policy,
  experiments,
});

const tasks = (input: JudgeInput) =>
  diagnosisTasks(input.head, judge(input), { ...suite, experiments: input.experiments });

describe("what is to be diagnosed", () => {
  test("is nothing where the verdict does not fail", () => {
    expect(tasks(inputOf({}))).toEqual([]);
  });

  test("is each scenario that fails, worst first, by the metric that tells most of it", () => {
    const found = tasks(inputOf({ hitErrors: 0.8 }));
    expect(found.length).toBeGreaterThan(1);
    expect(found.map(({ subject }) => subject.scenario)).toEqual(
      judge(inputOf({ hitErrors: 0.8 }))
        .findings.filter(({ severity }) => severity === "block")
        .map(({ scenario }) => scenario),
    );
    for (const { subject, candidates } of found) {
      expect(subject.aim.metric).toMatch(/error-rate$/);
      expect(subject.aim.steady).toBeLessThan(0.05);
      expect(candidates.length).toBeGreaterThan(0);
    }
  });

  test("is calm traffic first, where that fails too", () => {
    const input = inputOf({ hitErrors: 0.8 });
    const verdict = judge(input);
    const [worst] = verdict.findings.filter(({ severity }) => severity === "block");
    const calm = { ...(worst as Finding), scenario: "control", metric: "late-rate" } as const;
    const both = { ...verdict, findings: [...verdict.findings, calm] };
    const scenarios = diagnosisSubjects(input, both).map(({ scenario }) => scenario);
    expect(scenarios[0]).toBe("control");
    expect(scenarios[1]).toBe(worst?.scenario);
  });

  test("aims at the baseline's figure, fallbacks of its own among what must not be lost", () => {
    const input = inputOf({ hitErrors: 0.8, scenario: "slow" });
    const verdict = judge(input);
    const [subject] = diagnosisSubjects(input, verdict);
    const compared = verdict.comparisons.find(
      ({ scenario, metric }) => scenario === subject?.scenario && metric === subject.aim.metric,
    );
    expect(subject?.scenario).toBe("slow");
    expect(subject?.aim.steady).toBe(compared?.base);
    expect(subject?.aim.margin).toBe(compared?.margin);
    expect(subject?.guards.map(({ metric }) => metric)).toContain("degraded-rate");
  });

  test("is an expectation that does not hold too, also without a baseline", () => {
    const expected: Experiment = {
      name: "slow",
      faults: [],
      expect: [{ metric: "errorRate", comparator: "<=", limit: 0.02, text: "errorRate <= 2%" }],
    };
    const input = { ...inputOf({ hitErrors: 0.8, scenario: "slow" }, [expected]), baseline: null };
    const [task] = tasks(input);
    expect(task?.subject).toMatchObject({ scenario: "slow", aim: { metric: "error-rate" } });
    const { steady, margin } = task?.subject.aim ?? { steady: null, margin: 0 };
    expect((steady ?? 0) + margin).toBeCloseTo(0.02);
  });
});
