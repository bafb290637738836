/** How main has been going over its stored runs. */
import type { MetricUnit } from "./metric-unit.ts";

/** A figure of main that changed for good, from one of its runs on. */
export interface TrendChange {
  /** Place, among the trend's runs, of the first one after it. */
  readonly run: number;
  readonly scenario: string;
  readonly figure: string;
  readonly unit: MetricUnit;
  /** Medians before and after. */
  readonly from: number;
  readonly to: number;
}

/** Main's stored runs, oldest first. */
export interface Trend {
  readonly runs: readonly {
    readonly commit?: string;
    readonly startedAt: string;
    /** Median calm latency, ms: as much the machine's as the service's. */
    readonly calmMs: number | null;
  }[];
  readonly changes: readonly TrendChange[];
}
