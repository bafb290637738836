/** What kind of harm a metric, an expectation and a finding stand for; a new one does not compile until it stands here. */
import type { HypothesisMetric } from "../suite.ts";
import type { FindingClass, FindingKind, Metric } from "../verdict.ts";

/** Most severe to a user first. */
export const CLASS_ORDER = [
  "availability",
  "correctness",
  "latency",
  "recovery",
  "amplification",
  "observability",
  "gate",
] as const satisfies readonly FindingClass[];

/**
 * How a change of a metric becomes an impact, in one unit for each class so that findings of a class can be put in order:
 *
 * - `share` of a user's requests that the change affects, 0..1 (availability, correctness, late answers; looks at a path)
 * - `slowdown` relative, of so large a part of the requests: a median is at least of half of them
 * - `seconds` more until it answers well again
 * - `times` more than before, of so large a part of the requests
 * - `none` cannot be put in the unit of its class
 */
type ImpactForm =
  | { readonly form: "share" | "seconds" | "none" }
  | { readonly form: "slowdown" | "times"; readonly part: number };

type MetricPriority = { readonly class: FindingClass; readonly ofStruck?: true } & ImpactForm;

export const METRIC_PRIORITIES: Readonly<Record<Metric, MetricPriority>> = {
  "error-rate": { class: "availability", form: "share" },
  "hit-error-rate": { class: "availability", form: "share", ofStruck: true },
  "pooled-error-rate": { class: "availability", form: "share" },
  goodput: { class: "availability", form: "share" },
  // A crash is told by its own finding; see `DEATH_IMPACT`.
  deaths: { class: "availability", form: "none" },
  "not-completed": { class: "availability", form: "share" },
  crashes: { class: "availability", form: "share" },
  "failed-restarts": { class: "availability", form: "share" },
  "nan-runs": { class: "correctness", form: "share" },
  "loss-left": { class: "correctness", form: "share" },
  "from-zero": { class: "recovery", form: "none" },
  "lost-steps": { class: "recovery", form: "none" },
  resume: { class: "recovery", form: "seconds" },
  orphans: { class: "recovery", form: "none" },
  // How much of a fault is tolerated is no share of requests.
  frontier: { class: "availability", form: "none" },
  "wrong-rate": { class: "correctness", form: "share" },
  "incomplete-rate": { class: "correctness", form: "share" },
  "hit-incomplete-rate": { class: "correctness", form: "share", ofStruck: true },
  "degraded-rate": { class: "correctness", form: "share" },
  "hit-degraded-rate": { class: "correctness", form: "share", ofStruck: true },
  "drift-rate": { class: "correctness", form: "share" },
  p50: { class: "latency", form: "slowdown", part: 0.5 },
  hit50: { class: "latency", form: "slowdown", part: 0.5, ofStruck: true },
  p95: { class: "latency", form: "slowdown", part: 0.05 },
  p99: { class: "latency", form: "slowdown", part: 0.01 },
  ttft50: { class: "latency", form: "slowdown", part: 0.5 },
  "ttft-hit50": { class: "latency", form: "slowdown", part: 0.5, ofStruck: true },
  ttft95: { class: "latency", form: "slowdown", part: 0.05 },
  "slow-share": { class: "latency", form: "share" },
  "late-rate": { class: "latency", form: "share" },
  recovery: { class: "recovery", form: "seconds" },
  "calls-per-request": { class: "amplification", form: "times", part: 1 },
  "hit-calls-per-request": { class: "amplification", form: "times", part: 1, ofStruck: true },
  "work-after-abort": { class: "amplification", form: "share" },
  "ready-truth": { class: "observability", form: "share" },
  "health-truth": { class: "observability", form: "share" },
};

/** What an expectation's figure is called among the metrics. */
export const METRIC_OF_EXPECTATION: Readonly<Record<HypothesisMetric, Metric>> = {
  errorRate: "error-rate",
  lateRate: "late-rate",
  degradedRate: "degraded-rate",
  incompleteRate: "incomplete-rate",
  wrongAnswerRate: "wrong-rate",
  goodput: "goodput",
  p50: "p50",
  p95: "p95",
  p99: "p99",
  ttftP50: "ttft50",
  ttftP95: "ttft95",
  recovery: "recovery",
  callsPerRequest: "calls-per-request",
  workAfterAbort: "work-after-abort",
  deaths: "deaths",
  completed: "not-completed",
  crashes: "crashes",
  fromZero: "from-zero",
  lostSteps: "lost-steps",
  resume: "resume",
  lossDeviation: "loss-left",
  nanSteps: "nan-runs",
};

/** `by-metric`: what the metric (an expectation: its figure) says. */
export const FINDING_CLASS_OF_KIND: Readonly<Record<FindingKind, FindingClass | "by-metric">> = {
  regression: "by-metric",
  hypothesis: "by-metric",
  improvement: "by-metric",
  widest: "by-metric",
  death: "availability",
  buffering: "latency",
  "not-settled": "recovery",
  "health-lies": "observability",
  unnoticed: "observability",
  "invalid-window": "gate",
  machine: "gate",
  "fault-missed": "gate",
  cache: "gate",
  attribution: "gate",
  "new-scenario": "gate",
  "missing-scenario": "gate",
  "weakened-gate": "gate",
  "stale-baseline": "gate",
  "outlier-run": "gate",
};
