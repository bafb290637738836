/**
 * One run of a job, on a system of its own: the scheduler, its progress, and the faults that follow it.
 *
 *   runtime.start (all but the workers) -> Supervisor.run -> faults taken away -> what is left over counted -> system ended
 */
import path from "node:path";
import { withoutEffect } from "../../core/exchange.ts";
import type { JobRun } from "../../core/job/run.ts";
import type { JobWorkload } from "../../core/job/workload.ts";
import { processName } from "../../core/process-name.ts";
import type { Fingerprint, ProcessDeath, ProcessSample } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import type { EngineOf } from "../match-engines.ts";
import type { EdgeFront, ProcessExit, RunningSystem, Runtime } from "../ports.ts";
import { UsageSampler } from "../samplers.ts";
import { pause } from "../timers.ts";
import { WITHOUT_EFFECT } from "../window-records.ts";
import { realClock } from "./clock.ts";
import { FaultsInForce } from "./faults-in-force.ts";
import type { JobControl, OutputLine } from "./job-ports.ts";
import { LastLines } from "./last-lines.ts";
import type { PlannedJobRun } from "./plan.ts";
import { ProgressRecord } from "./progress-record.ts";
import { type ProgressWatch, watchProgress } from "./progress-watch.ts";
import { Strikes } from "./strikes.ts";
import { Supervisor } from "./supervisor.ts";

export interface JobRunContext {
  readonly suite: Suite;
  readonly workload: JobWorkload;
  readonly suiteDirectory: string;
  /** Of the whole measurement; a run's own is inside. */
  readonly runDirectory: string;
  readonly runtime: Runtime;
  readonly engineOf: EngineOf;
  readonly front: EdgeFront | null;
  readonly seed: number;
  /** Epoch ms of the whole measurement's start. */
  readonly measurementStartMs: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface MeasuredJobRun {
  readonly run: JobRun;
  readonly processes: readonly ProcessSample[];
  /** Of dependencies: workers' lives are the run's attempts. */
  readonly deaths: readonly ProcessDeath[];
  readonly fingerprint: Fingerprint;
  /** The first worker's last words. */
  readonly lastLines: readonly string[];
}

/** What a job leaves behind is looked at for so long: helpers commonly follow their parent a moment later. */
const ORPHAN_GRACE_MS = 1000;
const ORPHAN_LOOK_MS = 50;
/** Beyond the timeout: faults are taken away by us, and by their engines only where we are gone. */
const DEADLINE_GRACE_MS = 60_000;

/** `<runDirectory>/jobs/<scenario>-<repeat>`. */
const directoryOf = ({ runDirectory }: JobRunContext, { scenario, repeat }: PlannedJobRun): string =>
  path.join(runDirectory, "jobs", `${encodeURIComponent(scenario.name)}-${repeat}`);

const countOrphans = async (job: JobControl, signal: AbortSignal): Promise<number> => {
  const untilMs = performance.now() + ORPHAN_GRACE_MS;
  for (;;) {
    const found = await job.orphans();
    if (found === 0 || signal.aborted || performance.now() > untilMs) return found;
    await pause(ORPHAN_LOOK_MS, signal);
  }
};

/**
 * A system is made for one run, and ready for that run's faults alone: a disk that another experiment will fill is in memory, and no
 * disk to be slow.
 */
const onlyOf = (suite: Suite, { scenario }: PlannedJobRun): Suite => ({
  ...suite,
  experiments: suite.experiments.filter(({ name }) => name === scenario.name),
});

/** What the runtime tells before the run is put together, and after. */
class Listeners {
  supervisor: Supervisor | null = null;
  watch: ProgressWatch | null = null;
  readonly lastLines = new LastLines();

