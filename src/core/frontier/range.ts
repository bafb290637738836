/**
 * A frontier: the strongest fault under which a service still does what is expected of it, searched for along one numeric
 * parameter of the fault. The search moves on a grid, so that base and head are asked the same.
 *
 *   squall.yml --config/frontier--> FrontierRange --run/frontiers--> FrontierStep[] --posterior--> FrontierEstimate
 */
import type { MetricUnit } from "../metric-unit.ts";

export interface FrontierRange {
  /** The parameter as the suite writes it, such as `delay`. */
  readonly parameter: string;
  readonly unit: MetricUnit;
  /** The harmless end: taken to hold, never tried. */
  readonly from: number;
  /** What is tried, weakest first. Ascending, or descending where less is harder (cpus, memory). */
  readonly levels: readonly number[];
}

/** One window of a search. */
export interface FrontierStep {
  /** Index into the range's levels. */
  readonly level: number;
  /** ms from the run's start. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Requests that count. */
  readonly requests: number;
  /** Of these, for each expectation in its order, those that miss it. */
  readonly beyond: readonly number[];
  /** Why it does not count; absent: valid. */
  readonly invalid?: string;
}

/** Is less of the parameter harder? */
export const isDescending = ({ from, levels }: FrontierRange): boolean => (levels[0] ?? from) < from;

/**
 * The parameter's value where so many of the levels, from the weakest, are tolerated.
 *
 * @param count 0 to the number of levels
 */
export const valueAt = ({ from, levels }: FrontierRange, count: number): number =>
  count <= 0 ? from : (levels[Math.min(count, levels.length) - 1] ?? from);
