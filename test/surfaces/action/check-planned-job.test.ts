import { describe, expect, test } from "vitest";
import { decodeProfile, encodeProfile } from "../../../src/config/baseline-file.ts";
import { NO_REQUESTS } from "../../../src/config/request-set/load.ts";
import type { JobRun } from "../../../src/core/job/run.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { suiteSeed } from "../../../src/run/run-suite.ts";
import { checkSamples, type Expected } from "../../../src/surfaces/action/check-samples.ts";
import { jobSuite } from "../../config/job/jobs.ts";
import { jobProfile } from "../../support/job-profile.ts";
import { suiteWith } from "../../support/suites.ts";

const HEAD = "a".repeat(40);
const SUITE = jobSuite(
  { workers: 2 },
  {
    experiments: [
      {
        name: "article",
        at: { chance: "10%" },
        faults: [
          { kind: "latency", on: "data", delay: "1s" },
          { kind: "pause", forSteps: 2, strikes: "50%" },
        ],
      },
      { name: "killed", at: { every: 30 }, faults: [{ kind: "kill" }] },
      { name: "saving", at: { save: "each" }, faults: [{ kind: "kill" }, { kind: "pause", forSteps: 1 }] },
    ],
  },
);
const HONEST = jobProfile(SUITE, HEAD);

const expected = (suite = SUITE): Expected => ({
  change: {
    event: "workflow_run",
    repository: "acme/shop",
    headRepository: "stranger/shop",
    defaultBranch: "main",
    headSha: HEAD,
    headBranch: "change",
    measuredSha: HEAD,
    baseSha: "b".repeat(40),
    baseBranch: "main",
    pullRequest: 1,
    run: { id: 7, attempt: 1 },
  },
  suite,
  requestSet: NO_REQUESTS,
  seed: undefined,
});

const checked =
  (profile: Profile, suite = SUITE): (() => void) =>
  () =>
    checkSamples({ profile, claimed: null }, expected(suite));

/** The honest samples with one of their runs changed. */
const forged = (place: number, change: (run: JobRun) => Partial<JobRun>): Profile => ({
  ...HONEST,
  jobRuns: (HONEST.jobRuns ?? []).map((run, index) => (index === place ? { ...run, ...change(run) } : run)),
});

const runs = HONEST.jobRuns ?? [];
const ARTICLE = runs.findIndex(({ scenario }) => scenario === "article");
const SAVING = runs.findIndex(({ scenario }) => scenario === "saving");
const ROUND = SUITE.experiments.length + 1;

