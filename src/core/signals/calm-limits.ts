/** When a signal shows: by its own bounds, or outside of what calm traffic makes it do. */
import { poissonBeyond } from "../statistics/poisson.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { Signal } from "./signal.ts";

/** One look, with the time it speaks of. */
export interface Look {
  /** ms from the run's start. */
  readonly atMs: number;
  /** Growth and log lines are of (fromMs, atMs]; a status or a value is of atMs alone, and fromMs equals it. */
  readonly fromMs: number;
  readonly value: number;
}

export type Shows = (look: Look) => boolean;

/** Looks at calm traffic below which it is not known what calm is. */
export const FEWEST_CALM_LOOKS = 10;
const K = 6;
/** MAD of a normal distribution is its standard deviation over this. */
const MAD_FACTOR = 1.4826;
/** The same for the mean absolute deviation, where more than half of all values are equal and MAD is 0 (Iglewicz and Hoaglin 1993). */
const MEAN_DEVIATION_FACTOR = 1.2533;
/** A value moved by less than this part of its calm median has not moved. */
const LEAST_PART = 0.1;
/** Chance of so many events in one look, at the calm rate, below which they are more than chance. */
const CHANCE = 1e-3;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const spread = (values: readonly number[], center: number): number => {
  const deviations = values.map((value) => Math.abs(value - center));
  const mad = MAD_FACTOR * (medianOf(deviations) ?? 0);
  return mad > 0 ? mad : MEAN_DEVIATION_FACTOR * mean(deviations);
};

/** A value that goes up and down: K robust deviations from the calm median, and a tenth of it. */
const outsideOfValues = (calm: readonly Look[]): Shows => {
  const values = calm.map(({ value }) => value);
  const center = medianOf(values) ?? 0;
  const allowed = Math.max(K * spread(values, center), LEAST_PART * Math.abs(center));
  return ({ value }) => Math.abs(value - center) > allowed;
};

/**
 * Events per second: beyond K robust deviations, and beyond what a Poisson process of the calm rate does once in a thousand looks. The
 * second part is what makes a single event count where calm traffic has none, and not where it has some.
 */
const outsideOfRates = (calm: readonly Look[]): Shows => {
  const rates = calm.map(({ value }) => value);
  const center = medianOf(rates) ?? 0;
  const robust = K * MAD_FACTOR * (medianOf(rates.map((rate) => Math.abs(rate - center))) ?? 0);
  const perSecond = Math.max(0, mean(rates));
  return ({ value, fromMs, atMs }) => {
    const seconds = (atMs - fromMs) / 1000;
    const expected = perSecond * seconds;
    // Half an event less: a look is not exactly as long as its clock says.
    const room = poissonBeyond(expected, CHANCE) - 0.5 - expected;
    const above = value * seconds - expected >= room && value > center + robust;
    return above || (expected - value * seconds >= room && value < center - robust);
  };
};

const isOk = (status: number): boolean => status >= 200 && status < 300;

/**
 * @param calm looks at calm traffic alone; of log lines and counters the values are events per second
 * @returns null: too few of them to know what calm is, and the signal has no bounds
 */
export const showsOf = ({ source }: Signal, calm: readonly Look[]): Shows | null => {
  const enough = calm.length >= FEWEST_CALM_LOOKS;
  switch (source.type) {
    case "path":
      return ({ value }) => !isOk(value);
    case "log":
      return enough ? outsideOfRates(calm) : null;
    case "metric": {
      const { above, below, counter } = source;
      if (above !== undefined || below !== undefined)
        return ({ value }) =>
          value > (above ?? Number.POSITIVE_INFINITY) || value < (below ?? Number.NEGATIVE_INFINITY);
      if (!enough) return null;
      return counter ? outsideOfRates(calm) : outsideOfValues(calm);
    }
  }
};
