/** What one window of a trial counted: the same outcomes and times that the judge scores. */
import { type CalmAnswers, LARGEST_VARYING, saysOtherThanCalm } from "../calm-answers.ts";
import type { Observation } from "../observation.ts";
import { isFailure, isUnscored, type Outcome } from "../outcome.ts";
import type { QuantileInterval, TrialFigures } from "../remedy/trial.ts";
import { wilsonInterval } from "../statistics/proportion.ts";
import { quantileOfSorted, sortedCopy } from "../statistics/quantile.ts";

export interface TrialWindow {
  readonly observations: readonly Observation[];
  /** Observations scheduled before this are not counted, ms from the window's start. */
  readonly guardMs: number;
  readonly sloMs: number;
  /** What the same requests are answered in calm. */
  readonly calm: CalmAnswers;
  readonly calls: TrialFigures["calls"];
  /** Null: no kill, or not recovered from. */
  readonly recoveryMs: number | null;
}

const Z95 = 1.959963984540054;

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);

interface QuantileEstimate {
  readonly at: number | null;
  readonly interval: QuantileInterval | null;
}

/** The quantile with its interval by order statistics: the quantiles at the ends of Wilson's interval of q (Wilson 1927). */
const estimate = (times: Float64Array, q: number): QuantileEstimate => {
  const n = times.length;
  if (n === 0) return { at: null, interval: null };
  const [low, high] = wilsonInterval({ k: q * n, n }, Z95).map((end) => quantileOfSorted(times, end)) as [
    number,
    number,
  ];
  return {
    at: finite(quantileOfSorted(times, q)),
    interval: Number.isFinite(low) ? [low, finite(high)] : null,
  };
};

/** As the judge counts it (core/judge/conduct/drift.ts): a failure or a fallback says nothing else than it should. */
const countDrifted = (scored: readonly Observation[], calm: CalmAnswers): number | null =>
  calm.hashes.size === 0 || calm.varying > LARGEST_VARYING
    ? null
    : scored.filter(
        (row) =>
          !isFailure(row.outcome) && row.outcome !== "degraded" && saysOtherThanCalm(row, calm) === true,
      ).length;

/** A failed request is slower than any. */
const timeOf = ({ outcome, latencyMs }: Observation): number =>
  isFailure(outcome) ? Number.POSITIVE_INFINITY : latencyMs;

export const countFigures = ({
  observations,
  guardMs,
  sloMs,
  calm,
  calls,
  recoveryMs,
}: TrialWindow): TrialFigures => {
  const scored = observations.filter(
    ({ outcome, scheduledMs }) => !isUnscored(outcome) && scheduledMs >= guardMs,
  );
  const hits = scored.filter(({ hit }) => hit);
  const failed = (rows: readonly Observation[]): number =>
    rows.filter(({ outcome }) => isFailure(outcome)).length;
  const ended = (as: Outcome): number => scored.filter(({ outcome }) => outcome === as).length;
  const drifted = countDrifted(scored, calm);
  const all = sortedCopy(scored.map(timeOf));
  const p50 = estimate(all, 0.5);
  const p95 = estimate(all, 0.95);
  const hit50 = estimate(sortedCopy(hits.map(timeOf)), 0.5);
  return {
    requests: scored.length,
    hits: hits.length,
    errors: failed(scored),
    hitErrors: failed(hits),
    degraded: ended("degraded"),
    incomplete: ended("incomplete"),
    wrong: ended("wrong-answer"),
    ...(drifted === null ? {} : { drifted }),
    late: scored.filter((row) => timeOf(row) > sloMs).length,
    p50Ms: p50.at,
    p95Ms: p95.at,
    hit50Ms: hit50.at,
    p50IntervalMs: p50.interval,
    p95IntervalMs: p95.interval,
    hit50IntervalMs: hit50.interval,
    calls,
    recoveryMs,
  };
};
