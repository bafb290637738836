/**
 * All runs of a training job, one after another, each on a system of its own: repeat 0 of every scenario, calm first, then repeat 1, and so
 * on, as far as the budget goes.
 */
import { NO_REQUESTS } from "../../config/request-set/load.ts";
import { SquallError } from "../../core/errors.ts";
import type { Fingerprint, Profile, Provenance } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import { type EngineOf, matchEngines } from "../match-engines.ts";
import type { EdgeFront, Engine, OnProgress, Runtime } from "../ports.ts";
import { spinProbeMs } from "../probe.ts";
import { hashOf, measuredFrameHash, measuredHash } from "../run-suite.ts";
import { type JobRunContext, type MeasuredJobRun, measureJobRun } from "./job-run.ts";
import { FEWEST_ROUNDS, type JobPlan, jobScheduleText, makeJobPlan, type PlannedJobRun } from "./plan.ts";

export interface JobRunOptions {
  readonly suite: Suite;
  readonly suiteDirectory: string;
  readonly runDirectory: string;
  readonly runtime: Runtime;
  readonly engines: readonly Engine[];
  /** As in RuntimeStart. */
  readonly front: EdgeFront | null;
  readonly provenance: Omit<Provenance, "durationMs" | "startedAt">;
  readonly seed: number;
  /** Experiments to measure, out of the whole suite's plan; absent: all. Calm runs are measured always. */
  readonly only?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Of the whole plan, what was asked for. */
const restricted = ({ scenarios, runs }: JobPlan, only: JobRunOptions["only"]): JobPlan => {
  const isAsked = (name: string): boolean => name === "control" || (only?.includes(name) ?? true);
  return {
    scenarios: scenarios.filter(({ name }) => isAsked(name)),
    runs: runs.filter(({ scenario }) => isAsked(scenario.name)),
  };
};

/** A job that fails in calm, or that tells nothing of its steps, cannot be judged under faults. */
const mustBeHealthy = (planned: PlannedJobRun, { run, lastLines }: MeasuredJobRun): void => {
  if (planned.scenario.shape !== "control" || planned.repeat > 0) return;
  const detail = lastLines.length === 0 ? ["it wrote nothing"] : lastLines.map((line) => `| ${line}`);
  if (run.outcome !== "completed") {
    const last = run.attempts.at(-1);
    const how = last?.signal ?? `exit code ${last?.exitCode ?? "unknown"}`;
    const why =
      run.outcome === "timed-out"
        ? "did not end within its timeout"
        : `was given up after ${run.attempts.length} starts (last: ${how})`;
    throw new SquallError("service-unhealthy", `The training job ${why}, and no fault was injected.`, {
      place: "service",
      detail,
      remedy:
        "Make it train to its end without faults first; the last lines of its log are above, all of it is in the run's directory.",
    });
  }
  if (run.steps.step.length > 0) return;
  throw new SquallError("service-unhealthy", "The training job ended well, and no step was seen of it.", {
    place: "workload.job",
    detail,
    remedy:
      "Choose the format of its log (workload.job.log), or write a pattern for its steps (workload.job.patterns.step).",
  });
};

interface Measuring {
  readonly options: JobRunOptions;
  readonly context: JobRunContext;
  readonly plan: JobPlan;
}

interface Measured {
  readonly done: readonly MeasuredJobRun[];
  readonly notes: readonly string[];
}

/** Would another round, as long as those so far, go beyond the budget? */
const isBeyondBudget = (rounds: number, spentMs: number, budgetMs: number): boolean =>
  rounds >= FEWEST_ROUNDS && spentMs + spentMs / rounds > budgetMs;

const measureAll = async ({ options, context, plan }: Measuring): Promise<Measured> => {
  const { suite, signal, onProgress } = options;
  const done: MeasuredJobRun[] = [];
  const beganMs = performance.now();
  const rounds = [...Map.groupBy(plan.runs, ({ repeat }) => repeat)];
  for (const [round, runs] of rounds) {
    const spentMs = performance.now() - beganMs;
    if (isBeyondBudget(round, spentMs, suite.policy.budgetMs)) {
      const note = `${round} of ${rounds.length} repeats were measured: another did not fit the budget.`;
      return { done, notes: [note] };
    }
    for (const planned of runs) {
      if (signal.aborted)
        throw new SquallError("interrupted", "The run was interrupted between two runs of the job.");
      const perRunMs = done.length === 0 ? undefined : (performance.now() - beganMs) / done.length;
      onProgress({
        phase: "window",
        text: `${planned.scenario.name}, run ${planned.repeat + 1} of ${rounds.length}`,
        window: done.length + 1,
        windows: plan.runs.length,
        ...(perRunMs === undefined ? {} : { leftMs: perRunMs * (plan.runs.length - done.length) }),
      });
      const measured = await measureJobRun(context, planned);
      mustBeHealthy(planned, measured);
      done.push(measured);
    }
  }
  return { done, notes: [] };
};

/** Which engine does which fault of the experiments asked for. */
const enginesOf = ({ suite, only, runtime, engines }: JobRunOptions): EngineOf => {
  const experiments = suite.experiments.filter(({ name }) => only?.includes(name) ?? true);
  return matchEngines({ ...suite, experiments }, runtime, engines);
};

/**
 * Measures the suite's job.
 *
 * @throws SquallError: `fault-unsupported` before anything is started, errors of the start, `service-unhealthy` where it fails in calm,
 *   `interrupted`. Whatever was started is ended in every case.
 */
export const runJobs = async (options: JobRunOptions): Promise<Profile> => {
  const { suite, suiteDirectory, runDirectory, runtime, front, seed, signal, onProgress } = options;
  const workload = suite.job;
  if (workload === undefined) throw new Error("a suite without a job is none for runJobs");
  const startedAt = new Date();
  const engineOf = enginesOf(options);
  const probeMs = spinProbeMs();
  const whole = makeJobPlan(suite, seed);
  const plan = restricted(whole, options.only);
  const context: JobRunContext = {
    suite,
    workload,
    suiteDirectory,
    runDirectory,
    runtime,
    engineOf,
    front,
    seed,
    measurementStartMs: startedAt.getTime(),
    signal,
    progress: (text) => onProgress({ phase: "start", text }),
  };
  const { done, notes } = await measureAll({ options, context, plan });
  onProgress({ phase: "stop", text: "stopping" });
  const jobRuns = done.map(({ run }) => run);
  return {
    schemaVersion: 1,
    suite: suite.name,
    suiteHash: measuredHash(suite, NO_REQUESTS),
    frameHash: measuredFrameHash(suite, NO_REQUESTS),
    // Of the whole plan: what was left out does not make what was measured any less a twin.
    scheduleHash: hashOf(jobScheduleText(whole)),
    seed,
    fingerprint: done[0]?.fingerprint as Fingerprint,
    provenance: {
      ...options.provenance,
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
    },
    probeMs,
    deadlines: suite.workload.deadlines,
    sloMs: suite.workload.sloMs,
    scenarios: plan.scenarios,
    windows: [],
    observations: [],
    recoveries: [],
    edgeCalls: [],
    edgeSeconds: [],
    health: [],
    processes: done.flatMap(({ processes }) => processes),
    deaths: done.flatMap(({ deaths }) => deaths),
    aborts: [],
    attribution: [],
    jobRuns,
    measuringMs: jobRuns.reduce((sum, { durationMs }) => sum + durationMs, 0),
    notes,
  };
};
