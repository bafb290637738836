import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runtimeEngine } from "../../../src/adapters/engines/runtime.ts";
import { sidecarEngine } from "../../../src/adapters/engines/sidecar.ts";
import { processRuntime } from "../../../src/adapters/runtimes/process/process-runtime.ts";
import type { JobRun } from "../../../src/core/job/run.ts";
import type { Suite } from "../../../src/core/suite.ts";
import { type JobRunContext, type MeasuredJobRun, measureJobRun } from "../../../src/run/job/job-run.ts";
import { makeJobPlan } from "../../../src/run/job/plan.ts";
import { type JobRunOptions, runJobs } from "../../../src/run/job/run-jobs.ts";
import { matchEngines } from "../../../src/run/match-engines.ts";

export const SEED = 23;

/** What all runs of the suite are given, on this machine's processes. */
export const jobOptions = (suite: Suite, overrides: Partial<JobRunOptions> = {}): JobRunOptions => {
  const runDirectory = mkdtempSync(path.join(tmpdir(), "squall-job-"));
  return {
    suite,
    suiteDirectory: runDirectory,
    runDirectory,
    runtime: processRuntime(),
    engines: [sidecarEngine(), runtimeEngine()],
    front: null,
    provenance: { tool: "test" },
    seed: SEED,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...overrides,
  };
};

/** One run of a scenario. */
export const measureRun = (
  suite: Suite,
  scenario = "control",
  overrides: Partial<JobRunContext> = {},
): Promise<MeasuredJobRun> => {
  const options = jobOptions(suite);
  const planned = makeJobPlan(suite, SEED).runs.find((run) => run.scenario.name === scenario);
  if (planned === undefined || suite.job === undefined) throw new Error(`no ${scenario} in the plan`);
  const { runtime, engines, suiteDirectory, runDirectory, signal } = options;
  return measureJobRun(
    {
      suite,
      workload: suite.job,
      suiteDirectory,
      runDirectory,
      runtime,
      engineOf: matchEngines(suite, runtime, engines),
      front: null,
      seed: SEED,
      measurementStartMs: Date.now(),
      signal,
      progress: () => undefined,
      ...overrides,
    },
    planned,
  );
};

export const measureJobs = (suite: Suite, overrides: Partial<JobRunOptions> = {}) =>
  runJobs(jobOptions(suite, overrides));

/** Steps that were logged more than once. */
export const repeatedSteps = ({ steps }: JobRun): number[] => [
  ...new Set(steps.step.filter((step, place) => steps.step.indexOf(step) !== place)),
];
