/** Where a run's time went: what made progress, and what did not. Of the first worker, whose log tells the steps. */
import { medianOf } from "../statistics/quantile.ts";
import type { Badput } from "./result.ts";
import type { JobRun } from "./run.ts";

/** How long steps take in calm. */
export interface Pace {
  readonly medianMs: number;
  /** Of one step, by the two logged steps between which it lies ("20-30"), where calm runs log the same ones. */
  readonly between: ReadonlyMap<string, number>;
}

/** From one logged step to the next, within one life of the process. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly durationMs: number;
  /** Of that, how long a checkpoint was being saved. */
  readonly savingMs: number;
  /** Steps of it that no earlier stretch had reached. */
  readonly fresh: number;
}

interface Life {
  readonly startMs: number;
  readonly endMs: number;
  /** Process start to its first step; to its end, where it made none. */
  readonly untilStepMs: number;
  readonly stretches: readonly Stretch[];
  /** After its last step. */
  readonly tailMs: number;
  readonly tailSavingMs: number;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From each save's begin to its end; one that never ended ends with its process. */
const savesOf = (run: JobRun): readonly Span[] => {
  const ends = run.attempts.flatMap(({ worker, endedAtMs }) => (worker === 0 ? (endedAtMs ?? []) : []));
  const marks = run.events.filter(({ kind }) => kind === "saving" || kind === "saved");
  return marks.flatMap(({ kind, atMs }, place) => {
    if (kind !== "saving") return [];
    const next = marks[place + 1]?.atMs ?? run.durationMs;
    const death = ends.filter((each) => each >= atMs);
    return [{ fromMs: atMs, toMs: Math.min(next, run.durationMs, ...death) }];
  });
};

/** @param spans in the order of time, none within another */
const overlapMs = (spans: readonly Span[], fromMs: number, toMs: number): number => {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).toMs <= fromMs) low = middle + 1;
    else high = middle;
  }
  let sum = 0;
  for (let place = low; place < spans.length; place++) {
    const span = spans[place] as Span;
    if (span.fromMs >= toMs) break;
    sum += Math.max(0, Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs));
  }
  return sum;
};

/** Steps logged in one life, and the time around them. `highest`: of the lives before it. */
const lifeOf = (
  { startMs, endMs }: Pick<Life, "startMs" | "endMs">,
  logged: readonly { readonly step: number; readonly atMs: number }[],
  saves: readonly Span[],
  highest: number,
): Life => {
  const stretches: Stretch[] = [];
  let reached = highest;
  let beforeMs = startMs;
  let before: number | null = null;
  let untilStepMs = endMs - startMs;
  for (const { step, atMs } of logged) {
    // A line that was read after its process had ended belongs to it all the same.
    const heldMs = Math.min(endMs, Math.max(beforeMs, atMs));
    if (before === null) untilStepMs = heldMs - startMs;
    else
      stretches.push({
        from: before,
        to: step,
        durationMs: heldMs - beforeMs,
        savingMs: overlapMs(saves, beforeMs, heldMs),
        fresh: Math.max(0, step - Math.max(reached, before)),
      });
    reached = Math.max(reached, step);
    before = step;
    beforeMs = heldMs;
  }
  const tailMs = before === null ? 0 : endMs - beforeMs;
  const tailSavingMs = before === null ? 0 : overlapMs(saves, beforeMs, endMs);
  return { startMs, endMs, untilStepMs, stretches, tailMs, tailSavingMs };
};

/** Lives of the first worker with their steps. */
const livesOf = (run: JobRun): readonly Life[] => {
  const { durationMs, steps } = run;
  const within = (atMs: number): number => Math.min(durationMs, Math.max(0, atMs));
  const attempts = run.attempts
    .filter(({ worker }) => worker === 0)
    .sort((a, b) => a.startedAtMs - b.startedAtMs);
  const saves = savesOf(run);
  const lines = steps.step.map((step, index) => ({ step, atMs: steps.atMs[index] ?? 0 }));
  let place = 0;
  let highest = Number.NEGATIVE_INFINITY;
  return attempts.map((attempt, index) => {
    const startMs = within(attempt.startedAtMs);
    const endMs = Math.max(startMs, within(attempt.endedAtMs ?? durationMs));
    const nextMs = attempts[index + 1]?.startedAtMs ?? Number.POSITIVE_INFINITY;
    const first = place;
    while (place < lines.length && (lines[place]?.atMs ?? 0) < nextMs) place++;
    const logged = lines.slice(first, place);
    const life = lifeOf({ startMs, endMs }, logged, saves, highest);
    highest = logged.reduce((most, { step }) => Math.max(most, step), highest);
    return life;
  });
};

/** @param calm runs without faults. Null: they log no two steps. */
export const paceOf = (calm: readonly JobRun[]): Pace | null => {
  const known = new Map<string, number[]>();
  for (const { from, to, durationMs, savingMs } of calm.flatMap((run) =>
    livesOf(run).flatMap(({ stretches }) => stretches),
  )) {
    if (to <= from) continue;
    const key = `${from}-${to}`;
    const times = known.get(key) ?? [];
    times.push(Math.max(0, durationMs - savingMs) / (to - from));
    known.set(key, times);
  }
  const medianMs = medianOf([...known.values()].flat());
  if (medianMs === null) return null;
  const between = [...known].filter(([, times]) => 2 * times.length >= calm.length);
  return { medianMs, between: new Map(between.map(([key, times]) => [key, medianOf(times) ?? medianMs])) };
};

export interface TimeSpent {
  readonly badput: Badput;
  /** What the steps that were made for the first time take in calm, over the run's duration, 0..1; null: of no time. */
  readonly goodput: number | null;
}

/** The parts add up to the duration. */
export const timeSpent = (run: JobRun, pace: Pace | null): TimeSpent => {
  const lives = livesOf(run);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const stretches = lives.flatMap((life) => life.stretches);
  // A stretch that reaches beyond what was reached before is part of each.
  const freshShare = ({ from, to, fresh }: Stretch): number => (to <= from ? 0 : fresh / (to - from));
  const calmMs = sum(
    stretches.map(
      ({ from, to, fresh }) => fresh * (pace?.between.get(`${from}-${to}`) ?? pace?.medianMs ?? 0),
    ),
  );
  const savingMs = sum([
    ...stretches.map((each) => Math.min(each.savingMs, each.durationMs)),
    ...lives.map((life) => Math.min(life.tailSavingMs, life.tailMs)),
  ]);
  const rest = (each: Stretch): number => Math.max(0, each.durationMs - each.savingMs);
  const freshMs = sum(stretches.map((each) => rest(each) * freshShare(each)));
  const lostMs = sum(stretches.map((each) => rest(each) * (1 - freshShare(each))));
  const productiveMs = Math.min(calmMs, freshMs);
  const startMs = sum(lives.map((life) => life.untilStepMs));
  const downMs = Math.max(0, run.durationMs - sum(lives.map((life) => life.endMs - life.startMs)));
  const slowMs = Math.max(0, run.durationMs - productiveMs - startMs - lostMs - savingMs - downMs);
  return {
    badput: { productiveMs, startMs, lostMs, savingMs, downMs, slowMs },
    goodput: run.durationMs > 0 && pace !== null ? Math.min(1, calmMs / run.durationMs) : null,
  };
};
