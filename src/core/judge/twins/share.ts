/** One share of one scenario, head against its twins. Used for errors and lateness here, and for conduct. */
import type { Scenario } from "../../profile.ts";
import { poolDesignEffects, shrinkDesignEffect } from "../../statistics/cluster-quantile.ts";
import type { Comparison, Metric } from "../../verdict.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { type JudgeContext, rowsOf, type ScoredRow } from "../context.ts";
import {
  type DiscordanceSummary,
  effectiveDiscordance,
  fractionality,
  type PairedValue,
  pairedExceedanceP,
  pairedShareInterval,
  summariseDiscordance,
} from "./paired-share.ts";
import { type TwinPair, twinPairs } from "./pairs.ts";

/** One-sided 95 %: of bounds. */
export const BOUND_Z = 1.6448536269514722;
/** Two-sided 95 %: of printed intervals. */
export const INTERVAL_Z = 1.959963984540054;
/** z of 80 % power. */
export const POWER_Z = 0.8416212335729143;

/** What is counted, and how large a change matters. */
export interface ShareRule {
  readonly metric: Metric;
  /** Only rows struck by the fault. Margin and ceiling are then per hit: divided by the hits' share of the rows. */
  readonly hitsOnly: boolean;
  readonly primary: boolean;
  /** 0..1 over all rows. */
  readonly margin: number;
  readonly ceiling: number;
  /** 1 or 0; null: the row says nothing about it, and its pair is left out. */
  readonly value: (row: ScoredRow, side: "head" | "base") => number | null;
}

/** No ceiling above this: a fifth of the hits lost matters however few they are. */
const LARGEST_HIT_CEILING = 0.2;
const LARGEST_HIT_MARGIN = 0.05;
/** METHOD 6 believes no more than 4; a stall of one window is worth ten rows and more. */
export const LARGEST_DESIGN_EFFECT = 10;

/** Faults by the clock reach into their neighbours: their rows never tell how others vary (METHOD 10). */
export const isByClock = (scenario: Scenario): boolean =>
  scenario.shape === "clock" || scenario.shape === "kill";

type ValueOf = ShareRule["value"];

