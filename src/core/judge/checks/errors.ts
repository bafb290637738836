/** Failures and lateness: differences of shares, never ratios (METHOD 6). */
import type { Scenario } from "../../profile.ts";
import type { ClusterShare } from "../../statistics/cluster-share.ts";
import { clusterShare, countByBlock, pooledShareDesignEffect } from "../../statistics/cluster-share.ts";
import { effectiveCount, exceedanceP, newcombeInterval } from "../../statistics/proportion.ts";
import type { Comparison, Metric } from "../../verdict.ts";
import type { Subject } from "../comparison.ts";
import { assessed, refused } from "../comparison.ts";
import type { JudgeContext, ScoredRow, Side } from "../context.ts";
import { headRun, inBaseline, rowsOf } from "../context.ts";
import { lendsSpread } from "../estimates.ts";
import { recoveryAllowance } from "./recovery.ts";

const CEILING = 0.03;
const CEILING_OVER_MARGIN = 6;
const Z95 = 1.959963984540054;
const Z90 = 1.6448536269514722;
/** Fewest scored rows in either run. */
const LEAST = 20;
/** Name under which the error rate over all interleaved scenarios stands. */
export const ALL_SCENARIOS = "all";

/** What may differ without a change of the service, as shares: up to `margin` more is allowed, the rest widens the interval. */
interface Slack {
  readonly margin: number;
  readonly more: number;
  readonly less: number;
}

const compareShares = (
  subject: Subject,
  head: ClusterShare,
  base: ClusterShare,
  designEffect: number,
  { margin, more, less }: Slack,
): Comparison => {
  if (head.n === 0 || base.n === 0) return refused(subject, "not-measured", { n: head.n });
  if (Math.min(head.n, base.n) < LEAST)
    return refused(subject, "n", { base: base.share, head: head.share, n: head.n });
  const headCount = effectiveCount({ k: head.share * head.n, n: head.n }, designEffect);
  const baseCount = effectiveCount({ k: base.share * base.n, n: base.n }, designEffect);
  const [low, high] = newcombeInterval(headCount, baseCount, Z95);
  const upper = newcombeInterval(headCount, baseCount, Z90)[1];
  const ceiling = Math.max(CEILING, CEILING_OVER_MARGIN * margin);
  return assessed(subject, {
    base: base.share,
    head: head.share,
    change: head.share - base.share,
    interval: [Math.max(-1, low - more), Math.min(1, high + less)],
    margin,
    p: exceedanceP(headCount, baseCount, margin),
    bounded: upper < ceiling,
    n: head.n,
    details: { D: designEffect, S: (high - low) / (2 * Z95), df: 1e9, upper, ceiling },
  });
};

type Property = (row: ScoredRow) => boolean;

type ShareOf = (side: Side, scenario: string) => ClusterShare;

/** Shares of rows with a property, each counted once. */
const sharesOf = (has: Property): ShareOf => {
  const known = new Map<Side, Map<string, ClusterShare>>();
  return (side, scenario) => {
    const ofSide = known.get(side) ?? new Map<string, ClusterShare>();
    known.set(side, ofSide);
    const share = ofSide.get(scenario) ?? clusterShare(countByBlock(rowsOf(side, scenario), has));
    ofSide.set(scenario, share);
    return share;
  };
};

const RATES: readonly { readonly metric: Metric; readonly has: Property }[] = [
  { metric: "error-rate", has: (row) => row.failed },
  { metric: "late-rate", has: (row) => row.late },
];

const LEAST_EFFECT = 1;
const MOST_EFFECT = 4;

/** One design effect for all interleaved scenarios of both runs; an outage or a kill has its own. */
const designEffects = (context: JudgeContext, baseline: Side, shareOf: ShareOf) => {
  const sides = [context.head, baseline];
  const of = (scenarios: readonly Scenario[]): number =>
    pooledShareDesignEffect(
      scenarios.flatMap((scenario) => sides.map((side) => shareOf(side, scenario.name))),
      LEAST_EFFECT,
      MOST_EFFECT,
    );
  const shared = of(context.scenarios.filter(lendsSpread));
  return { shared, own: (scenario: Scenario): number => (lendsSpread(scenario) ? shared : of([scenario])) };
};

