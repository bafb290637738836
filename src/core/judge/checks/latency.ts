/** Latency and time to first token under a fault, against the baseline (METHOD 6, stored mode). */
import type { Scenario } from "../../profile.ts";
import type { QuantileEstimate } from "../../statistics/cluster-quantile.ts";
import { tQuantile, tUpperTail, welchSatterthwaite } from "../../statistics/student-t.ts";
import type { Comparison, Metric, Refusal } from "../../verdict.ts";
import type { Subject } from "../comparison.ts";
import { assessed, FAILURE_CANDIDATE_P, refused } from "../comparison.ts";
import type { JudgeContext, ScoredRow, Side } from "../context.ts";
import { controlScenario, faultScenarios, headRun, inBaseline, rowsOf } from "../context.ts";
import type { Estimates, QuantileQuery } from "../estimates.ts";

interface LatencyMetric extends QuantileQuery {
  readonly metric: Metric;
  readonly tail: boolean;
  /** Fewest rows in either run. */
  readonly least: number;
}

const METRICS: readonly LatencyMetric[] = [
  { metric: "p50", measure: "latency", q: 0.5, hitsOnly: false, tail: false, least: 20 },
  { metric: "hit50", measure: "latency", q: 0.5, hitsOnly: true, tail: false, least: 16 },
  { metric: "p95", measure: "latency", q: 0.95, hitsOnly: false, tail: true, least: 200 },
  { metric: "p99", measure: "latency", q: 0.99, hitsOnly: false, tail: true, least: 1000 },
  { metric: "ttft50", measure: "ttft", q: 0.5, hitsOnly: false, tail: false, least: 20 },
  { metric: "ttft-hit50", measure: "ttft", q: 0.5, hitsOnly: true, tail: false, least: 16 },
  { metric: "ttft95", measure: "ttft", q: 0.95, hitsOnly: false, tail: true, least: 200 },
];

/** Relative spread between runs of one code, assumed until a history teaches it (METHOD 6). */
const SIGMA_RUN = 0.03;
const TAIL_FACTOR = 2.5;
/** Ceiling over margin: 25 % over 10 %, and 2a over a. */
const CEILING_RELATIVE = 2.5;
const CEILING_ABSOLUTE = 2;
/** Effective rows beyond a tail quantile. */
const LEAST_BEYOND = 10;
const CLIFF = 2.5;

const countOf = (rows: readonly ScoredRow[], has: (row: ScoredRow) => boolean): number =>
  rows.reduce((count, row) => (has(row) ? count + 1 : count), 0);

const streams = (side: Side, scenario: string): boolean => {
  const rows = rowsOf(side, scenario);
  return countOf(rows, (row) => row.observation.chunks > 1) > rows.length / 2;
};

/** Of a scenario that strikes all or none, the hits' median would only repeat p50. */
const hitsDiffer = (side: Side, scenario: string): boolean => {
  const rows = rowsOf(side, scenario);
  const hits = countOf(rows, (row) => row.hit);
  return hits > 0 && hits < rows.length;
};

/** A fault that strikes about half of the requests puts the overall median between two humps by design. */
const medianOnTheEdge = (scenario: Scenario): boolean =>
  scenario.shape === "attributed" &&
  scenario.faults.some((fault) => fault.fraction > 0.4 && fault.fraction < 0.6);

/**
 * Stored primaries are the medians of faults that can be interleaved with calm traffic. Of an outage or a kill the
 * errors, the lateness and the recovery are primary: their latency is a transient, and often censored.
 */
const isPrimary = (scenario: Scenario, metric: Metric): boolean => {
  if (scenario.shape !== "attributed" && scenario.shape !== "ambient") return false;
  return metric === "hit50" || (metric === "p50" && !medianOnTheEdge(scenario));
};

const refusal = (
  scenario: Scenario,
  metric: LatencyMetric,
  head: QuantileEstimate,
  base: QuantileEstimate,
): Refusal | null => {
  if (metric.tail && scenario.scale === "multiplicative") return "advisory";
  if (Math.min(head.n, base.n) < metric.least) return "n";
  if (!Number.isFinite(base.quantile)) return "censored";
  if (metric.tail) {
    const beyond = (run: QuantileEstimate): number => (run.n * (1 - metric.q)) / run.designEffect;
    if (Math.min(beyond(head), beyond(base)) < LEAST_BEYOND) return "neff";
  }
  if (base.low > 0 && base.high / base.low > CLIFF) return "cliff";
  return null;
};

interface Pair {
  readonly head: QuantileEstimate;
  readonly base: QuantileEstimate;
}

