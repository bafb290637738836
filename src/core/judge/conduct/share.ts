/** Shares of conduct: paired with twins where there are any, by cluster-robust shares of both sides otherwise. */
import type { Scenario } from "../../profile.ts";
import {
  type ClusterShare,
  clusterShare,
  countByBlock,
  pooledShareDesignEffect,
} from "../../statistics/cluster-share.ts";
import { effectiveCount, exceedanceP, newcombeInterval } from "../../statistics/proportion.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { inBaseline, type JudgeContext, rowsOf, type Side } from "../context.ts";
import {
  BOUND_Z,
  INTERVAL_Z,
  isByClock,
  POWER_Z,
  pooledShareComparison,
  type ShareRule,
  scaledLimits,
  twinShareComparisons,
} from "../twins/share.ts";

const LARGEST_DESIGN_EFFECT = 4;

interface Counted {
  readonly share: ClusterShare;
  readonly all: number;
}

const countSide = (side: Side | null, scenario: string, rule: ShareRule, which: "head" | "base"): Counted => {
  const rows = rowsOf(side, scenario);
  const counts = countByBlock(rows, (row) => {
    const value = rule.hitsOnly && !row.hit ? null : rule.value(row, which);
    return value === null ? null : value > 0;
  });
  return { share: clusterShare(counts), all: rows.length };
};

const storedShareComparisons = (
  context: JudgeContext,
  rule: ShareRule,
  scenarios: readonly Scenario[],
): readonly Comparison[] => {
  const counted = scenarios.map((scenario) => ({
    scenario,
    head: countSide(context.head, scenario.name, rule, "head"),
    base: countSide(context.baseline, scenario.name, rule, "base"),
  }));
  const pooled = counted.filter(({ scenario }) => !isByClock(scenario));
  const shares = pooled.flatMap(({ head, base }) => [head.share, base.share]);
  const effect = pooledShareDesignEffect(shares, 1, LARGEST_DESIGN_EFFECT);
  return counted.flatMap(({ scenario, head, base }) => {
    const { metric, primary } = rule;
    const subject: Subject = { scenario: scenario.name, metric, unit: "share", primary, method: "stored" };
    if (head.share.n === 0 || base.share.n === 0) {
      if (rule.hitsOnly) return [];
      return [refused(subject, inBaseline(context, scenario.name) ? "not-measured" : "no-baseline")];
    }
    if (rule.hitsOnly && head.share.n === head.all) return [];
    const limits = scaledLimits(rule, head.share.n, head.all);
    const now = effectiveCount({ k: head.share.share * head.share.n, n: head.share.n }, effect);
    const then = effectiveCount({ k: base.share.share * base.share.n, n: base.share.n }, effect);
    const interval = newcombeInterval(now, then, INTERVAL_Z);
    const se = (interval[1] - interval[0]) / (2 * INTERVAL_Z);
    const comparison = assessed(subject, {
      base: base.share.share,
      head: head.share.share,
      change: head.share.share - base.share.share,
      interval,
      margin: limits.margin,
      p: exceedanceP(now, then, limits.margin),
      bounded: newcombeInterval(now, then, BOUND_Z)[1] < limits.ceiling,
      n: head.share.n,
      details: { S: se, D: effect, ceiling: limits.ceiling, baseN: base.share.n },
    });
    return [{ ...comparison, smallestVisible: limits.margin + (BOUND_Z + POWER_Z) * se }];
  });
};

/** One rule over the scenarios it applies to. */
export const shareComparisons = (
  context: JudgeContext,
  rule: ShareRule,
  scenarios: readonly Scenario[],
): readonly Comparison[] =>
  context.twins.length > 0
    ? twinShareComparisons(context, rule, scenarios)
    : storedShareComparisons(context, rule, scenarios);

/** The rule over all scenarios and, as `hitMetric`, over the hits of those whose fault strikes chosen requests. */
export const shareAndHitShare = (
  context: JudgeContext,
  rule: ShareRule,
  hitMetric: ShareRule["metric"],
): readonly Comparison[] => {
  const hitRule: ShareRule = { ...rule, metric: hitMetric, hitsOnly: true };
  const attributed = context.scenarios.filter(({ shape }) => shape === "attributed");
  const together =
    context.twins.length > 0 ? pooledShareComparison(context, { ...hitRule, primary: false }) : null;
  return [
    ...shareComparisons(context, rule, context.scenarios),
    ...shareComparisons(context, hitRule, attributed),
    ...(together === null ? [] : [together]),
  ];
};

/** Ceiling of a share whose policy margin is `margin`: what errors have at theirs (METHOD 6), never under 3 points. */
export const ceilingFor = (margin: number): number => Math.max(0.03, 3 * margin);
