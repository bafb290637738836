/**
 * Two samples on a log scale, measured in strata that both share (the same strike of the same plan): what differs from stratum to
 * stratum is in neither the difference nor its error. In a single stratum the same as `moderatedError`.
 */
import { moderatedVariance } from "./moderated-t.ts";

/** Logarithms by stratum. */
export type Strata = ReadonlyMap<string, readonly number[]>;

export interface StratifiedDifference {
  /** Mean of the base over the strata, each by its weight. */
  readonly base: number;
  /** Head minus base. */
  readonly difference: number;
  readonly se: number;
  readonly df: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const squaresOf = (values: readonly number[]): number => {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
};

const all = (strata: Strata): Strata => new Map([["all", [...strata.values()].flat()]]);

/** Strata that one side lacks would leave values out: then there is one for all. */
const shared = (head: Strata, base: Strata): readonly [Strata, Strata] =>
  head.size === base.size && [...head.keys()].every((key) => base.has(key))
    ? [head, base]
    : [all(head), all(base)];

/** @param head, base no stratum is empty, and neither side is */
export const stratifiedDifference = (head: Strata, base: Strata): StratifiedDifference => {
  const [heads, bases] = shared(head, base);
  let weights = 0;
  let baseSum = 0;
  let sum = 0;
  let squares = 0;
  let freedom = 0;
  for (const [key, there] of bases) {
    const here = heads.get(key) ?? [];
    const weight = (here.length * there.length) / (here.length + there.length);
    weights += weight;
    baseSum += weight * mean(there);
    sum += weight * (mean(here) - mean(there));
    squares += squaresOf(here) + squaresOf(there);
    freedom += here.length + there.length - 2;
  }
  const { variance, df } = moderatedVariance(squares, freedom);
  return {
    base: baseSum / weights,
    difference: sum / weights,
    se: Math.sqrt(variance / weights),
    df,
  };
};
