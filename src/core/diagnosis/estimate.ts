/** A metric over the windows of one kind (without a remedy, or with one), with what chance and drift allow for. */
import type { TrialFigures } from "../remedy/trial.ts";
import { wilsonInterval } from "../statistics/proportion.ts";
import type { TrialMetric } from "./metric.ts";

/** A value with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const Z95 = 1.959963984540054;
/** From one kill to the next a recovery varies by about this share of itself, also where a few happen to agree. */
const RECOVERY_SPREAD = 0.2;

/** From 0 to where a time stands that never came. */
const held = (ms: number | null, censorMs: number): number => Math.max(0, Math.min(censorMs, ms ?? censorMs));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Half of the interval that the windows' own differences give their mean; 0 for a single window. */
const halfBetween = (values: readonly number[]): number => {
  if (values.length < 2) return 0;
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
  return Z95 * Math.sqrt(variance / values.length);
};

/** Windows that differ by more than chance (a drift, a stall) are no surer than that. */
const widened = ({ value, low, high }: Estimate, half: number, least: number, most: number): Estimate => ({
  value,
  low: Math.max(least, Math.min(low, value - half)),
  high: Math.min(most, Math.max(high, value + half)),
});

interface Count {
  readonly k: number;
  readonly n: number;
}

const share = (counts: readonly Count[]): Estimate | null => {
  const counted = counts.filter(({ n }) => n > 0);
  const total = {
    k: counted.reduce((sum, { k }) => sum + k, 0),
    n: counted.reduce((sum, { n }) => sum + n, 0),
  };
  if (total.n === 0) return null;
  const [low, high] = wilsonInterval(total, Z95);
  return widened(
    { value: total.k / total.n, low, high },
    halfBetween(counted.map(({ k, n }) => k / n)),
    0,
    1,
  );
};

interface TimeOfWindow {
  readonly at: number | null;
  readonly interval: readonly [number, number | null] | null;
}

/** Mean of the windows' quantiles; one that falls among the failed stands at the deadline. */
const time = (windows: readonly TimeOfWindow[], censorMs: number): Estimate | null => {
  if (windows.length === 0) return null;
  const capped = (ms: number | null): number => held(ms, censorMs);
  const values = windows.map(({ at }) => capped(at));
  const value = mean(values);
  const half = (side: (window: TimeOfWindow, at: number) => number): number =>
    Math.hypot(...windows.map((window, place) => side(window, values[place] as number))) / windows.length;
  const below = half(({ interval }, at) => at - Math.min(at, capped(interval?.[0] ?? null)));
  const above = half(({ interval }, at) => Math.max(at, capped(interval?.[1] ?? null)) - at);
  return widened({ value, low: value - below, high: value + above }, halfBetween(values), 0, censorMs);
};

/** Calls for each request; counts of calls vary as Poisson's do, and by windows. */
const calls = (counts: readonly Count[]): Estimate | null => {
  const counted = counts.filter(({ n }) => n > 0);
  const made = counted.reduce((sum, { k }) => sum + k, 0);
  const requests = counted.reduce((sum, { n }) => sum + n, 0);
  if (requests === 0) return null;
  const value = made / requests;
  const half = (Z95 * Math.sqrt(Math.max(1, made))) / requests;
  return widened(
    { value, low: value - half, high: value + half },
    halfBetween(counted.map(({ k, n }) => k / n)),
    0,
    Number.POSITIVE_INFINITY,
  );
};

const recovery = (times: readonly (number | null)[], censorMs: number): Estimate | null => {
  if (times.length === 0) return null;
  const values = times.map((ms) => held(ms, censorMs));
  const value = mean(values);
  const half = (Z95 * RECOVERY_SPREAD * value) / Math.sqrt(values.length);
  return widened(
    { value, low: value - half, high: Math.min(censorMs, value + half) },
    halfBetween(values),
    0,
    censorMs,
  );
};

const callsAt = ({ calls: made }: TrialFigures, edge: string | undefined): number =>
  made.filter((each) => each.edge === edge).reduce((sum, each) => sum + each.calls, 0);

/**
 * Null where no window says anything of it.
 *
 * @param censorMs where a time stands that never came
 */
export const estimateOf = (
  windows: readonly TrialFigures[],
  metric: TrialMetric,
  edge: string | undefined,
  censorMs: number,
): Estimate | null => {
  const counts = (k: (figures: TrialFigures) => number): Count[] =>
    windows.map((figures) => ({ k: k(figures), n: figures.requests }));
  const asked = windows.filter(({ requests }) => requests > 0);
  switch (metric) {
    case "error-rate":
      return share(counts(({ errors }) => errors));
    case "hit-error-rate":
      return share(windows.map(({ hitErrors, hits }) => ({ k: hitErrors, n: hits })));
    case "late-rate":
      return share(counts(({ late }) => late));
    case "degraded-rate":
      return share(counts(({ degraded }) => degraded));
    case "incomplete-rate":
      return share(counts(({ incomplete }) => incomplete));
    case "wrong-rate":
      return share(counts(({ wrong }) => wrong));
    case "drift-rate":
      return share(
        windows.flatMap(({ drifted, requests }) =>
          drifted === undefined ? [] : [{ k: drifted, n: requests }],
        ),
      );
    case "p50":
      return time(
        asked.map(({ p50Ms, p50IntervalMs }) => ({ at: p50Ms, interval: p50IntervalMs })),
        censorMs,
      );
    case "p95":
      return time(
        asked.map(({ p95Ms, p95IntervalMs }) => ({ at: p95Ms, interval: p95IntervalMs })),
        censorMs,
      );
    case "hit50":
      return time(
        windows
          .filter(({ hits }) => hits > 0)
          .map(({ hit50Ms, hit50IntervalMs }) => ({ at: hit50Ms, interval: hit50IntervalMs })),
        censorMs,
      );
    case "calls-per-request":
      return calls(counts((figures) => callsAt(figures, edge)));
    case "recovery":
      return recovery(
        asked.map(({ recoveryMs }) => recoveryMs),
        censorMs,
      );
  }
};

/**
 * 95 % interval of `one` minus `other`, from the interval of each (the method of variance estimates recovery, Zou & Donner 2008, of which
 * Newcombe's interval of two shares is the case for shares).
 */
export const differenceOf = (one: Estimate, other: Estimate): readonly [number, number] => {
  const change = one.value - other.value;
  return [
    change - Math.hypot(one.value - one.low, other.high - other.value),
    change + Math.hypot(one.high - one.value, other.value - other.low),
  ];
};
