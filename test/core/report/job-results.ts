/** Results of a training job, judged: for golden files and tests of the surfaces. */
import { judge } from "../../../src/core/judge/judge.ts";
import { buildResult } from "../../../src/core/judge/result.ts";
import type { Baseline, Profile } from "../../../src/core/profile.ts";
import type { Experiment } from "../../../src/core/suite.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { JOB_SCENARIOS, type JobChange, jobProfile } from "../../support/job-runs.ts";
import { suiteWith } from "../../support/suites.ts";

const { policy } = suiteWith([]);

const experiments: readonly Experiment[] = JOB_SCENARIOS.slice(1).map(({ name, faults, trigger }) => ({
  name,
  faults,
  ...(trigger === undefined ? {} : { trigger }),
  expect:
    name === "killed"
      ? [
          { metric: "completed", comparator: ">=", limit: 1, text: "completed >= 100%" },
          { metric: "lostSteps", comparator: "<=", limit: 10, text: "lostSteps <= 10" },
          { metric: "resume", comparator: "<=", limit: 5000, text: "resume <= 5s" },
        ]
      : [],
}));

const baseline: Baseline = {
  schemaVersion: 1,
  suite: "train",
  profiles: [1, 2, 3].map((run) =>
    jobProfile({ seed: 100 + run, commit: "919ad74aa0b1c2d3e4f5061728394a5b6c7d8e9f" }),
  ),
};

const head = (change: JobChange): Profile =>
  jobProfile({ seed: 9, change, commit: "b18e51d0f0e1d2c3b4a5968778695a4b3c2d1e0f" });

const resultOf = (profile: Profile, against: Baseline | null): Result => {
  const input = { head: profile, baseline: against, policy, experiments };
  return buildResult(input, judge(input), (scenario) =>
    ["squall run --seed 7", ...(scenario === null ? [] : [`--experiment ${scenario}`])].join(" "),
  );
};

/** Its log tells other steps than the suite counts: it is never struck. */
const unstruck = (profile: Profile): Profile => ({
  ...profile,
  jobRuns: (profile.jobRuns ?? []).map((run) =>
    run.scenario === "store-slow" ? { ...run, strikes: [] } : run,
  ),
});

export const JOB_RESULTS: Readonly<Record<string, () => Result>> = {
  "job-pass": () => resultOf(head({}), baseline),
  "job-regressed": () =>
    resultOf(head({ fromZero: true, lossBump: 0.1, slowTimes: 20, crashes: 1 }), baseline),
  "job-inconclusive": () => resultOf(jobProfile({ seed: 9, repeats: 2 }), baseline),
  "job-invalid": () => resultOf(unstruck(head({})), baseline),
  "job-no-baseline": () => resultOf(head({}), null),
};
