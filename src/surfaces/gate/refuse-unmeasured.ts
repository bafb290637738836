import { SquallError } from "../../core/errors.ts";
import type { JobRun } from "../../core/job/run.ts";
import type { Profile } from "../../core/profile.ts";

/** Share of windows (of a training job: runs) that may be invalid in a run that others are compared with. */
const MOST_INVALID_SHARE = 0.34;

/** A job that does not come to its end without faults says nothing of what faults do to it. */
const refuseUnmeasuredJob = (runs: readonly JobRun[]): void => {
  const invalid = runs.filter((run) => run.invalid !== undefined);
  const reasons = (list: readonly JobRun[]): string[] =>
    [...new Set(list.map((run) => `${run.scenario}: ${run.invalid ?? run.outcome}`))].slice(0, 10);
  if (runs.length === 0 || invalid.length > MOST_INVALID_SHARE * runs.length)
    throw new SquallError(
      "replay-failed",
      `${invalid.length} of ${runs.length} runs could not be measured: nothing was added to the baseline.`,
      { detail: reasons(invalid), remedy: "See the run's logs, and run it again." },
    );
  const calm = runs.filter(({ scenario, invalid: why }) => scenario === "control" && why === undefined);
  if (calm.some(({ outcome }) => outcome === "completed")) return;
  throw new SquallError(
    "replay-failed",
    "No run without faults completed: nothing was added to the baseline.",
    {
      detail: reasons(calm),
      remedy:
        "Let the job run to its end by itself, within workload.job.timeout; its log is in the run's directory.",
    },
  );
};

/** A run that could not be measured is no baseline: everything after it would be judged by noise. */
export const refuseUnmeasured = ({ windows, jobRuns }: Profile): void => {
  if (jobRuns !== undefined) return refuseUnmeasuredJob(jobRuns);
  const load = windows.filter(({ phase }) => phase === "load");
  const invalid = load.filter((window) => window.invalid !== undefined);
  if (invalid.length <= MOST_INVALID_SHARE * load.length) return;
  throw new SquallError(
    "replay-failed",
    `${invalid.length} of ${load.length} windows could not be measured: nothing was added to the baseline.`,
    {
      detail: [...new Set(invalid.map((window) => `${window.scenario}: ${window.invalid ?? ""}`))].slice(
        0,
        10,
      ),
      remedy: "Run it again on a quieter machine, or lower workload.rate.",
    },
  );
};
