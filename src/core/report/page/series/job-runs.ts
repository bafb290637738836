/** Runs of a training job as lines: its steps over time, its losses by step. */
import { calmRunsOf, type LossCurve, lossCurve, lossDistance } from "../../../job/loss.ts";
import type { JobRun } from "../../../job/run.ts";
import type { Profile } from "../../../profile.ts";
import { isDrawable, thinned } from "./thin.ts";

export interface StepPoint {
  /** Seconds from the run's first process start. */
  readonly atS: number;
  readonly step: number;
}

/** Seconds from the run's first process start. */
export interface StripMarks {
  readonly strikesS: readonly number[];
  /** A process was started again. */
  readonly restartsS: readonly number[];
}

export interface JobStrip extends StripMarks {
  readonly scenario: string;
  /** From 0. */
  readonly repeat: number;
  readonly outcome: JobRun["outcome"];
  /** False: it did not count. */
  readonly isScored: boolean;
  readonly steps: readonly StepPoint[];
  /** The same run of the newest baseline; null: it has none. */
  readonly base: readonly StepPoint[] | null;
}

export interface JobStrips {
  /** By scenario in the profile's order, then by repeat; at most 12. */
  readonly struck: readonly JobStrip[];
  /** At most 4. */
  readonly calm: readonly JobStrip[];
  /** Runs for which there was no strip. */
  readonly leftOut: number;
}

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
  /** A new one begins where a step is done again. */
  readonly segment: number;
}

