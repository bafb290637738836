/** How old a stored run is, by what it says of itself: a date that a stranger, or a clock that was wrong, may have written. */
import type { BaselineChoice } from "../core/gate/gate-record.ts";
import type { Policy } from "../core/suite.ts";
import type { StoredRun } from "./baseline-store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Clocks of two machines may differ; by more than this a date in the future is no date. */
const MAX_SKEW_MS = DAY_MS;

export interface DatedRun {
  readonly run: StoredRun;
  /** Epoch ms; -Infinity: older than any, since its date is of no use. */
  readonly atMs: number;
}

/** Epoch ms; null: not a date, or one that is yet to come. */
const measuredAt = (startedAt: string, now: Date): number | null => {
  const atMs = Date.parse(startedAt);
  return Number.isNaN(atMs) || atMs > now.getTime() + MAX_SKEW_MS ? null : atMs;
};

/** A run that is said to come from the future must not stand before all others for ever. */
export const datedRuns = (runs: readonly StoredRun[], now: Date): readonly DatedRun[] =>
  runs.map((run) => ({ run, atMs: measuredAt(run.startedAt, now) ?? Number.NEGATIVE_INFINITY }));

/** "41 days", "30.2 days", "36 hours". */
const span = (ms: number): string => {
  const [value, unit] = ms < 2 * DAY_MS ? [ms / HOUR_MS, "hour"] : [ms / DAY_MS, "day"];
  const text = String(value < 100 ? Math.round(10 * value) / 10 : Math.round(value));
  return `${text} ${unit}${text === "1" ? "" : "s"}`;
};

const tooOld = (ageMs: number, allowedMs: number): string | null => {
  if (ageMs <= allowedMs) return null;
  const [age, allowed] = [span(ageMs), span(allowedMs)];
  return `${age === allowed ? `more than ${age}` : age} old; at most ${allowed} are allowed`;
};

const tooFar = (distance: number | null, allowed: number): string | null =>
  distance === null || distance <= allowed
    ? null
    : `${distance} commits behind the base; at most ${allowed} are allowed`;

/** @param distance commits from the run to the base; null: not known, and not counted */
export const staleness = (
  startedAt: string,
  distance: number | null,
  policy: Pick<Policy, "maxBaselineAgeMs" | "maxBaselineCommits">,
  now: Date,
): Pick<BaselineChoice, "ageMs" | "stale"> => {
  const atMs = measuredAt(startedAt, now);
  const ageMs = atMs === null ? 0 : Math.max(0, now.getTime() - atMs);
  const age = atMs === null ? "of unknown age: its date is no date, or yet to come" : null;
  const reasons = [
    age ?? tooOld(ageMs, policy.maxBaselineAgeMs),
    tooFar(distance, policy.maxBaselineCommits),
  ].filter((reason) => reason !== null);
  return { ageMs, stale: reasons.length === 0 ? null : reasons.join(", and ") };
};
