/** Which hypotheses a training job can be held to, and which a service. */
import type { HypothesisMetric } from "../suite.ts";

export const JOB_METRICS = [
  "completed",
  "crashes",
  "fromZero",
  "lostSteps",
  "resume",
  "lossDeviation",
  "nanSteps",
  "goodput",
] as const satisfies readonly HypothesisMetric[];

export type JobExpectationMetric = (typeof JOB_METRICS)[number];

const OF_JOBS: ReadonlySet<HypothesisMetric> = new Set(JOB_METRICS);

export const isOfJobs = (metric: HypothesisMetric): metric is JobExpectationMetric => OF_JOBS.has(metric);

/** Goodput is of both: of planned requests, or of a run's time. */
export const metricFits = (metric: HypothesisMetric, workload: "job" | "service"): boolean =>
  metric === "goodput" || isOfJobs(metric) === (workload === "job");