export interface CalmLoss {
  readonly step: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface LossLines {
  readonly scenario: string;
  readonly runs: readonly { readonly repeat: number; readonly points: readonly LossPoint[] }[];
}

export interface JobLosses {
  /** Of calm runs that completed, by step. */
  readonly calm: readonly CalmLoss[];
  /** Runs behind `calm`. */
  readonly calmRuns: number;
  readonly struck: readonly LossLines[];
}

const MOST_RUNS = 12;
/** They are much alike. */
const MOST_CALM = 4;
const STRIP_POINTS = 60;
/** Of one pass over the steps. */
const LOSS_POINTS = 100;
/** Of one run, however often it began again. */
const MOST_LOSS_POINTS = 400;
const MOST_MARKS = 40;
/** Workers that are started together are one restart. */
const TOGETHER_S = 0.5;

/** Where steps are done again the line stays until then and falls at once: nothing is known of a step in between. */
const withFalls = (points: readonly StepPoint[]): readonly StepPoint[] =>
  points.flatMap((point, index) => {
    const before = points[index - 1];
    return before !== undefined && point.step <= before.step
      ? [{ atS: point.atS, step: before.step }, point]
      : [point];
  });

const stepsOf = ({ steps }: JobRun): readonly StepPoint[] => {
  const all: StepPoint[] = [];
  for (const [index, step] of steps.step.entries()) {
    const atMs = steps.atMs[index] ?? Number.NaN;
    if (isDrawable(atMs) && Math.abs(step) < Number.MAX_SAFE_INTEGER) all.push({ atS: atMs / 1000, step });
  }
  return withFalls(thinned(all, STRIP_POINTS, ({ step }) => step));
};

const marksOf = ({ strikes, attempts }: JobRun): StripMarks => {
  const firstOf = new Map<number, number>();
  for (const { worker, startedAtMs } of attempts)
    firstOf.set(worker, Math.min(startedAtMs, firstOf.get(worker) ?? Number.POSITIVE_INFINITY));
  const again = attempts
    .filter(({ worker, startedAtMs }) => startedAtMs !== firstOf.get(worker) && isDrawable(startedAtMs))
    .map(({ startedAtMs }) => startedAtMs / 1000)
    .sort((a, b) => a - b);
  const restartsS: number[] = [];
  for (const atS of again) {
    const last = restartsS.at(-1);
    if (last === undefined || atS - last > TOGETHER_S) restartsS.push(atS);
  }
  return {
    strikesS: strikes
      .filter(({ atMs }) => isDrawable(atMs))
      .slice(0, MOST_MARKS)
      .map(({ atMs }) => atMs / 1000),
    restartsS: restartsS.slice(0, MOST_MARKS),
  };
};

/** First repeats of every scenario before second ones of any, then in the order of scenarios again. */
const chosen = (
  runs: readonly JobRun[],
  order: ReadonlyMap<string, number>,
  most = MOST_RUNS,
): readonly JobRun[] => {
  const place = ({ scenario }: JobRun): number => order.get(scenario) ?? order.size;
  return runs
    .toSorted((a, b) => a.repeat - b.repeat || place(a) - place(b))
    .slice(0, most)
    .sort((a, b) => place(a) - place(b) || a.repeat - b.repeat);
};

const keyOf = ({ scenario, repeat }: Pick<JobRun, "scenario" | "repeat">): string =>
  JSON.stringify([scenario, repeat]);

const isCalmIn = ({ scenarios }: Profile): ((run: JobRun) => boolean) => {
  const calm = new Set(scenarios.filter(({ shape }) => shape === "control").map(({ name }) => name));
  return ({ scenario }) => calm.has(scenario);
};

const orderOf = ({ scenarios }: Profile): ReadonlyMap<string, number> =>
  new Map(scenarios.map(({ name }, place) => [name, place]));

export const jobStrips = (head: Profile, base?: Profile): JobStrips => {
  const runs = head.jobRuns ?? [];
  const isCalm = isCalmIn(head);
  const order = orderOf(head);
  const baseRuns = new Map((base?.jobRuns ?? []).map((run) => [keyOf(run), run]));
  const strip = (run: JobRun): JobStrip => {
    const twin = baseRuns.get(keyOf(run));
    return {
      scenario: run.scenario,
      repeat: run.repeat,
      outcome: run.outcome,
      isScored: run.invalid === undefined,
      steps: stepsOf(run),
      base: twin === undefined ? null : stepsOf(twin),
      ...marksOf(run),
    };
  };
  const struck = chosen(
    runs.filter((run) => !isCalm(run)),
    order,
  ).map(strip);
  const calm = chosen(runs.filter(isCalm), order, MOST_CALM).map(strip);
  return { struck, calm, leftOut: runs.length - struck.length - calm.length };
};

const isLoss = (step: number, loss: number | null | undefined): loss is number =>
  loss !== null && loss !== undefined && Number.isFinite(loss) && Math.abs(step) < Number.MAX_SAFE_INTEGER;

/** The same steps of all runs, or lines that are equal would not lie on each other. */
const drawnSteps = (runs: readonly JobRun[]): ReadonlySet<number> => {
  const known = new Set<number>();
  for (const { steps } of runs) for (const step of steps.step) if (isLoss(step, 0)) known.add(step);
  const stride = Math.max(1, Math.ceil(known.size / LOSS_POINTS));
  return new Set([...known].sort((a, b) => a - b).filter((_, place) => place % stride === 0));
};

/** The point that is furthest from calm is kept too. */
const lossesOf = (run: JobRun, drawn: ReadonlySet<number>, furthest: number | null): readonly LossPoint[] => {
  const { steps } = run;
  const all: LossPoint[] = [];
  let segment = 0;
  let before = Number.NEGATIVE_INFINITY;
  for (const [index, step] of steps.step.entries()) {
    const loss = steps.loss[index];
    if (step <= before) segment++;
    before = step;
    if (isLoss(step, loss) && (drawn.has(step) || step === furthest)) all.push({ step, loss, segment });
  }
  return thinned(all, MOST_LOSS_POINTS, ({ loss }) => loss);
};

const calmLosses = (
  calm: readonly JobRun[],
  curve: LossCurve | null,
  drawn: ReadonlySet<number>,
): readonly CalmLoss[] => {
  if (curve === null) return [];
  const spread = new Map<number, { least: number; most: number }>();
  for (const { steps } of calm)
    for (const [index, step] of steps.step.entries()) {
      const loss = steps.loss[index];
      if (!isLoss(step, loss) || !drawn.has(step)) continue;
      const known = spread.get(step) ?? { least: loss, most: loss };
      spread.set(step, { least: Math.min(known.least, loss), most: Math.max(known.most, loss) });
    }
  const all = [...spread]
    .sort(([a], [b]) => a - b)
    .map(([step, { least, most }]) => ({ step, median: curve.at.get(step) ?? least, least, most }));
  return thinned(all, MOST_LOSS_POINTS, ({ median }) => median);
};

/** Runs that do not count are left out, as in the comparison (`core/job/loss.ts`). */
export const jobLosses = (head: Profile): JobLosses => {
  const calm = calmRunsOf(head);
  const isCalm = isCalmIn(head);
  const struck = chosen(
    (head.jobRuns ?? []).filter((run) => run.invalid === undefined && !isCalm(run)),
    orderOf(head),
  );
  const curve = lossCurve(calm);
  const drawn = drawnSteps([...calm, ...struck]);
  return {
    calm: calmLosses(calm, curve, drawn),
    calmRuns: calm.length,
    struck: [...Map.groupBy(struck, ({ scenario }) => scenario)].flatMap(([scenario, runs]) => {
      const lines = runs.flatMap((run) => {
        const points = lossesOf(run, drawn, curve === null ? null : (lossDistance(run, curve)?.step ?? null));
        return points.length === 0 ? [] : [{ repeat: run.repeat, points }];
      });
      return lines.length === 0 ? [] : [{ scenario, runs: lines }];
    }),
  };
};
