/**
 * What each run of a job showed, and a profile's runs in one line a scenario.
 *
 *   Profile.jobRuns --figuresOf--> RunFigures of each run --> core/judge/job (compared)
 *                                                        \--> jobResults --> Result.jobs (told)
 */
import type { Profile, Scenario } from "../profile.ts";
import { medianOf } from "../statistics/quantile.ts";
import { type Pace, paceOf, timeSpent } from "./badput.ts";
import {
  calmRunsOf,
  type LossCurve,
  type LossDistance,
  lossCurve,
  lossDistance,
  lossTolerance,
} from "./loss.ts";
import { type Interruption, interruptionsOf, type Restart, restartsOf } from "./restarts.ts";
import type { Badput, JobResult } from "./result.ts";
import type { JobRun } from "./run.ts";

export interface RunFigures {
  readonly run: JobRun;
  /** Every process ended well, and no step was left out at the end. */
  readonly completed: boolean;
  /** Times that its processes died without our doing, those of a killed peer left out. */
  readonly crashes: readonly Interruption[];
  readonly restarts: readonly Restart[];
  readonly nanSteps: number;
  readonly skippedSteps: number;
  readonly goodput: number | null;
  readonly badput: Badput;
  /** Null: no losses are known, or no calm ones to hold them against. */
  readonly loss: LossDistance | null;
  /** Of its last step. */
  readonly finalLoss: number | null;
}

export interface JobFigures {
  /** Runs that count, by scenario, in their order. */
  readonly runs: ReadonlyMap<string, readonly RunFigures[]>;
  /** Of calm runs; null: none to learn it from. */
  readonly pace: Pace | null;
  readonly curve: LossCurve | null;
}

interface Calm {
  readonly pace: Pace | null;
  readonly curve: LossCurve | null;
  /** Last step that a whole run logs at the least: where steps are told with gaps, the last one may be left out once or twice. */
  readonly leastLastStep: number;
}

const lastStepOf = ({ steps }: JobRun): number => steps.step.reduce((most, step) => Math.max(most, step), -1);

const calmOf = (profile: Profile): Calm => {
  const calm = calmRunsOf(profile);
  const gap = calm
    .flatMap(({ steps }) => steps.step.map((step, index) => step - (steps.step[index - 1] ?? step)))
    .reduce((most, each) => Math.max(most, each), 0);
  return {
    pace: paceOf(calm),
    curve: lossCurve(calm),
    leastLastStep: calm.length === 0 ? -1 : Math.min(...calm.map(lastStepOf)) - 2 * Math.max(0, gap - 1),
  };
};

const figuresOfRun = (run: JobRun, scenario: Scenario | undefined, calm: Calm): RunFigures => {
  const interruptions = interruptionsOf(run, scenario?.faults ?? []);
  const events = (kind: "nan" | "skipped"): number =>
    run.events.filter((event) => event.kind === kind).length;
  return {
    run,
    completed: run.outcome === "completed" && lastStepOf(run) >= calm.leastLastStep,
    crashes: interruptions.filter(({ cause }) => cause === "own"),
    restarts: restartsOf(run, interruptions),
    nanSteps: events("nan"),
    skippedSteps: events("skipped"),
    ...timeSpent(run, calm.pace),
    loss: calm.curve === null ? null : lossDistance(run, calm.curve),
    finalLoss: run.steps.loss.at(-1) ?? null,
  };
};

export const figuresOf = (profile: Profile): JobFigures => {
  const calm = calmOf(profile);
  const valid = (profile.jobRuns ?? []).filter(({ invalid }) => invalid === undefined);
  const runs = Map.groupBy(
    valid.map((run) =>
      figuresOfRun(
        run,
        profile.scenarios.find(({ name }) => name === run.scenario),
        calm,
      ),
    ),
    ({ run }) => run.scenario,
  );
  return { runs, pace: calm.pace, curve: calm.curve };
};

const PARTS = ["productiveMs", "startMs", "lostMs", "savingMs", "downMs", "slowMs"] as const;

const meanBadput = (runs: readonly RunFigures[]): Badput => {
  const mean = (part: keyof Badput): number =>
    runs.length === 0 ? 0 : runs.reduce((sum, { badput }) => sum + badput[part], 0) / runs.length;
  return Object.fromEntries(PARTS.map((part) => [part, mean(part)])) as unknown as Badput;
};

/** Null of nothing. */
const known = (values: readonly (number | null)[]): readonly number[] =>
  values.flatMap((value) => value ?? []);

const resultOf = (
  scenario: string,
  runs: readonly RunFigures[],
  planned: readonly number[],
  tolerance: number | null,
): JobResult => {
  const restarts = runs.flatMap((each) => each.restarts);
  const total = (of: (each: RunFigures) => number): number => runs.reduce((sum, each) => sum + of(each), 0);
  const distances = known(runs.map(({ loss }) => loss?.distance ?? null));
  const seen = restarts.filter(({ cause }) => cause !== "own");
  return {
    scenario,
    runs: runs.length,
    completed: runs.filter(({ completed }) => completed).length,
    crashed: runs.filter(({ crashes }) => crashes.length > 0).length,
    strikes: total(({ run }) => run.strikes.length),
    restarts: restarts.length,
    fromZero: restarts.filter(({ fromZero }) => fromZero === true).length,
    failedRestarts: restarts.filter(({ failed }) => failed).length,
    durationMs: medianOf(runs.map(({ run }) => run.durationMs)),
    goodput: medianOf(known(runs.map(({ goodput }) => goodput))),
    lostSteps: medianOf(known(restarts.map(({ lostSteps }) => lostSteps))),
    detectMs: medianOf(seen.map(({ endedAtMs, struckAtMs }) => Math.max(0, endedAtMs - struckAtMs))),
    restartMs: medianOf(restarts.map(({ startedAtMs, struckAtMs }) => Math.max(0, startedAtMs - struckAtMs))),
    resumeMs: medianOf(known(restarts.map(({ resumeMs }) => resumeMs))),
    lossDeviation: distances.length === 0 ? null : Math.max(...distances),
    lossTolerance: tolerance,
    lossLeft: hasLeft(runs, tolerance).length,
    finalLoss: medianOf(known(runs.map(({ completed, finalLoss }) => (completed ? finalLoss : null)))),
    nanSteps: total(({ nanSteps }) => nanSteps),
    skippedSteps: total(({ skippedSteps }) => skippedSteps),
    orphans: total(({ run }) => run.orphans),
    badput: meanBadput(runs),
    plannedStrikes: planned,
  };
};

/** Runs whose loss lies further from the calm ones than those from each other. */
export const hasLeft = (runs: readonly RunFigures[], tolerance: number | null): readonly RunFigures[] =>
  tolerance === null ? [] : runs.filter(({ loss }) => loss !== null && loss.distance > tolerance);

/**
 * One for each scenario, in the profile's order; runs that do not count are left out.
 *
 * @param others profiles whose calm runs say, with the profile's own, how much losses differ by chance
 */
export const jobResults = (profile: Profile, others: readonly Profile[] = []): readonly JobResult[] => {
  const { runs } = figuresOf(profile);
  const tolerance = lossTolerance([profile, ...others]);
  return profile.scenarios.map(({ name }) => {
    const first = (profile.jobRuns ?? []).find(({ scenario }) => scenario === name);
    return resultOf(name, runs.get(name) ?? [], first?.plannedStrikes ?? [], tolerance);
  });
};