const tested = (
  context: JudgeContext,
  scenario: Scenario,
  metric: LatencyMetric,
  subject: Subject,
  { head, base }: Pair,
  control: Pair | null,
): Comparison => {
  const { relative, absoluteMs } = context.policy.latency;
  const deadlineMs = headRun(context).profile.deadlines.totalMs;
  const factor = metric.tail ? TAIL_FACTOR : 1;
  const expected = base.quantile;
  const margin = factor * Math.max(relative * expected, absoluteMs);
  const ceiling = factor * Math.max(CEILING_RELATIVE * relative * expected, CEILING_ABSOLUTE * absoluteMs);
  const common = { E: expected, D: head.designEffect, ceiling };
  if (!Number.isFinite(head.quantile)) {
    const change = Math.max(0, deadlineMs - expected);
    const known = { base: expected, head: deadlineMs, change, n: head.n, margin };
    const details = { ...common, censored: 1 };
    // Known only to lie beyond the deadline: the interval is the change up to there, not an estimate.
    return assessed(subject, {
      ...known,
      interval: [change, change],
      p: FAILURE_CANDIDATE_P,
      bounded: false,
      details,
    });
  }
  const change = head.quantile - expected;
  const calm = control?.base.quantile ?? expected;
  const additive = scenario.scale === "additive";
  const kappa = control === null ? 0 : additive ? 1 : expected / calm;
  const runSpread = (SIGMA_RUN * (additive ? calm : expected)) ** 2;
  /** `up`: the error by which the change could be larger than estimated. */
  const parts = (up: boolean) => [
    { variance: (up ? head.seUp : head.seDown) ** 2, df: head.df },
    { variance: (up ? base.seDown : base.seUp) ** 2, df: base.df },
    ...(control === null
      ? []
      : [
          { variance: (kappa * (up ? control.head.seDown : control.head.seUp)) ** 2, df: control.head.df },
          { variance: (kappa * (up ? control.base.seUp : control.base.seDown)) ** 2, df: control.base.df },
        ]),
  ];
  const down = parts(false);
  const upwards = parts(true);
  const sum = (of: readonly { readonly variance: number }[]): number =>
    Math.sqrt(of.reduce((total, part) => total + part.variance, runSpread));
  const [S, U] = [sum(down), sum(upwards)];
  // The spread between runs is assumed, not known: it adds variance, and no degrees of freedom.
  const [df, dfUp] = [welchSatterthwaite(down), welchSatterthwaite(upwards)];
  const within = (value: number): number => Math.min(deadlineMs, Math.max(-deadlineMs, value));
  return assessed(subject, {
    base: expected,
    head: head.quantile,
    change,
    interval: [within(change - tQuantile(0.975, df) * S), within(change + tQuantile(0.975, dfUp) * U)],
    margin,
    p: tUpperTail((change - margin) / S, df),
    bounded: change + tQuantile(0.95, dfUp) * U < ceiling,
    n: head.n,
    details: { ...common, S, df: Math.min(df, 1e9), upper: within(change + tQuantile(0.95, dfUp) * U) },
  });
};

export const latencyComparisons = (context: JudgeContext, estimates: Estimates): readonly Comparison[] => {
  const { head: headSide, baseline } = context;
  const control = controlScenario(context);
  const comparisons: Comparison[] = [];
  for (const scenario of faultScenarios(context)) {
    if (scenario.shape === "kill") continue;
    const streaming =
      streams(headSide, scenario.name) || (baseline !== null && streams(baseline, scenario.name));
    for (const metric of METRICS) {
      if (metric.measure === "ttft" && !streaming) continue;
      if (metric.hitsOnly && !hitsDiffer(headSide, scenario.name)) continue;
      const primary = isPrimary(scenario, metric.metric) && inBaseline(context, scenario.name);
      const subject = {
        scenario: scenario.name,
        metric: metric.metric,
        unit: "ms",
        primary,
        method: "stored",
      } as const;
      const head = estimates.quantile(headSide, scenario, scenario.scale, metric);
      const base = baseline && estimates.quantile(baseline, scenario, scenario.scale, metric);
      if (head === null || base === null) {
        comparisons.push(
          refused(subject, inBaseline(context, scenario.name) ? "not-measured" : "no-baseline"),
        );
        continue;
      }
      const reason = refusal(scenario, metric, head, base);
      if (reason !== null) {
        const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
        const known = {
          base: finite(base.quantile),
          head: finite(head.quantile),
          n: head.n,
          details: { D: head.designEffect },
        };
        comparisons.push(refused(subject, reason, known));
        continue;
      }
      const calm: QuantileQuery = { measure: metric.measure, q: 0.5, hitsOnly: false };
      const calmHead = control && estimates.quantile(headSide, control, scenario.scale, calm);
      const calmBase = control && baseline && estimates.quantile(baseline, control, scenario.scale, calm);
      const calmPair = calmHead && calmBase ? { head: calmHead, base: calmBase } : null;
      comparisons.push(tested(context, scenario, metric, subject, { head, base }, calmPair));
    }
  }
  return comparisons;
};
