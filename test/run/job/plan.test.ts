import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JobTrigger } from "../../../src/core/job/trigger.ts";
import type { Scenario } from "../../../src/core/profile.ts";
import { faultsOfSave, jobScheduleText, makeJobPlan, type PlannedJobRun } from "../../../src/run/job/plan.ts";
import { everywhere, type JobSuite, jobSuite, killed, struck } from "../../support/jobs/job-suite.ts";

const planned = (trigger: JobTrigger, options: JobSuite = {}, seed = 1): PlannedJobRun[] =>
  makeJobPlan(
    jobSuite({ steps: 100, ...options, experiments: [struck("x", trigger, [killed()])] }),
    seed,
  ).runs.filter(({ scenario }) => scenario.name === "x");
const steps = (trigger: JobTrigger, options: JobSuite = {}, seed = 1): number[] =>
  (planned(trigger, options, seed)[0]?.strikes ?? []).map(({ at }) => at);

test("a named step is struck as it is named", () => {
  expect(steps({ type: "step", step: 40 })).toEqual([40]);
});

test.each([
  [30, [30, 60, 90]],
  [25, [25, 50, 75]],
  [99, [99]],
  [100, []],
  [400, []],
])("every %i of 100 steps: the multiples below the last step", (every, expected) => {
  expect(steps({ type: "every", steps: every })).toEqual(expected);
});

test("by chance: exactly the share of the steps, distinct, never the first or the last", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 300 }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.integer(),
      (count, share, seed) => {
        const found = steps({ type: "chance", share }, { steps: count }, seed);
        expect(found).toHaveLength(Math.min(count - 1, Math.max(1, Math.round(share * count))));
        expect(new Set(found).size).toBe(found.length);
        expect(found.every((step) => Number.isInteger(step) && step >= 1 && step < count)).toBe(true);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
      },
    ),
  );
});

test("by chance: each step is struck about as often as any other, over many seeds", () => {
  const hits = new Map<number, number>();
  for (let seed = 0; seed < 2000; seed++)
    for (const step of steps({ type: "chance", share: 0.3 }, { steps: 11 }, seed))
      hits.set(step, (hits.get(step) ?? 0) + 1);
  // 3 of 10 steps in each of 2,000 draws: 600 expected, standard deviation 20.5; five of these.
  expect([...hits.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const count of hits.values()) expect(Math.abs(count - 600)).toBeLessThan(103);
});

test("the same seed strikes the same, another seed and another repeat other steps", () => {
  const trigger: JobTrigger = { type: "chance", share: 0.1 };
  expect(steps(trigger, {}, 5)).toEqual(steps(trigger, {}, 5));
  expect(steps(trigger, {}, 5)).not.toEqual(steps(trigger, {}, 6));
  const [first, second] = planned(trigger, { repeats: 2 }, 5);
  expect(first?.strikes).not.toEqual(second?.strikes);
});

test("two experiments of one trigger do not march in step", () => {
  const trigger: JobTrigger = { type: "chance", share: 0.1 };
  const suite = jobSuite({
    steps: 100,
    experiments: [struck("a", trigger, [killed()]), struck("b", trigger, [killed()])],
  });
  const [, a, b] = makeJobPlan(suite, 1).runs;
  expect(a?.strikes).not.toEqual(b?.strikes);
});

test("a fault that is part of some strikes is part of exactly so many", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.integer(),
      (every, strikeShare, seed) => {
        const faults = [killed(), killed({ strikeShare })];
        const suite = jobSuite({
          steps: 121,
          experiments: [struck("x", { type: "every", steps: every }, faults)],
        });
        const strikes = makeJobPlan(suite, seed).runs[1]?.strikes ?? [];
        const count = Math.ceil(121 / every) - 1;
        expect(strikes).toHaveLength(count);
        expect(strikes.every((strike) => strike.faults.includes(0))).toBe(true);
        const struckBySecond = strikes.filter((strike) => strike.faults.includes(1));
        expect(struckBySecond).toHaveLength(Math.max(1, Math.round(strikeShare * count)));
      },
    ),
  );
});

test("where every save is struck none is planned, and faults are drawn by number, exact in blocks", () => {
  const scenarioFaults = [killed(), killed({ strikeShare: 0.25 })];
  const suite = jobSuite({ experiments: [struck("x", { type: "save", nth: "each" }, scenarioFaults)] });
  const run = makeJobPlan(suite, 3).runs[1] as PlannedJobRun;
  expect(run.strikes).toEqual([]);
  const drawn = Array.from({ length: 40 }, (_, index) => faultsOfSave(3, run, index + 1));
  expect(drawn.every((faults) => faults[0] === 0)).toBe(true);
  for (let block = 0; block < 10; block++)
    expect(drawn.slice(block * 4, block * 4 + 4).filter((faults) => faults.includes(1))).toHaveLength(1);
});

test("the n-th save is struck as it is named", () => {
  expect(steps({ type: "save", nth: 2 })).toEqual([2]);
});

test("runs are measured round by round, calm first", () => {
  const suite = jobSuite({
    repeats: 2,
    experiments: [
      struck("a", { type: "step", step: 3 }, [killed()]),
      struck("b", { type: "step", step: 4 }, [killed()]),
    ],
  });
  expect(makeJobPlan(suite, 1).runs.map(({ scenario, repeat }) => `${scenario.name} ${repeat}`)).toEqual([
    "control 0",
    "a 0",
    "b 0",
    "control 1",
    "a 1",
    "b 1",
  ]);
});

test("a scenario tells what strikes, and when", () => {
  const suite = jobSuite({
    experiments: [
      struck("a", { type: "chance", share: 0.1 }, [{ kind: "pause", ...everywhere("service") }], 4000),
    ],
  });
  expect(makeJobPlan(suite, 1).scenarios[1]).toEqual({
    name: "a",
    shape: "job",
    scale: "additive",
    faults: [{ kind: "pause", ...everywhere("service") }],
    trigger: { type: "chance", share: 0.1 },
    strikeMs: 4000,
    description: "service stands still, at 10 % of the steps",
  } satisfies Scenario);
});

test("the schedule's text changes with what is struck, and with nothing else", () => {
  const text = (trigger: JobTrigger, seed: number, name = "train") =>
    jobScheduleText(
      makeJobPlan({ ...jobSuite({ experiments: [struck("x", trigger, [killed()])] }), name }, seed),
    );
  expect(text({ type: "step", step: 3 }, 1)).toBe(text({ type: "step", step: 3 }, 2, "other"));
  expect(text({ type: "step", step: 3 }, 1)).not.toBe(text({ type: "step", step: 4 }, 1));
});
