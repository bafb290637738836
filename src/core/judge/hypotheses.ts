/** Absolute hypotheses (`expect:`): the head's run alone, with the same intervals as the comparisons (METHOD 7). */
import type { Outcome } from "../outcome.ts";
import type { Scenario } from "../profile.ts";
import { clusteredSample, estimateQuantile, quantileDesignEffect } from "../statistics/cluster-quantile.ts";
import { clusterShare, countByBlock, pooledShareDesignEffect } from "../statistics/cluster-share.ts";
import { logSample, moderatedErrorOfOne } from "../statistics/moderated-t.ts";
import { effectiveCount, wilsonInterval } from "../statistics/proportion.ts";
import { quantileOfSorted } from "../statistics/quantile.ts";
import { tQuantile } from "../statistics/student-t.ts";
import type { Experiment, Hypothesis } from "../suite.ts";
import type { HypothesisResult, MetricUnit } from "../verdict.ts";
import { leftBehindBy } from "./conduct/abort.ts";
import type { JudgeContext, ScoredRow } from "./context.ts";
import { headRun, rowsOf } from "./context.ts";
import type { Measure } from "./standardise.ts";
import { timeOf } from "./standardise.ts";

export interface Observed {
  readonly value: number | null;
  /** Null: too little was seen to say. */
  readonly interval: readonly [number, number] | null;
  readonly unit: MetricUnit;
}

const Z95 = 1.959963984540054;
const nothing = (unit: MetricUnit): Observed => ({ value: null, interval: null, unit });

const share = (rows: readonly ScoredRow[], has: (row: ScoredRow) => boolean): Observed => {
  if (rows.length === 0) return nothing("share");
  const own = clusterShare(countByBlock(rows, has));
  const designEffect = pooledShareDesignEffect([own], 1, 4);
  const count = effectiveCount({ k: own.share * own.n, n: own.n }, designEffect);
  return { value: own.share, interval: wilsonInterval(count, Z95), unit: "share" };
};

const LEAST_ROWS = 20;
/** Rows a tail quantile needs beyond it. */
const LEAST_BEYOND = 10;

/** A failure counts as an answer at the deadline: the latency was at least that. */
const quantile = (
  context: JudgeContext,
  rows: readonly ScoredRow[],
  measure: Measure,
  q: number,
): Observed => {
  if (rows.length === 0) return nothing("ms");
  const deadlineMs = headRun(context).profile.deadlines.totalMs;
  const held = (ms: number): number => Math.min(deadlineMs, Math.max(0, ms));
  const sample = clusteredSample(
    rows.map((row) => timeOf(row, measure)),
    rows.map((row) => row.block),
  );
  const at = quantileOfSorted(sample.sorted, q);
  const designEffect = Math.max(1, quantileDesignEffect(sample, q, at));
  const enough =
    rows.length >= LEAST_ROWS && (q <= 0.5 || (rows.length * (1 - q)) / designEffect >= LEAST_BEYOND);
  if (!enough) return { value: held(at), interval: null, unit: "ms" };
  const df = Math.max(1, sample.blocks - 1);
  const estimate = estimateQuantile(sample, q, designEffect, df);
  const t = tQuantile(0.975, df);
  const low = Number.isFinite(at) ? at - t * estimate.seDown : estimate.low;
  return { value: held(at), interval: [held(low), held(at + t * estimate.seUp)], unit: "ms" };
};

/** Geometric mean; a kill that was not recovered from puts the recovery beyond the time it was watched. */
const recovery = (context: JudgeContext, scenario: Scenario): Observed => {
  const records = headRun(context).profile.recoveries.filter((record) => record.scenario === scenario.name);
  if (records.length === 0) return nothing("ms");
  const unrecovered = records.filter((record) => record.recoveryMs === null);
  if (unrecovered.length > 0) {
    const watched = Math.max(...unrecovered.map((record) => record.watchedMs));
    return { value: watched, interval: [watched, Math.max(watched, Number.MAX_SAFE_INTEGER)], unit: "ms" };
  }
  const sample = logSample(records.map((record) => Math.max(1, record.recoveryMs ?? 1)));
  const { se, df } = moderatedErrorOfOne(sample);
  const half = tQuantile(0.975, df) * se;
  const at = (log: number): number => Math.exp(sample.mean + log);
  return { value: at(0), interval: [at(-half), at(half)], unit: "ms" };
};

