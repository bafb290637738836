/** Which figure of a trial says whether a metric of the judge is back where it was. */
import type { Metric, MetricUnit } from "../verdict.ts";

/** Metrics that a trial's window can measure. The less of each, the better. */
const TRIAL_METRICS = [
  "error-rate",
  "hit-error-rate",
  "late-rate",
  "degraded-rate",
  "incomplete-rate",
  "wrong-rate",
  "drift-rate",
  "p50",
  "p95",
  "hit50",
  "calls-per-request",
  "recovery",
] as const satisfies readonly Metric[];

export type TrialMetric = (typeof TRIAL_METRICS)[number];

/** The metric by which a trial tells it; null: no remedy on an edge or a process could matter to it. */
export const trialMetricOf = (metric: Metric): TrialMetric | null => {
  switch (metric) {
    case "error-rate":
    case "hit-error-rate":
    case "late-rate":
    case "degraded-rate":
    case "incomplete-rate":
    case "wrong-rate":
    case "drift-rate":
    case "p50":
    case "p95":
    case "hit50":
    case "calls-per-request":
    case "recovery":
      return metric;
    // A service that dies fails its clients.
    case "deaths":
      return "error-rate";
    case "hit-degraded-rate":
      return "degraded-rate";
    case "hit-incomplete-rate":
      return "incomplete-rate";
    case "goodput":
      return "late-rate";
    case "hit-calls-per-request":
      return "calls-per-request";
    // A first content that comes late comes with an answer that does.
    case "ttft50":
      return "p50";
    case "ttft-hit50":
      return "hit50";
    case "p99":
    case "ttft95":
    case "slow-share":
      return "p95";
    case "pooled-error-rate":
    case "ready-truth":
    case "health-truth":
    case "work-after-abort":
    case "frontier":
    // No remedy on an edge stands before a training job's own progress.
    case "not-completed":
    case "crashes":
    case "nan-runs":
    case "loss-left":
    case "orphans":
    case "from-zero":
    case "failed-restarts":
    case "lost-steps":
    case "resume":
      return null;
  }
};

export const unitOfTrial = (metric: TrialMetric): MetricUnit => {
  switch (metric) {
    case "error-rate":
    case "hit-error-rate":
    case "late-rate":
    case "degraded-rate":
    case "incomplete-rate":
    case "wrong-rate":
    case "drift-rate":
      return "share";
    case "p50":
    case "p95":
    case "hit50":
    case "recovery":
      return "ms";
    case "calls-per-request":
      return "ratio";
  }
};
