/** When a service was well again, told by its clients' requests second by second. */
import type { Observation } from "../observation.ts";
import { isFailure } from "../outcome.ts";
import { medianOf, quantileOf } from "../statistics/quantile.ts";

/** Requests that were due in one second. */
export interface ClientSecond {
  readonly requests: number;
  /** Of these, failed or never sent. */
  readonly errorRate: number;
  /** Over all, a failed one slower than any: +Infinity. */
  readonly p95Ms: number;
}

/** What calm seconds stay within. */
export interface CalmBand {
  readonly errorRate: number;
  readonly p95Ms: number;
}

const SECOND_MS = 1000;

/**
 * By the instant at which each request was due, from a window's start; null: none was due, or the client hung up on all of them.
 *
 * @param observations of one window
 */
export const clientSeconds = (
  observations: readonly Observation[],
  durationMs: number,
): readonly (ClientSecond | null)[] => {
  const told = observations.filter(({ outcome }) => outcome !== "client-abort");
  const bySecond = Map.groupBy(told, ({ scheduledMs }) => Math.floor(scheduledMs / SECOND_MS));
  return Array.from({ length: Math.floor(durationMs / SECOND_MS) }, (_, second) => {
    const inside = bySecond.get(second) ?? [];
    if (inside.length === 0) return null;
    const failed = (each: Observation): boolean => isFailure(each.outcome) || each.outcome === "unsent";
    const errors = inside.filter(failed).length;
    const times = inside.map((each) => (failed(each) ? Number.POSITIVE_INFINITY : each.latencyMs));
    return { requests: inside.length, errorRate: errors / inside.length, p95Ms: quantileOf(times, 0.95) };
  });
};

/** Median absolute deviation to the standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
const WIDTH_SIGMAS = 3;
/** What a band is wide at least: calm seconds are often all alike, and a second holds few requests. */
const LEAST_ERROR_RATE = 0.05;
const LEAST_P95_RELATIVE = 0.5;
const LEAST_P95_MS = 20;
/** Fewer calm seconds than that tell nothing. */
const FEWEST_SECONDS = 3;

const upperEnd = (values: readonly number[], least: (median: number) => number): number => {
  const median = medianOf(values) ?? 0;
  // Where half of all seconds are without an end, there is no telling how far they spread.
  if (!Number.isFinite(median)) return median;
  const deviation = medianOf(values.map((value) => Math.abs(value - median))) ?? 0;
  return median + Math.max(least(median), WIDTH_SIGMAS * MAD_TO_SIGMA * deviation);
};

/** Median and three robust standard deviations of this run's own calm seconds; null: too few. */
export const calmBand = (seconds: readonly (ClientSecond | null)[]): CalmBand | null => {
  const told = seconds.filter((second) => second !== null);
  if (told.length < FEWEST_SECONDS) return null;
  return {
    errorRate: upperEnd(
      told.map(({ errorRate }) => errorRate),
      () => LEAST_ERROR_RATE,
    ),
    p95Ms: upperEnd(
      told.map(({ p95Ms }) => p95Ms),
      (median) => Math.max(LEAST_P95_MS, LEAST_P95_RELATIVE * median),
    ),
  };
};

export const isGood = (
  { errorRate, p95Ms }: Pick<ClientSecond, "errorRate" | "p95Ms">,
  band: CalmBand,
): boolean => errorRate <= band.errorRate && p95Ms <= band.p95Ms;

/** One bad second is a hiccup. */
const BAD_SECONDS = 2;
const GOOD_SECONDS = 3;

/** Start of the first of so many seconds in a row, from a second on; those without requests are passed over. */
const firstRun = (
  seconds: readonly (ClientSecond | null)[],
  count: number,
  from: number,
  wanted: (second: ClientSecond) => boolean,
): number | null => {
  let start = from;
  let length = 0;
  for (let place = from; place < seconds.length; place++) {
    const second = seconds[place];
    if (second === null || second === undefined) continue;
    if (!wanted(second)) {
      length = 0;
      continue;
    }
    if (length === 0) start = place;
    if (++length === count) return start;
  }
  return null;
};

/**
 * From the window's start, where its faults are in force, to the first of three good seconds after harm was done (two bad seconds in a
 * row), ms; 0: no harm was done; null: not recovered.
 */
export const recoveredAfterMs = (
  seconds: readonly (ClientSecond | null)[],
  band: CalmBand,
): number | null => {
  const harmed = firstRun(seconds, BAD_SECONDS, 0, (second) => !isGood(second, band));
  if (harmed === null) return 0;
  const recovered = firstRun(seconds, GOOD_SECONDS, harmed, (second) => isGood(second, band));
  return recovered === null ? null : recovered * SECOND_MS;
};
