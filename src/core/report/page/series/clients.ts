/** What clients saw, second by second: their latency, and the share of them that were failed. */
import { isFailure, isUnscored } from "../../../outcome.ts";
import type { Profile } from "../../../profile.ts";
import { quantileOf } from "../../../statistics/quantile.ts";
import { binWidth, inSegments, isDrawable, LATEST_MS } from "./thin.ts";

/** Requests that were due within one bin. */
export interface ClientPoint {
  /** Middle of the bin, seconds from the run's start. */
  readonly atS: number;
  readonly requests: number;
  /** Of all of them, 0..1. */
  readonly errorShare: number;
  /** Of those that were answered; null: none was. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** Bins that follow each other without a gap have the same number. */
  readonly segment: number;
}

export interface ClientSeries {
  /** Width of a bin, seconds: 1, or wider where a run has more seconds than a line has room for. */
  readonly stepS: number;
  /** By time. */
  readonly points: readonly ClientPoint[];
  /** Requests whose time cannot be drawn. */
  readonly leftOut: number;
}

const MOST_POINTS = 450;

interface Asked {
  readonly atS: number;
  /** Null: failed. */
  readonly latencyMs: number | null;
}

const askedOf = ({
  windows,
  observations,
}: Profile): { readonly asked: readonly Asked[]; leftOut: number } => {
  const asked: Asked[] = [];
  let leftOut = 0;
  for (const { window, scheduledMs, latencyMs, outcome } of observations) {
    if (isUnscored(outcome)) continue;
    const atMs = (windows[window]?.startMs ?? Number.NaN) + scheduledMs;
    if (isDrawable(atMs))
      asked.push({
        atS: atMs / 1000,
        latencyMs: isFailure(outcome) ? null : Math.min(LATEST_MS, Math.max(0, latencyMs)),
      });
    else leftOut++;
  }
  return { asked, leftOut };
};

/** Requests belong to the second in which they were due, however long they took; what our side did not send counts nowhere. */
export const clientSeries = (profile: Profile): ClientSeries => {
  const { asked, leftOut } = askedOf(profile);
  const stepS = binWidth(
    asked.map(({ atS }) => atS),
    MOST_POINTS,
  );
  const bins = Map.groupBy(asked, ({ atS }) => Math.floor(atS / stepS));
  const points = [...bins]
    .sort(([a], [b]) => a - b)
    .map(([bin, own]) => {
      const answered = own.flatMap(({ latencyMs }) => latencyMs ?? []);
      return {
        atS: (bin + 0.5) * stepS,
        requests: own.length,
        errorShare: 1 - answered.length / own.length,
        medianMs: answered.length === 0 ? null : quantileOf(answered, 0.5),
        p95Ms: answered.length === 0 ? null : quantileOf(answered, 0.95),
      };
    });
  return { stepS, points: inSegments(points, ({ atS }) => atS, 1.5 * stepS), leftOut };
};
