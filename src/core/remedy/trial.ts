import type { Remedy, RemedyReceipt } from "./remedy.ts";

/** 95 % interval of a quantile, ms; the upper end is null where it falls among the failed. */
export type QuantileInterval = readonly [lowMs: number, highMs: number | null];

/** What one window of a trial counted. Times ms; null: nothing to take it from. */
export interface TrialFigures {
  readonly requests: number;
  readonly hits: number;
  /** Failed requests, and those of the hits. */
  readonly errors: number;
  readonly hitErrors: number;
  readonly degraded: number;
  readonly incomplete: number;
  readonly wrong: number;
  /** Good answers unlike the same request's calm one; absent: calm answers vary among themselves, or an older version counted. */
  readonly drifted?: number;
  /** Later than the SLO, or failed. */
  readonly late: number;
  /** Quantiles over all requests, a failed one slower than any; null where they fall among the failed, or there are none. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly hit50Ms: number | null;
  /** By order statistics; null: nothing to take it from, or all of it among the failed. */
  readonly p50IntervalMs: QuantileInterval | null;
  readonly p95IntervalMs: QuantileInterval | null;
  readonly hit50IntervalMs: QuantileInterval | null;
  readonly calls: readonly { readonly edge: string; readonly calls: number }[];
  /** Kill to the first good answer; null: no kill, or not recovered from. */
  readonly recoveryMs: number | null;
}

/** One window under a fault that failed the service, with a remedy or (null) without any. */
export interface RemedyTrial {
  readonly scenario: string;
  /** `calm`: no fault either. */
  readonly phase: "calm" | "fault";
  readonly remedy: Remedy | null;
  readonly startMs: number;
  readonly durationMs: number;
  readonly figures: TrialFigures;
  /** Null without a remedy. */
  readonly receipt: RemedyReceipt | null;
  /** Why it does not count; absent: it does. */
  readonly invalid?: string;
}