/** Ratio of calls to client requests, with the spread between windows. */
const callsPerRequest = (context: JudgeContext, scenario: Scenario, edge: string | undefined): Observed => {
  const run = headRun(context);
  const wanted = edge ?? scenario.faults[0]?.on;
  const windows = run.profile.edgeCalls.filter(
    (calls) =>
      calls.edge === wanted &&
      run.validWindows.has(calls.window) &&
      run.profile.windows[calls.window]?.scenario === scenario.name,
  );
  const ratio = clusterShare(windows.map((calls) => ({ k: calls.calls, n: calls.clientRequests })));
  if (ratio.n === 0) return nothing("ratio");
  if (ratio.blocks < 2) return { value: ratio.share, interval: null, unit: "ratio" };
  const half = tQuantile(0.975, ratio.blocks - 1) * Math.sqrt(ratio.clusterVariance);
  return {
    value: ratio.share,
    interval: [Math.max(0, ratio.share - half), ratio.share + half],
    unit: "ratio",
  };
};

const inScenario = (context: JudgeContext, scenario: Scenario, window: number): boolean =>
  headRun(context).profile.windows[window]?.scenario === scenario.name;

/** Something that is counted exactly, so its interval is a point. */
const counted = (value: number | null): Observed =>
  value === null ? nothing("count") : { value, interval: [value, value], unit: "count" };

const observe = (context: JudgeContext, scenario: Scenario, hypothesis: Hypothesis): Observed => {
  const rows = rowsOf(context.head, scenario.name);
  const { profile } = headRun(context);
  const ended = (outcome: Outcome) => (row: ScoredRow) => row.observation.outcome === outcome;
  switch (hypothesis.metric) {
    case "errorRate":
      return share(rows, (row) => row.failed);
    case "lateRate":
      return share(rows, (row) => row.late);
    case "degradedRate":
      return share(rows, ended("degraded"));
    case "incompleteRate":
      return share(rows, ended("incomplete"));
    case "wrongAnswerRate":
      return share(rows, ended("wrong-answer"));
    case "goodput":
      return share(rows, (row) => !row.late);
    case "p50":
      return quantile(context, rows, "latency", 0.5);
    case "p95":
      return quantile(context, rows, "latency", 0.95);
    case "p99":
      return quantile(context, rows, "latency", 0.99);
    case "ttftP50":
      return quantile(context, rows, "ttft", 0.5);
    case "ttftP95":
      return quantile(context, rows, "ttft", 0.95);
    case "recovery":
      return recovery(context, scenario);
    case "callsPerRequest":
      return callsPerRequest(context, scenario, hypothesis.edge);
    case "workAfterAbort": {
      const aborts = profile.aborts.filter((record) => inScenario(context, scenario, record.window));
      return counted(
        aborts.length === 0 ? null : aborts.reduce((sum, record) => sum + leftBehindBy(record), 0),
      );
    }
    case "deaths":
      return counted(
        profile.deaths.filter((death) => !death.injected && inScenario(context, scenario, death.window))
          .length,
      );
    // A training job's are observed in its runs (core/judge/job/), which have no rows.
    case "completed":
    case "crashes":
    case "fromZero":
    case "lossDeviation":
      return nothing("share");
    case "resume":
      return nothing("ms");
    case "lostSteps":
    case "nanSteps":
      return nothing("count");
  }
};

/** Holds with confidence, is violated with confidence, or neither. */
export const holds = (
  { comparator, limit }: Hypothesis,
  interval: readonly [number, number] | null,
): HypothesisResult["holds"] => {
  if (interval === null) return "unclear";
  const [low, high] = interval;
  switch (comparator) {
    case "<=":
      return low > limit ? "no" : high <= limit ? "yes" : "unclear";
    case "<":
      return low >= limit ? "no" : high < limit ? "yes" : "unclear";
    case ">=":
      return high < limit ? "no" : low >= limit ? "yes" : "unclear";
    case ">":
      return high <= limit ? "no" : low > limit ? "yes" : "unclear";
  }
};

/** Every hypothesis of the experiments that were measured. */
export const hypothesisResults = (
  context: JudgeContext,
  experiments: readonly Experiment[],
): readonly HypothesisResult[] =>
  experiments.flatMap((experiment) => {
    const scenario = context.scenarios.find((each) => each.name === experiment.name);
    if (scenario === undefined) return [];
    return experiment.expect.map((hypothesis) => {
      const { value, interval, unit } = observe(context, scenario, hypothesis);
      return {
        scenario: scenario.name,
        text: hypothesis.text,
        holds: holds(hypothesis, interval),
        observed: value,
        interval,
        unit,
      };
    });
  });
