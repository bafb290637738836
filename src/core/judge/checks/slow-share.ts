/** Share of answers slower than almost any in the baseline: sees the tails that are refused (METHOD 6). */
import type { Scenario } from "../../profile.ts";
import type { ClusterShare } from "../../statistics/cluster-share.ts";
import { clusterShare, countByBlock } from "../../statistics/cluster-share.ts";
import { quantileOfSorted } from "../../statistics/quantile.ts";
import { tQuantile, tUpperTail } from "../../statistics/student-t.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused } from "../comparison.ts";
import type { JudgeContext, Side } from "../context.ts";
import { controlScenario, faultScenarios, inBaseline, rowsOf } from "../context.ts";
import type { Estimates } from "../estimates.ts";

/** L* stands so far above the baseline's tail quantile. */
const HEADROOM = 1.25;
/** Fewest rows for p99; below it p95 is taken. */
const ROWS_FOR_P99 = 500;
/** Fewest good answers in either run. */
const LEAST = 20;
/** The cluster variance is held to at least so many binomial ones. */
const LEAST_DESIGN_EFFECT = 1.5;
const PRIOR_DF = 20;
const CEILING = 0.06;
const CEILING_OVER_MARGIN = 3;
const QUERY = { measure: "latency", hitsOnly: false } as const;

/**
 * L*: above it an answer is slow. The quantile is taken over all rows, failures being slowest; where it falls among
 * failures, over the good answers alone. Null where there are none.
 */
const slowFrom = (sorted: Float64Array): number | null => {
  const q = sorted.length < ROWS_FOR_P99 ? 0.95 : 0.99;
  // Failures are +Infinity, hence last.
  const firstFailure = sorted.indexOf(Number.POSITIVE_INFINITY);
  const good = firstFailure < 0 ? sorted : sorted.subarray(0, firstFailure);
  if (good.length === 0) return null;
  const at = quantileOfSorted(sorted, q);
  return HEADROOM * (Number.isFinite(at) ? at : quantileOfSorted(good, q));
};

const slowShare = (
  side: Side,
  scenario: Scenario,
  scale: Scenario["scale"],
  estimates: Estimates,
  limit: number,
): ClusterShare => {
  const { values } = estimates.sample(side, scenario, scale, QUERY);
  const counts = countByBlock(rowsOf(side, scenario.name), (_, index) => {
    const time = values[index] as number;
    return Number.isFinite(time) ? time > limit : null;
  });
  return clusterShare(counts);
};

/** Variance of a share, never 0: with no slow answer among n, about one could have been. */
const varianceOf = (share: ClusterShare): number => {
  const smoothed = (share.share * share.n + 0.5) / (share.n + 1);
  return Math.max(share.clusterVariance, (LEAST_DESIGN_EFFECT * smoothed * (1 - smoothed)) / share.n);
};

const compareScenario = (
  context: JudgeContext,
  baseline: Side,
  scenario: Scenario,
  estimates: Estimates,
): Comparison => {
  const primary = scenario.shape === "attributed" || scenario.shape === "ambient";
  const subject = {
    scenario: scenario.name,
    metric: "slow-share",
    unit: "share",
    primary,
    method: "stored",
  } as const;
  const limit = slowFrom(estimates.sample(baseline, scenario, scenario.scale, QUERY).sorted);
  if (limit === null)
    return refused(subject, rowsOf(baseline, scenario.name).length > 0 ? "censored" : "not-measured");
  const of = (side: Side, which: Scenario) => slowShare(side, which, scenario.scale, estimates, limit);
  const [head, base] = [of(context.head, scenario), of(baseline, scenario)];
  if (Math.min(head.n, base.n) < LEAST) return refused(subject, "n", { n: head.n });
  const control = controlScenario(context);
  const calm = control === null ? null : ([of(context.head, control), of(baseline, control)] as const);
  const calmChange = calm === null ? 0 : calm[0].share - calm[1].share;
  const change = head.share - base.share - Math.max(0, calmChange);
  // The calm change is an estimate too, and counts only where it is taken off.
  const calmVariance = calm !== null && calmChange > 0 ? varianceOf(calm[0]) + varianceOf(calm[1]) : 0;
  const S = Math.sqrt(varianceOf(head) + varianceOf(base) + calmVariance);
  const df = head.blocks + base.blocks + PRIOR_DF;
  const margin = context.policy.slowShare;
  const ceiling = Math.max(CEILING, CEILING_OVER_MARGIN * margin);
  const upper = change + tQuantile(0.95, df) * S;
  const half = tQuantile(0.975, df) * S;
  return assessed(subject, {
    base: base.share,
    head: head.share,
    change,
    interval: [change - half, change + half],
    margin,
    p: tUpperTail((change - margin) / S, df),
    bounded: upper < ceiling,
    n: head.n,
    details: { S, df, L: limit, upper, ceiling },
  });
};

export const slowShareComparisons = (context: JudgeContext, estimates: Estimates): readonly Comparison[] => {
  const { baseline } = context;
  if (baseline === null) return [];
  return faultScenarios(context)
    .filter((scenario) => scenario.shape !== "kill" && inBaseline(context, scenario.name))
    .map((scenario) => compareScenario(context, baseline, scenario, estimates));
};