/**
 * Shares of a kill's window that a recovery inside its own margin may cost beyond the baseline's: without these the errors
 * of the same dead seconds would be judged twice, the second time far more strictly.
 */
const recoverySlack = (context: JudgeContext, baseline: Side, scenario: Scenario): Slack => {
  const run = headRun(context);
  const windows = [...run.validWindows]
    .map((index) => run.profile.windows[index])
    .filter((window) => window?.scenario === scenario.name);
  const durationMs = windows.reduce((total, window) => total + (window?.durationMs ?? 0), 0) / windows.length;
  const allowance = recoveryAllowance(context, baseline, scenario);
  if (allowance === null || !(durationMs > 0)) return NO_SLACK;
  const share = (ms: number): number => Math.min(1, ms / durationMs);
  return {
    margin: share(allowance.allowedMs),
    more: share(allowance.slowerMs),
    less: share(allowance.fasterMs),
  };
};

const NO_SLACK: Slack = { margin: 0, more: 0, less: 0 };

interface SharePair {
  readonly head: ClusterShare;
  readonly base: ClusterShare;
}

/**
 * One share of each side over several scenarios, in the head's mix of them for both: where runs of other experiments are
 * pooled, or windows were lost, the mixes differ, and a fault that fails more often would weigh more on one side.
 */
const sumInHeadsMix = (all: readonly SharePair[]): SharePair => {
  const pairs = all.filter(({ head, base }) => head.n > 0 && base.n > 0);
  const counted = (which: keyof SharePair): number => pairs.reduce((total, pair) => total + pair[which].n, 0);
  const weight = counted("head");
  const of = (which: keyof SharePair): ClusterShare => ({
    n: counted(which),
    share:
      weight === 0 ? 0 : pairs.reduce((total, pair) => total + pair.head.n * pair[which].share, 0) / weight,
    blocks: 0,
    clusterVariance: 0,
    binomialVariance: 0,
  });
  return { head: of("head"), base: of("base") };
};

/** Errors and lateness of each scenario, errors of calm traffic, and one error rate over all interleaved scenarios. */
export const errorComparisons = (context: JudgeContext): readonly Comparison[] => {
  const { baseline, policy } = context;
  if (baseline === null) return [];
  const comparisons: Comparison[] = [];
  const shared = context.scenarios.filter((scenario) => inBaseline(context, scenario.name));
  for (const { metric, has } of RATES) {
    const shareOf = sharesOf(has);
    const effects = designEffects(context, baseline, shareOf);
    for (const scenario of shared) {
      const byRecovery = scenario.shape === "kill";
      const primary = scenario.shape !== "control" && !byRecovery;
      if (!primary && metric !== "error-rate") continue;
      const subject = { scenario: scenario.name, metric, unit: "share", primary, method: "stored" } as const;
      const [head, base] = [shareOf(context.head, scenario.name), shareOf(baseline, scenario.name)];
      const slack = byRecovery ? recoverySlack(context, baseline, scenario) : NO_SLACK;
      const own = { ...slack, margin: policy.errorRate + slack.margin };
      comparisons.push(compareShares(subject, head, base, effects.own(scenario), own));
    }
    const pooled = shared.filter(lendsSpread);
    if (metric !== "error-rate" || pooled.length < 2) continue;
    const total = sumInHeadsMix(
      pooled.map(({ name }) => ({ head: shareOf(context.head, name), base: shareOf(baseline, name) })),
    );
    const subject = {
      scenario: ALL_SCENARIOS,
      metric: "pooled-error-rate",
      unit: "share",
      primary: false,
      method: "stored",
    } as const;
    const slack = { ...NO_SLACK, margin: policy.errorRate / 2 };
    comparisons.push(compareShares(subject, total.head, total.base, effects.shared, slack));
  }
  return comparisons;
};