  readonly watcher = {
    onLine: (line: OutputLine): void => {
      if (line.name === processName(0)) this.lastLines.add(line.text);
      this.watch?.line(line);
    },
    onExit: (exit: ProcessExit): void => {
      const { supervisor, watch } = this;
      // What it wrote before it ended comes first.
      if (watch === null) supervisor?.exited(exit);
      else void watch.look().finally(() => supervisor?.exited(exit));
    },
  };
}

const whyInvalid = (
  planned: PlannedJobRun,
  outcome: JobRun["outcome"],
  strikes: Strikes,
): string | undefined => {
  const [problem] = strikes.problems;
  if (problem !== undefined) return problem;
  const { trigger } = planned.scenario;
  const { records } = strikes;
  if (trigger !== undefined && outcome === "completed" && records.length === 0) {
    const what = trigger.type === "save" ? "save of a checkpoint" : "step to strike at";
    return `${WITHOUT_EFFECT}: no ${what} was seen`;
  }
  const idle = withoutEffect(records.flatMap(({ receipts }) => receipts));
  if (idle.length === 0) return undefined;
  return `${WITHOUT_EFFECT}: ${idle.map(({ faultId, seen }) => `${faultId} saw ${seen} calls and struck none`).join("; ")}`;
};

const dependencyDeaths = (system: RunningSystem, workers: number, startMs: number): ProcessDeath[] => {
  const names = new Set(Array.from({ length: workers }, (_, worker) => processName(worker)));
  return system.processes
    .exits()
    .filter(({ name }) => !names.has(name))
    .map(({ atMs, ...exit }) => ({ ...exit, atMs: Math.max(0, atMs - startMs), window: -1 }));
};

/** The parts of a run, tied to each other. */
const tieRun = (
  context: JobRunContext,
  planned: PlannedJobRun,
  system: RunningSystem,
  job: JobControl,
  listeners: Listeners,
) => {
  const { workload, seed, signal, engineOf } = context;
  const clock = realClock;
  const startedMs = clock.now();
  const runMs = (): number => clock.now() - startedMs;
  const progress: ProgressRecord = new ProgressRecord({
    onStep: () => supervisor.stepped(),
    onNewStep: (step) => strikes.onNewStep(step),
    onNewSave: () => strikes.onNewSave(),
  });
  const supervisor = new Supervisor({
    job,
    processes: system.processes,
    policy: workload.restart,
    timeoutMs: workload.timeoutMs,
    clock,
    signal,
    isAtEnd: () => (progress.highestStep ?? -1) >= workload.steps,
  });
  const { scenario, repeat } = planned;
  const inForce = new FaultsInForce({
    system,
    engineOf,
    scenario: scenario.name,
    repeat,
    faults: scenario.faults,
    seed,
    leftMs: () => Math.max(0, workload.timeoutMs - runMs()) + DEADLINE_GRACE_MS,
  });
  const { workers } = job;
  const strikes = new Strikes({ planned, seed, workers, inForce, supervisor, progress, clock, runMs });
  const watch = watchProgress(workload.progress, job, (events, atMs) =>
    progress.take(events, Math.max(0, atMs - startedMs)),
  );
  listeners.supervisor = supervisor;
  listeners.watch = watch;
  return { startedMs, progress, supervisor, strikes, watch };
};

const runUnder = async (supervisor: Supervisor, strikes: Strikes): Promise<JobRun["outcome"]> => {
  try {
    return await supervisor.run();
  } finally {
    await strikes.close();
  }
};

/**
 * Measures one run.
 *
 * @throws SquallError: errors of the start, `interrupted`. Whatever was started is ended in every case
 */
export const measureJobRun = async (
  context: JobRunContext,
  planned: PlannedJobRun,
): Promise<MeasuredJobRun> => {
  const { suite, suiteDirectory, runtime, seed, front, signal, measurementStartMs } = context;
  const listeners = new Listeners();
  await using stack = new AsyncDisposableStack();
  const system = stack.use(
    await runtime.start({
      suite: onlyOf(suite, planned),
      suiteDirectory,
      runDirectory: directoryOf(context, planned),
      seed,
      front,
      signal,
      progress: context.progress,
      watch: listeners.watcher,
    }),
  );
  const { job } = system;
  if (job === undefined) throw new Error(`runtime ${runtime.name} started a job without control over it`);
  const { startedMs, progress, supervisor, strikes, watch } = tieRun(
    context,
    planned,
    system,
    job,
    listeners,
  );
  stack.use(watch);
  const usage = stack.use(new UsageSampler(system, measurementStartMs));
  // Also where the run is interrupted: the system must not end under faults that are being put in force.
  const outcome = await runUnder(supervisor, strikes);
  await watch.look();
  const relative = (atMs: number): number => Math.max(0, atMs - startedMs);
  const attempts = supervisor.attempts.map((attempt) => ({
    ...attempt,
    startedAtMs: relative(attempt.startedAtMs),
    endedAtMs: attempt.endedAtMs === null ? null : relative(attempt.endedAtMs),
  }));
  const orphans = await countOrphans(job, signal);
  const invalid = whyInvalid(planned, outcome, strikes);
  return {
    run: {
      scenario: planned.scenario.name,
      repeat: planned.repeat,
      startMs: startedMs - measurementStartMs,
      durationMs: Math.max(0, ...attempts.map(({ endedAtMs }) => endedAtMs ?? 0)),
      outcome,
      attempts,
      steps: progress.steps,
      events: progress.events,
      strikes: strikes.records,
      plannedStrikes: planned.strikes.map(({ at }) => at),
      orphans,
      ...(invalid === undefined ? {} : { invalid }),
    },
    processes: usage.samples,
    deaths: dependencyDeaths(system, job.workers, measurementStartMs),
    fingerprint: system.fingerprint,
    lastLines: listeners.lastLines.lines,
  };
};
