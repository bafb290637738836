/** Figures of calm seconds beside those under a fault, and how sure the difference is. */
import type { Span } from "./observed.ts";

/** One second's value, and how much it counts. */
export interface Weighed {
  readonly value: number;
  readonly weight: number;
}

/** A figure in calm traffic and under the fault. */
export interface Figure {
  readonly calm: number;
  readonly fault: number;
  /** Difference in standard errors of calm seconds; 0 where either side has no values. */
  readonly z: number;
}

export const NO_FIGURE: Figure = { calm: 0, fault: 0, z: 0 };

/** Beyond this a difference is no chance: one of many dozens of figures a run, each looked at once. */
export const SURE_Z = 3;

/** A second belongs to a span that covers all of it, or where there are few such, at least half of it. */
const WHOLE = 0.9;
const ENOUGH_WHOLE = 8;
const LEAST_OVERLAP = 0.5;

/** Longer series than any run's; a stored file may claim what it likes. */
const MOST_SECONDS = 20_000;
const MOST_MS = 1e12;

/** Whole seconds of the run to the share of them that the spans cover. */
export const secondsIn = (spans: readonly Span[]): ReadonlyMap<number, number> => {
  const covered = new Map<number, number>();
  for (const { startMs, endMs } of spans) {
    // Beyond this, counting seconds would not come from one to the next.
    if (!(Math.abs(startMs) < MOST_MS)) continue;
    for (let second = Math.floor(startMs / 1000); second * 1000 < endMs; second++) {
      if (covered.size >= MOST_SECONDS) return covered;
      const share = (Math.min(endMs, (second + 1) * 1000) - Math.max(startMs, second * 1000)) / 1000;
      if (share > 0) covered.set(second, Math.min(1, (covered.get(second) ?? 0) + share));
    }
  }
  const whole = [...covered].filter(([, share]) => share >= WHOLE);
  return new Map(
    whole.length >= ENOUGH_WHOLE ? whole : [...covered].filter(([, share]) => share >= LEAST_OVERLAP),
  );
};

/** Whole seconds of the run that the spans touch at all: for what is over in an instant. */
export const secondsTouched = (spans: readonly Span[]): readonly number[] => {
  const touched = new Set<number>();
  for (const { startMs, endMs } of spans) {
    if (!(Math.abs(startMs) < MOST_MS)) continue;
    for (let second = Math.floor(startMs / 1000); second * 1000 < endMs; second++) {
      if (touched.size >= MOST_SECONDS) return [...touched];
      touched.add(second);
    }
  }
  return [...touched];
};

export const weighedMean = (values: readonly Weighed[]): number | null => {
  const weight = values.reduce((sum, each) => sum + each.weight, 0);
  return weight <= 0 ? null : values.reduce((sum, each) => sum + each.value * each.weight, 0) / weight;
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};

/** Scale of calm values by their median deviation, at least by the middle four fifths: robust, and not blind to two levels. */
const spreadOf = (values: readonly Weighed[]): number => {
  const sorted = values.map(({ value }) => value).sort((a, b) => a - b);
  const centre = median(sorted);
  const robust = 1.4826 * median(sorted.map((value) => Math.abs(value - centre)));
  const tenth = Math.floor(sorted.length / 10);
  const middle = ((sorted.at(-1 - tenth) ?? centre) - (sorted[tenth] ?? centre)) / 2.563;
  return Math.max(robust, middle);
};

/** Mean of the middle half by weight: one second in which the machine stood still says nothing about the others. */
export const middleMean = (values: readonly Weighed[]): number | null => {
  const sorted = values.filter(({ weight }) => weight > 0).sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  const middle = sorted.map(({ value, weight }) => {
    const [from, to] = [Math.max(before, total / 4), Math.min(before + weight, (3 * total) / 4)];
    before += weight;
    return { value, weight: Math.max(0, to - from) };
  });
  return weighedMean(middle);
};

/** Of a level: what a machine's mood may change. */
const FLOOR_SHARE = 0.02;

/** Of a middle mean, as against a mean: it uses half of the values. */
const LOSS = 1.2;

/** @param floor a difference that is nothing, in the figure's unit */
export const figureOf = (calm: readonly Weighed[], fault: readonly Weighed[], floor: number): Figure => {
  const [before, under] = [middleMean(calm), middleMean(fault)];
  if (before === null || under === null) return NO_FIGURE;
  const spread = spreadOf(calm);
  const error = Math.hypot(
    (LOSS * spread) / Math.sqrt(calm.length),
    (LOSS * spread) / Math.sqrt(fault.length),
    FLOOR_SHARE * Math.abs(before) + floor,
  );
  return { calm: before, fault: under, z: (under - before) / error };
};

/** Counts of something among so many. */
export interface Tally {
  readonly count: number;
  readonly of: number;
}

/** Shares, 0..1, and their difference in standard errors of a pooled share. */
export const shareFigure = (calm: Tally, fault: Tally): Figure => {
  if (calm.of <= 0 || fault.of <= 0) return NO_FIGURE;
  const pooled = (calm.count + fault.count + 1) / (calm.of + fault.of + 2);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / calm.of + 1 / fault.of));
  const [before, under] = [calm.count / calm.of, fault.count / fault.of];
  return { calm: before, fault: under, z: error > 0 ? (under - before) / error : 0 };
};