describe("samples of a training job", () => {
  test("that are those of the plan are believed, also after they were stored", () => {
    expect(runs).toHaveLength(3 * ROUND);
    expect(checked(HONEST)).not.toThrow();
    expect(checked(decodeProfile(encodeProfile(HONEST), { file: "samples.json.gz" }))).not.toThrow();
    expect(HONEST.seed).toBe(suiteSeed(SUITE, NO_REQUESTS));
  });

  test("may end after three whole rounds, and may miss strikes whose steps never came", () => {
    const five = jobSuite({ repeats: 5 });
    const whole = jobProfile(five, HEAD);
    const rounds = (count: number) => ({
      ...whole,
      jobRuns: (whole.jobRuns ?? []).slice(0, count * (five.experiments.length + 1)),
    });
    expect(checked(rounds(3), five)).not.toThrow();
    expect(checked(rounds(2), five)).toThrow(/at least 3 rounds/);
    expect(checked(forged(ARTICLE, ({ strikes }) => ({ strikes: strikes.slice(2) })))).not.toThrow();
    expect(checked(forged(ARTICLE, () => ({ strikes: [], outcome: "gave-up" })))).not.toThrow();
    expect(checked(forged(0, () => ({ invalid: "the machine was too busy" })))).not.toThrow();
  });

  test("of a job that runs once are whole after that one round", () => {
    const once = jobSuite({ repeats: 1 });
    expect(checked(jobProfile(once, HEAD), once)).not.toThrow();
  });

  test.each([
    ["none", [] as readonly JobRun[]],
    ["one round", runs.slice(0, ROUND)],
    ["two rounds", runs.slice(0, 2 * ROUND)],
    ["a broken round", runs.slice(0, 2 * ROUND + 1)],
    ["a run too many", [...runs, ...runs.slice(0, ROUND)]],
  ])("of %s are refused", (_, some) => {
    expect(checked({ ...HONEST, jobRuns: some })).toThrow(/hold \d+ runs; 12 were planned/);
  });

  test.each([
    ["another scenario", forged(0, () => ({ scenario: "killed" })), /not the one that was planned/],
    ["another repeat", forged(ROUND, () => ({ repeat: 0 })), /not the one that was planned/],
    [
      "runs in another order",
      { ...HONEST, jobRuns: [...runs.slice(ROUND), ...runs.slice(0, ROUND)] },
      /not the one that was planned/,
    ],
    ["milder plans", forged(ARTICLE, () => ({ plannedStrikes: [99], strikes: [] })), /plan other strikes/],
    [
      "a step that was not to be struck",
      forged(ARTICLE, ({ strikes }) => ({
        strikes: strikes.map((strike, place) => (place === 0 ? { ...strike, at: 1_000 } : strike)),
      })),
      /strike in run 1 of article that was not planned/,
    ],
    [
      "a strike without its faults",
      forged(ARTICLE, ({ strikes }) => ({ strikes: strikes.map((strike) => ({ ...strike, faults: [] })) })),
      /not planned/,
    ],
    [
      "a strike twice",
      forged(ARTICLE, ({ strikes }) => ({ strikes: [...strikes, ...strikes.slice(0, 1)] })),
      /a strike of run 1 of article twice/,
    ],
    [
      "a strike in calm",
      forged(0, () => ({ strikes: runs[ARTICLE]?.strikes.slice(0, 1) ?? [] })),
      /strike in run 1 of control that was not planned/,
    ],
    [
      "a save's strike by a fault that there is not",
      forged(SAVING, ({ strikes }) => ({ strikes: strikes.map((strike) => ({ ...strike, faults: [2] })) })),
      /not planned/,
    ],
    [
      "a save's strike by a fault twice",
      forged(SAVING, ({ strikes }) => ({
        strikes: strikes.map((strike) => ({ ...strike, faults: [0, 0] })),
      })),
      /not planned/,
    ],
    [
      "a save before the first",
      forged(SAVING, ({ strikes }) => ({ strikes: strikes.map((strike) => ({ ...strike, at: 0 })) })),
      /not planned/,
    ],
    [
      "a worker too many",
      forged(0, ({ attempts }) => ({ attempts: attempts.map((attempt) => ({ ...attempt, worker: 2 })) })),
      /a worker in run 1 of control that the job does not have/,
    ],
    [
      "a milder trigger in their scenarios",
      {
        ...HONEST,
        scenarios: HONEST.scenarios.map((each) =>
          each.name === "killed" ? { ...each, trigger: { type: "every", steps: 90 } as const } : each,
        ),
      },
      /experiment killed has other faults/,
    ],
    ["a scenario left out", { ...HONEST, scenarios: HONEST.scenarios.slice(0, -1) }, /saving 0 times/],
    [
      "windows of a service",
      { ...HONEST, windows: [{} as Profile["windows"][number]] },
      /hold windows, which only a service leaves/,
    ],
    ["remedies that were tried", { ...HONEST, trials: [{}] as never }, /hold trials/],
    ["another seed", { ...HONEST, seed: 1 }, /seed 1/],
  ])("with %s are refused", (_, profile, message) => {
    expect(checked(profile)).toThrow(message);
  });

  test("are not taken for those of a service, nor the other way round", () => {
    const service = suiteWith([]);
    const { jobRuns: _, ...rest } = HONEST;
    expect(checked(rest)).toThrow(/are of a service; the suite is of a training job/);
    const ofService = jobProfile(service, HEAD);
    expect(checked({ ...ofService, jobRuns: [] }, service)).toThrow(
      /are of a training job; the suite is of a service/,
    );
  });
});