const pairValue = (pair: TwinPair, valueOf: ValueOf): PairedValue | null => {
  const head = valueOf(pair.head, "head");
  if (head === null) return null;
  let sum = 0;
  let count = 0;
  for (const row of pair.bases) {
    const value = valueOf(row, "base");
    if (value === null) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : { head, base: sum / count, block: pair.block };
};

/** Several rules count the same property, of all rows or of the hits. */
const known = new WeakMap<readonly TwinPair[], Map<ValueOf, readonly (PairedValue | null)[]>>();

const valuesOf = (pairs: readonly TwinPair[], valueOf: ValueOf): readonly (PairedValue | null)[] => {
  const ofPairs = known.get(pairs) ?? new Map<ValueOf, readonly (PairedValue | null)[]>();
  known.set(pairs, ofPairs);
  const values = ofPairs.get(valueOf) ?? pairs.map((pair) => pairValue(pair, valueOf));
  ofPairs.set(valueOf, values);
  return values;
};

export const pairedValues = (pairs: readonly TwinPair[], rule: ShareRule): readonly PairedValue[] => {
  const all = valuesOf(pairs, rule.value);
  const values: PairedValue[] = [];
  for (const [index, pair] of pairs.entries()) {
    const value = all[index];
    if (value !== undefined && value !== null && (pair.hit || !rule.hitsOnly)) values.push(value);
  }
  return values;
};

/** Margin and ceiling of the rule for rows of which `scored` of `all` count. */
export const scaledLimits = (
  rule: Pick<ShareRule, "hitsOnly" | "margin" | "ceiling">,
  scored: number,
  all: number,
): { readonly margin: number; readonly ceiling: number } => {
  if (!rule.hitsOnly || scored === 0) return { margin: rule.margin, ceiling: rule.ceiling };
  const times = Math.max(1, all / scored);
  return {
    margin: Math.max(rule.margin, Math.min(LARGEST_HIT_MARGIN, rule.margin * times)),
    ceiling: Math.max(rule.ceiling, Math.min(LARGEST_HIT_CEILING, rule.ceiling * times)),
  };
};

const ownEffect = (summary: DiscordanceSummary): { effect: number; blocks: number } => ({
  effect: summary.independentSquares === 0 ? 1 : summary.clusterSquares / summary.independentSquares,
  blocks: summary.independentSquares === 0 ? 1 : summary.blocks,
});

/** Design effects of one rule over a run's scenarios: own, shrunk towards the pool, in [1, 4]. */
const designEffects = (
  scenarios: readonly Scenario[],
  summaries: ReadonlyMap<string, DiscordanceSummary>,
): ReadonlyMap<string, number> => {
  const pooled = scenarios
    .filter((scenario) => !isByClock(scenario))
    .flatMap(({ name }) => {
      const summary = summaries.get(name);
      return summary === undefined ? [] : [ownEffect(summary)];
    });
  const pool = poolDesignEffects(pooled);
  const effects = new Map<string, number>();
  for (const [name, summary] of summaries) {
    const own = ownEffect(summary);
    // A window effect seen in this very scenario counts in full: calm neighbours do not make it smaller.
    const effect = Math.max(own.effect, shrinkDesignEffect(own, pool));
    effects.set(name, Math.min(LARGEST_DESIGN_EFFECT, Math.max(1, effect)));
  }
  return effects;
};

/** The comparison of a summary at a design effect. */
export const assessDiscordance = (
  subject: Subject,
  summary: DiscordanceSummary,
  designEffect: number,
  limits: { readonly margin: number; readonly ceiling: number },
): Comparison => {
  const counts = effectiveDiscordance(summary, designEffect);
  // The bound keeps whole pairs: what was never seen is no rarer for having several baseline runs.
  const tested = effectiveDiscordance(summary, designEffect * fractionality(summary));
  const interval = pairedShareInterval(counts, INTERVAL_Z);
  const upper = pairedShareInterval(counts, BOUND_Z)[1];
  const se = (interval[1] - interval[0]) / (2 * INTERVAL_Z);
  const comparison = assessed(subject, {
    base: summary.baseShare,
    head: summary.headShare,
    change: summary.headShare - summary.baseShare,
    interval,
    margin: limits.margin,
    p: pairedExceedanceP(tested, limits.margin),
    bounded: upper < limits.ceiling,
    n: summary.pairs,
    details: {
      S: se,
      D: designEffect,
      headOnly: summary.headOnly,
      baseOnly: summary.baseOnly,
      upper,
      ceiling: limits.ceiling,
      blocks: summary.blocks,
    },
  });
  return { ...comparison, smallestVisible: limits.margin + (BOUND_Z + POWER_Z) * se };
};

/** One rule over the scenarios it applies to. A scenario without pairs is refused. */
export const twinShareComparisons = (
  context: JudgeContext,
  rule: ShareRule,
  scenarios: readonly Scenario[],
): readonly Comparison[] => {
  const summaries = new Map<string, DiscordanceSummary>();
  const pairCounts = new Map<string, number>();
  for (const { name } of scenarios) {
    const pairs = twinPairs(context, name);
    if (rule.hitsOnly && pairs.every((pair) => pair.hit)) continue;
    pairCounts.set(name, pairs.length);
    summaries.set(name, summariseDiscordance(pairedValues(pairs, rule)));
  }
  const effects = designEffects(scenarios, summaries);
  return scenarios.flatMap(({ name }) => {
    const summary = summaries.get(name);
    const subject: Subject = {
      scenario: name,
      metric: rule.metric,
      unit: "share",
      primary: rule.primary,
      method: "twin",
    };
    if (summary === undefined || summary.pairs === 0) {
      const measured = rowsOf(context.head, name).length > 0;
      return rule.hitsOnly ? [] : [refused(subject, measured ? "no-baseline" : "not-measured")];
    }
    const limits = scaledLimits(rule, summary.pairs, pairCounts.get(name) ?? summary.pairs);
    return [assessDiscordance(subject, summary, effects.get(name) ?? 1, limits)];
  });
};

/**
 * One rule over all interleaved scenarios together: a change thinly spread over faults gathers here. Null where fewer
 * than two scenarios have pairs.
 */
export const pooledShareComparison = (context: JudgeContext, rule: ShareRule): Comparison | null => {
  const counted = context.scenarios
    .filter((scenario) => !isByClock(scenario) && (!rule.hitsOnly || scenario.shape === "attributed"))
    .map(({ name }) => {
      const pairs = twinPairs(context, name);
      return { values: pairedValues(pairs, rule), all: pairs.length };
    })
    .filter(({ values }) => values.length > 0);
  if (counted.length < 2) return null;
  const summary = summariseDiscordance(counted.flatMap(({ values }) => values));
  const all = counted.reduce((sum, each) => sum + each.all, 0);
  const effect = Math.min(LARGEST_DESIGN_EFFECT, Math.max(1, ownEffect(summary).effect));
  const { metric, primary } = rule;
  const subject: Subject = { scenario: "all", metric, unit: "share", primary, method: "twin" };
  return assessDiscordance(subject, summary, effect, scaledLimits(rule, summary.pairs, all));
};
