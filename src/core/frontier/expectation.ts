/** What one request says of an expectation: it keeps it or misses it, and so many may miss it. */
import type { Observation } from "../observation.ts";
import { isFailure } from "../outcome.ts";
import type { Hypothesis, HypothesisMetric } from "../suite.ts";

export interface RequestExpectation {
  readonly misses: (observation: Observation) => boolean;
  /** Share of the requests that may miss it, 0..1. */
  readonly allowed: number;
}

/** Of a window's hundred requests one may fail by chance: a limit of 0 % cannot be held against it any closer than this. */
const LEAST_ALLOWED = 0.005;

const QUANTILES: { readonly [M in HypothesisMetric]?: number } = {
  p50: 0.5,
  p95: 0.95,
  p99: 0.99,
  ttftP50: 0.5,
  ttftP95: 0.95,
};

const later = (of: (observation: Observation) => number, limitMs: number) => (observation: Observation) =>
  isFailure(observation.outcome) || of(observation) > limitMs;

const latencyOf = ({ latencyMs }: Observation): number => latencyMs;
const ttftOf = ({ ttftMs, latencyMs }: Observation): number => ttftMs ?? latencyMs;

/** Metrics of which every request says something by itself: these a frontier can be searched by. */
export const FRONTIER_METRICS = [
  "errorRate",
  "lateRate",
  "degradedRate",
  "incompleteRate",
  "wrongAnswerRate",
  "goodput",
  "p50",
  "p95",
  "p99",
  "ttftP50",
  "ttftP95",
] as const satisfies readonly HypothesisMetric[];

export type FrontierMetric = (typeof FRONTIER_METRICS)[number];

const missesOf = (metric: FrontierMetric, limit: number, sloMs: number): RequestExpectation["misses"] => {
  const late = later(latencyOf, sloMs);
  switch (metric) {
    case "errorRate":
      return ({ outcome }) => isFailure(outcome);
    case "lateRate":
    case "goodput":
      return late;
    case "degradedRate":
      return ({ outcome }) => outcome === "degraded";
    case "incompleteRate":
      return ({ outcome }) => outcome === "incomplete";
    case "wrongAnswerRate":
      return ({ outcome }) => outcome === "wrong-answer";
    case "p50":
    case "p95":
    case "p99":
      return later(latencyOf, limit);
    case "ttftP50":
    case "ttftP95":
      return later(ttftOf, limit);
  }
};

const allowedOf = ({ metric, limit }: Hypothesis): number => {
  const quantile = QUANTILES[metric];
  if (quantile !== undefined) return 1 - quantile;
  return metric === "goodput" ? 1 - limit : limit;
};

/** @throws RangeError for a metric that is not among FRONTIER_METRICS (the suite's door refuses those) */
export const requestExpectation = (hypothesis: Hypothesis, sloMs: number): RequestExpectation => {
  const metric = FRONTIER_METRICS.find((each) => each === hypothesis.metric);
  if (metric === undefined) throw new RangeError(`no frontier can be searched by ${hypothesis.metric}`);
  return {
    misses: missesOf(metric, hypothesis.limit, sloMs),
    allowed: Math.min(1 - LEAST_ALLOWED, Math.max(LEAST_ALLOWED, allowedOf(hypothesis))),
  };
};
