/** The twelve features of a second (METHOD 9): four figures as robust z, their 3 s means and their first differences. */
import { medianOf } from "../statistics/quantile.ts";
import type { Second, SecondLabel } from "./series.ts";

export const CHANNELS = ["log mean", "log p95", "throughput", "failed or degraded"] as const;

/** Seconds of calm at the start of a run that say what is usual in it. */
const REFERENCE_SECONDS = 30;
/** Below so many there is no saying what is usual. */
export const FEWEST_REFERENCE_SECONDS = 10;

/** MAD times this is the standard deviation of normal values. */
export const MAD_TO_SIGMA = 1.4826;
/** What is beyond is out of all proportion anyhow, and sums stay finite. */
const FARTHEST = 100;

/** A run in figures, one row a second. */
export interface FeatureTable {
  /** `CHANNELS` as they are, not yet scaled; NaN: the second had no request. */
  readonly raw: readonly Float64Array[];
  /** `CHANNELS` as robust z. */
  readonly z: readonly Float64Array[];
  /** All twelve: z, 3 s means, first differences. */
  readonly features: readonly Float64Array[];
  readonly labels: readonly SecondLabel[];
  /** Directly after the row before it. */
  readonly follows: readonly boolean[];
  /** Rows of the reference: the run's first calm seconds. */
  readonly reference: readonly number[];
}

export interface LocationAndScale {
  readonly location: number;
  readonly scale: number;
}

/** Median and MAD (as a standard deviation), never less than `leastScale`. */
export const medianAndMad = (values: readonly number[], leastScale: number): LocationAndScale => {
  const location = medianOf(values) ?? 0;
  const deviation = medianOf(values.map((value) => Math.abs(value - location))) ?? 0;
  return { location, scale: Math.max(leastScale, MAD_TO_SIGMA * deviation) };
};

/** A fallback's answer is a sign of trouble as a failure is, and often the only one (METHOD 10). */
const rawOf = ({ meanMs, p95Ms, throughputRps, errorShare, degradedShare, calls }: Second): Float64Array => {
  const log = (ms: number | null): number => (ms === null ? Number.NaN : Math.log(Math.max(0.01, ms)));
  return Float64Array.of(
    log(meanMs),
    log(p95Ms),
    throughputRps,
    calls === 0 ? Number.NaN : errorShare + degradedShare,
  );
};

/** A figure that never moves in calm would make anything an anomaly: latency 2 %, throughput 2 % of the usual, half an error. */
const leastScales = (seconds: readonly Second[], rows: readonly number[]): readonly number[] => {
  const own = rows.map((row) => seconds[row] as Second);
  const throughput = medianOf(own.map(({ throughputRps }) => throughputRps)) ?? 0;
  const calls = medianOf(own.map(({ calls }) => calls)) ?? 0;
  return [0.02, 0.02, Math.max(0.1, 0.02 * throughput), Math.max(0.005, 0.5 / Math.max(1, calls))];
};

const clamped = (z: number): number => (Number.isNaN(z) ? 0 : Math.max(-FARTHEST, Math.min(FARTHEST, z)));

/** z, then means over up to three adjoining seconds, then differences to the second before (0 after a gap). */
const featuresOf = (z: readonly Float64Array[], follows: readonly boolean[]): readonly Float64Array[] => {
  const width = CHANNELS.length;
  let reach = 0;
  return z.map((own, row) => {
    reach = follows[row] === true ? Math.min(3, reach + 1) : 1;
    const all = new Float64Array(3 * width);
    for (let channel = 0; channel < width; channel++) {
      let sum = 0;
      for (let back = 0; back < reach; back++) sum += z[row - back]?.[channel] ?? 0;
      const value = own[channel] ?? 0;
      all[channel] = value;
      all[width + channel] = sum / reach;
      all[2 * width + channel] = reach === 1 ? 0 : value - (z[row - 1]?.[channel] ?? 0);
    }
    return all;
  });
};

/** @returns null where the run has too few calm seconds to say what is usual in it */
export const featureTable = (seconds: readonly Second[]): FeatureTable | null => {
  const calm = seconds.flatMap(({ label }, row) => (label === "calm" ? [row] : []));
  const reference = calm.slice(0, REFERENCE_SECONDS);
  if (reference.length < FEWEST_REFERENCE_SECONDS) return null;
  const raw = seconds.map(rawOf);
  const least = leastScales(seconds, reference);
  const usual = CHANNELS.map((_, channel) => {
    const values = reference.map((row) => raw[row]?.[channel] ?? Number.NaN);
    return medianAndMad(
      values.filter((value) => !Number.isNaN(value)),
      least[channel] ?? 1,
    );
  });
  const z = raw.map((row) =>
    Float64Array.from(usual, ({ location, scale }, channel) =>
      clamped(((row[channel] ?? Number.NaN) - location) / scale),
    ),
  );
  const follows = seconds.map((second, row) => row > 0 && second.follows);
  return {
    raw,
    z,
    features: featuresOf(z, follows),
    labels: seconds.map(({ label }) => label),
    follows,
    reference,
  };
};

/** Rows of one label. */
export const rowsLabelled = ({ labels }: FeatureTable, label: SecondLabel): readonly number[] =>
  labels.flatMap((each, row) => (each === label ? [row] : []));
