/**
 * Deaths and hangs of a job's processes, and what the job did when it was started again.
 *
 *   attempts --interruptionsOf--> one for each time that it stopped --> Restart where a process came after it
 */
import type { Fault } from "../fault.ts";
import type { JobAttempt, JobRun } from "./run.ts";

/** `fault`: it was killed; `own`: it died by itself; `hang`: the scheduler ended it because nothing moved. */
export type InterruptionCause = "fault" | "own" | "hang";

export interface Interruption {
  readonly cause: InterruptionCause;
  /** Planned place of the last strike before it; null: none came before. */
  readonly strike: number | null;
  /** The kill; the own death; the last progress before a hang. */
  readonly struckAtMs: number;
  /** Its first process was seen to have ended. */
  readonly endedAtMs: number;
  /** Null: nothing was started after it. */
  readonly startedAtMs: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface Restart extends Interruption {
  readonly startedAtMs: number;
  /** Last step that was logged before it, and the first one after it; null: none. */
  readonly lastStep: number | null;
  readonly firstStep: number | null;
  /** Last step before it - first step after it + 1, at least 0; null: no step came, or none was lost. */
  readonly lostSteps: number | null;
  /** From `struckAtMs` to the first step beyond the highest so far; null: none came. */
  readonly resumeMs: number | null;
  /** Null: no step came, no checkpoint was saved before it, or saves are not told. */
  readonly fromZero: boolean | null;
  /** Its process died by itself before it logged any step. */
  readonly failed: boolean;
}

/** A process that ended well, or with its run, interrupts nothing. */
const interrupts = ({ end, endedAtMs, exitCode }: JobAttempt): boolean =>
  endedAtMs !== null && end !== "run-end" && !(end === "own" && exitCode === 0);

const KILLS: ReadonlySet<Fault["kind"]> = new Set<Fault["kind"]>(["kill", "node-replace"]);

/** When the last kill that was due before `endedAtMs` struck; its exit where the strikes do not tell. */
const killedAt = (run: JobRun, faults: readonly Fault[], endedAtMs: number): number => {
  const kills = run.strikes.flatMap((strike) =>
    strike.faults.flatMap((place) => {
      const fault = faults[place];
      return fault !== undefined && KILLS.has(fault.kind) ? [strike.atMs + (fault.afterMs ?? 0)] : [];
    }),
  );
  return kills.reduce(
    (last, atMs) => (atMs <= endedAtMs ? Math.max(last, atMs) : last),
    Number.NEGATIVE_INFINITY,
  );
};

/** Place of the last step that was logged before; -1: none. They stand in the order of time. */
const lastBefore = ({ steps: { atMs: times } }: JobRun, atMs: number): number => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

const causeOf = (group: readonly JobAttempt[]): InterruptionCause => {
  if (group.some(({ end }) => end === "fault")) return "fault";
  return group[0]?.end === "own" ? "own" : "hang";
};

const struckAt = (
  run: JobRun,
  faults: readonly Fault[],
  cause: InterruptionCause,
  endedAtMs: number,
): number => {
  if (cause === "own") return endedAtMs;
  if (cause === "fault") {
    const atMs = killedAt(run, faults, endedAtMs);
    return Number.isFinite(atMs) ? atMs : endedAtMs;
  }
  // It stood still from its last step on, or never made one since it was started.
  const stepAtMs = run.steps.atMs[lastBefore(run, endedAtMs)] ?? 0;
  const begun = run.attempts.filter(({ startedAtMs }) => startedAtMs <= endedAtMs);
  return Math.max(stepAtMs, ...begun.map(({ startedAtMs }) => startedAtMs));
};

/** Processes that ended before the first of them was started again ended together: the scheduler ends all for one. */
export const interruptionsOf = (run: JobRun, faults: readonly Fault[]): readonly Interruption[] => {
  const ended = run.attempts.filter(interrupts).sort((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0));
  const found: Interruption[] = [];
  let place = 0;
  while (place < ended.length) {
    const first = ended[place] as JobAttempt;
    const endedAtMs = first.endedAtMs as number;
    const next = run.attempts
      .filter(({ worker, startedAtMs }) => worker === first.worker && startedAtMs >= endedAtMs)
      .sort((a, b) => a.startedAtMs - b.startedAtMs)[0];
    const until = next?.startedAtMs ?? Number.POSITIVE_INFINITY;
    const group = ended.slice(place).filter((each) => (each.endedAtMs as number) <= until);
    const cause = causeOf(group);
    const strike = run.strikes.findLast(({ atMs }) => atMs <= endedAtMs);
    found.push({
      cause,
      strike: strike?.at ?? null,
      struckAtMs: struckAt(run, faults, cause, endedAtMs),
      endedAtMs,
      startedAtMs: next?.startedAtMs ?? null,
      exitCode: first.exitCode,
      signal: first.signal,
    });
    place += group.length;
  }
  return found;
};

/** Highest step that a checkpoint told before `atMs` holds: where its line tells none, what had been logged. Null: none was saved. */
const savedStep = (run: JobRun, atMs: number): number | null => {
  const steps = run.events.flatMap((event) => {
    if (event.kind !== "saved" || event.atMs >= atMs) return [];
    return [event.step ?? run.steps.step[lastBefore(run, event.atMs)] ?? 0];
  });
  return steps.length === 0 ? null : steps.reduce((most, step) => Math.max(most, step));
};

/**
 * From zero: its first step is no later than the run's very first one, though a checkpoint of a later step had been saved, and no line
 * told that one was loaded.
 */
const isFromZero = (run: JobRun, startedAtMs: number, first: number): boolean | null => {
  const firstStep = run.steps.step[first];
  const veryFirst = run.steps.step[0];
  const saved = savedStep(run, startedAtMs);
  if (firstStep === undefined || veryFirst === undefined || saved === null || saved <= veryFirst) return null;
  const firstAtMs = run.steps.atMs[first] as number;
  const loaded = run.events.some(
    ({ kind, atMs }) => kind === "loaded" && atMs >= startedAtMs && atMs <= firstAtMs,
  );
  return firstStep <= veryFirst && !loaded;
};

const restartOf = (
  run: JobRun,
  interruption: Interruption & { readonly startedAtMs: number },
  next: Interruption | undefined,
): Restart => {
  const { startedAtMs, struckAtMs } = interruption;
  const untilMs = next?.startedAtMs ?? Number.POSITIVE_INFINITY;
  const { step, atMs } = run.steps;
  const last = lastBefore(run, startedAtMs);
  const first = last + 1;
  const hasStep = first < step.length && (atMs[first] as number) < untilMs;
  const lastStep = step[last] ?? null;
  const firstStep = hasStep ? (step[first] as number) : null;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index <= last; index++) highest = Math.max(highest, step[index] as number);
  const fresh = step.findIndex((each, index) => index > last && each > highest);
  return {
    ...interruption,
    lastStep,
    firstStep,
    lostSteps: lastStep === null || firstStep === null ? null : Math.max(0, lastStep - firstStep + 1),
    resumeMs: fresh < 0 ? null : Math.max(0, (atMs[fresh] as number) - struckAtMs),
    fromZero: hasStep ? isFromZero(run, startedAtMs, first) : null,
    failed: !hasStep && next?.cause === "own",
  };
};

/** In the order of time. */
export const restartsOf = (run: JobRun, interruptions: readonly Interruption[]): readonly Restart[] =>
  interruptions.flatMap((interruption, place) => {
    const { startedAtMs } = interruption;
    return startedAtMs === null
      ? []
      : [restartOf(run, { ...interruption, startedAtMs }, interruptions[place + 1])];
  });
