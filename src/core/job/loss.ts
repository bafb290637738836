/**
 * Same-step loss: training that resumed from a checkpoint goes on as if nothing had happened, so that each step's loss is the one that
 * calm runs have there. How much calm runs differ among themselves (kernels that add in another order) says what is too far.
 */
import type { Profile } from "../profile.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { JobRun } from "./run.ts";

/** Losses of calm runs by step: medians. */
export interface LossCurve {
  readonly at: ReadonlyMap<number, number>;
  /** Losses smaller than this count as this, so that a loss near zero is no endless relative distance. */
  readonly floor: number;
  /** One unit of the last digit that is logged: two roundings of one value differ by so much. */
  readonly unit: number;
}

/** Where a run's loss is furthest from the curve. */
export interface LossDistance {
  /** Relative, 0 and up. */
  readonly distance: number;
  readonly step: number;
  readonly loss: number;
  readonly expected: number;
  readonly atMs: number;
}

/** A loss below this share of the curve's largest counts as it. */
const FLOOR_SHARE = 0.01;
/** Values with so many decimals, or more, are not rounded. */
const MOST_DECIMALS = 7;
/** Largest distance of a calm run from the others, times this. */
const TOLERANCE_TIMES = 3;
/** Less than this is no change that anybody could see in training. */
const LEAST_TOLERANCE = 1e-3;
/** Losses of a run that are looked at to learn how they are rounded. */
const LOOKED_AT = 500;

/** By step, as it was logged last. */
const lastLosses = (run: JobRun): ReadonlyMap<number, number> => {
  const last = new Map<number, number>();
  for (const [index, step] of run.steps.step.entries()) {
    const loss = run.steps.loss[index];
    if (loss !== null && loss !== undefined && Number.isFinite(loss)) last.set(step, loss);
  }
  return last;
};

const decimalsOf = (value: number): number => {
  const text = String(value);
  return text.includes("e") ? MOST_DECIMALS : (text.split(".")[1]?.length ?? 0);
};

/** 0 where the values do not look rounded. */
const unitOf = (curves: readonly ReadonlyMap<number, number>[]): number => {
  const decimals = curves
    .flatMap((curve) => [...curve.values()].slice(0, LOOKED_AT).map(decimalsOf))
    .reduce((most, each) => Math.max(most, each), 0);
  return decimals >= MOST_DECIMALS ? 0 : 10 ** -decimals;
};

/** @param calm completed ones. Null: no loss is logged. */
export const lossCurve = (calm: readonly JobRun[]): LossCurve | null => {
  const curves = calm.map(lastLosses).filter(({ size }) => size > 0);
  if (curves.length === 0) return null;
  const values = new Map<number, number[]>();
  for (const [step, loss] of curves.flatMap((curve) => [...curve])) {
    const known = values.get(step) ?? [];
    known.push(loss);
    values.set(step, known);
  }
  const at = new Map([...values].map(([step, losses]) => [step, medianOf(losses) ?? 0]));
  const largest = [...at.values()].reduce((most, loss) => Math.max(most, Math.abs(loss)), 0);
  return { at, floor: FLOOR_SHARE * largest, unit: unitOf(curves) };
};

/** Over all logged losses, of steps that were done again too; null: none is at a step of the curve. */
export const lossDistance = (run: JobRun, curve: LossCurve): LossDistance | null => {
  let furthest: LossDistance | null = null;
  for (const [index, step] of run.steps.step.entries()) {
    const loss = run.steps.loss[index];
    const expected = curve.at.get(step);
    if (loss === null || loss === undefined || !Number.isFinite(loss) || expected === undefined) continue;
    const beyond = Math.max(0, Math.abs(loss - expected) - curve.unit * (1 + 1e-9));
    const scale = Math.max(Math.abs(expected), curve.floor);
    const distance = beyond === 0 ? 0 : beyond / scale;
    if (furthest === null || distance > furthest.distance)
      furthest = { distance, step, loss, expected, atMs: run.steps.atMs[index] ?? 0 };
  }
  return furthest;
};

/** Of each run from the median of the others; empty of fewer than two. */
const distancesAmong = (calm: readonly JobRun[]): readonly number[] =>
  calm.flatMap((run) => {
    const curve = lossCurve(calm.filter((other) => other !== run));
    return curve === null ? [] : (lossDistance(run, curve)?.distance ?? []);
  });

/** Calm runs that count and completed. */
export const calmRunsOf = (profile: Profile): readonly JobRun[] => {
  const calm = new Set(profile.scenarios.filter(({ shape }) => shape === "control").map(({ name }) => name));
  return (profile.jobRuns ?? []).filter(
    ({ scenario, outcome, invalid }) =>
      calm.has(scenario) && outcome === "completed" && invalid === undefined,
  );
};

/** Each profile's calm runs among themselves, pooled; null: none has two with losses, so nobody knows what they differ by. */
export const lossTolerance = (profiles: readonly Profile[]): number | null => {
  const distances = profiles.flatMap((profile) => distancesAmong(calmRunsOf(profile)));
  return distances.length === 0 ? null : Math.max(LEAST_TOLERANCE, TOLERANCE_TIMES * Math.max(...distances));
};
