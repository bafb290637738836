import type { MetricUnit } from "../metric-unit.ts";
import type { Remedy } from "../remedy/remedy.ts";
import type { Metric } from "../verdict.ts";

export type RemedyOutcome = "restored" | "helped" | "no-effect" | "worse" | "not-tried";

export interface TriedRemedy {
  readonly remedy: Remedy;
  /** "one retry after 100 ms on llm" */
  readonly description: string;
  readonly outcome: RemedyOutcome;
  /** The figure with the remedy; null: not tried. */
  readonly value: number | null;
  /** 95 % interval of with minus without. */
  readonly interval: readonly [number, number] | null;
  /** Share of the way back to the steady state; below 0: away from it. */
  readonly restoredShare: number | null;
  /** Why it was not tried, or how it was told. */
  readonly reason: string;
}

/** What would have restored the steady state under a fault that failed the service. */
export interface DiagnosisResult {
  readonly scenario: string;
  readonly metric: Metric;
  readonly unit: MetricUnit;
  readonly edge?: string;
  /** In this trial, under the fault without a remedy, and what the steady state is (the baseline's figure, else calm traffic's). */
  readonly without: number | null;
  readonly steady: number | null;
  /** In the order in which they were tried, cheapest first. */
  readonly tried: readonly TriedRemedy[];
  /** The cheapest that restored it, else the one that helped most; null: none did. */
  readonly best: TriedRemedy | null;
}
