/** Runs of a job in so many words: what each test says, and nothing else. */
import type { Fault } from "../../../src/core/fault.ts";
import type { JobAttempt, JobEvent, JobRun, JobStrike } from "../../../src/core/job/run.ts";

export const KILL: Fault = {
  kind: "kill",
  on: "service",
  fraction: 1,
  attempts: "all",
  signal: "SIGKILL",
  restartAfterMs: 0,
};

export const life = (
  startedAtMs: number,
  endedAtMs: number | null,
  end: JobAttempt["end"],
  exitCode: number | null = null,
  worker = 0,
): JobAttempt => ({
  worker,
  startedAtMs,
  endedAtMs,
  exitCode,
  signal: end !== "run-end" && exitCode === null ? "SIGKILL" : null,
  end,
});

export type Logged = readonly [step: number, atMs: number, loss?: number | null];

export interface RunWords {
  readonly scenario?: string;
  readonly attempts: readonly JobAttempt[];
  readonly steps: readonly Logged[];
  readonly events?: readonly JobEvent[];
  readonly strikes?: readonly Pick<JobStrike, "at" | "atMs">[];
  readonly more?: Partial<JobRun>;
}

export const aRun = ({
  scenario = "killed",
  attempts,
  steps,
  events = [],
  strikes = [],
  more,
}: RunWords): JobRun => ({
  scenario,
  repeat: 0,
  startMs: 0,
  durationMs: Math.max(0, ...attempts.map(({ endedAtMs }) => endedAtMs ?? 0)),
  outcome: "completed",
  attempts,
  steps: {
    step: steps.map(([step]) => step),
    atMs: steps.map(([, atMs]) => atMs),
    loss: steps.map(([, , loss]) => loss ?? null),
  },
  events,
  strikes: strikes.map((strike) => ({
    ...strike,
    lastStep: null,
    faults: [0],
    clearedAtMs: null,
    receipts: [],
  })),
  plannedStrikes: strikes.map(({ at }) => at),
  orphans: 0,
  ...more,
});
