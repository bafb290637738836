/**
 * How main has been going: its stored runs in the order of time, and where one of their figures changed for good. Information for a
 * person, never a gate: what happened on main is merged already.
 */
import type { Profile } from "../profile.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { Policy } from "../suite.ts";
import type { Trend, TrendChange } from "../trend.ts";
import { cleanRun } from "./clean.ts";
import type { RunSample } from "./context.ts";
import { RUN_FIGURES } from "./run-figures.ts";

/** Runs on each side of a change: fewer are as well one odd run. */
const FEWEST_BESIDE = 2;
const FEWEST_RUNS = 2 * FEWEST_BESIDE;
/** Of the spread within both sides. */
const LEAST_DEVIATIONS = 6;
/** Standard deviation over mean absolute one, of a normal distribution. */
const DEVIATION_SCALE = 1.2533;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

interface Split {
  readonly at: number;
  readonly deviations: number;
  readonly from: number;
  readonly to: number;
}

/** Where the medians of what is before and after differ most, against the spread within. */
const bestSplit = (values: readonly number[], least: number): Split | null => {
  let best: Split | null = null;
  for (let at = FEWEST_BESIDE; at <= values.length - FEWEST_BESIDE; at++) {
    const [before, after] = [values.slice(0, at), values.slice(at)];
    const [from, to] = [medianOf(before) ?? 0, medianOf(after) ?? 0];
    const within = [
      ...before.map((value) => Math.abs(value - from)),
      ...after.map((value) => Math.abs(value - to)),
    ];
    const deviations = Math.abs(to - from) / Math.max(least, DEVIATION_SCALE * mean(within));
    if (best === null || deviations > best.deviations) best = { at, deviations, from, to };
  }
  return best;
};

const changesOf = (runs: readonly RunSample[]): readonly TrendChange[] =>
  (runs.at(-1)?.profile.scenarios ?? []).flatMap((scenario) =>
    RUN_FIGURES.flatMap(({ name, unit, least, of }): TrendChange[] => {
      const values = runs.map((run) => of(run, scenario));
      if (values.some((value) => value === null)) return [];
      const split = bestSplit(values as number[], least);
      if (split === null || split.deviations < LEAST_DEVIATIONS) return [];
      const { at, from, to } = split;
      return [{ run: at, scenario: scenario.name, figure: name, unit, from, to }];
    }),
  );

/** Of answered requests; null: there were none. */
export const calmMedianMs = (samples: RunSample["samples"]): number | null =>
  medianOf(
    (samples.get("control")?.rows ?? []).filter(({ failed }) => !failed).map(({ latencyMs }) => latencyMs),
  );

/** @param profiles of one suite. @returns null where they are too few to show how anything goes */
export const trendOf = (profiles: readonly Profile[], policy: Policy): Trend | null => {
  if (profiles.length < FEWEST_RUNS) return null;
  const ordered = profiles.toSorted((a, b) =>
    a.provenance.startedAt < b.provenance.startedAt
      ? -1
      : a.provenance.startedAt > b.provenance.startedAt
        ? 1
        : 0,
  );
  const runs = ordered.map((profile, run) => cleanRun(profile, run, { policy, sloMs: profile.sloMs }));
  return {
    runs: runs.map(({ profile: { provenance }, samples }) => ({
      ...(provenance.commit === undefined ? {} : { commit: provenance.commit }),
      startedAt: provenance.startedAt,
      calmMs: calmMedianMs(samples),
    })),
    changes: changesOf(runs),
  };
};
