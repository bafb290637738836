/** Quantiles of standardised times with their errors (METHOD 5), each computed once. */
import type { Scale } from "../fault-catalogue.ts";
import type { Scenario } from "../profile.ts";
import type {
  ClusteredSample,
  DesignEffect,
  DesignEffectPool,
  QuantileEstimate,
} from "../statistics/cluster-quantile.ts";
import {
  clusteredSample,
  estimateQuantile,
  poolDesignEffects,
  quantileDesignEffect,
  shrinkDesignEffect,
} from "../statistics/cluster-quantile.ts";
import { quantileOfSorted } from "../statistics/quantile.ts";
import type { JudgeContext, Side } from "./context.ts";
import { rowsOf } from "./context.ts";
import type { Measure } from "./standardise.ts";
import { standardiser } from "./standardise.ts";

export interface QuantileQuery {
  readonly measure: Measure;
  readonly q: number;
  /** Only the requests the plan chose to be struck. */
  readonly hitsOnly: boolean;
}

export interface Estimates {
  /** Standardised times; empty where the scenario was not measured. */
  sample(side: Side, scenario: Scenario, scale: Scale, query: Omit<QuantileQuery, "q">): ClusteredSample;
  /** Null of no rows. */
  quantile(side: Side, scenario: Scenario, scale: Scale, query: QuantileQuery): QuantileEstimate | null;
}

const remembered = <T>(store: Map<string, T>, key: string, compute: () => T): T => {
  const known = store.get(key);
  if (known !== undefined) return known;
  const value = compute();
  store.set(key, value);
  return value;
};

/** Outages and kills reach forwards and backwards: they never lend their spread to other scenarios (METHOD 10). */
export const lendsSpread = (scenario: Scenario): boolean =>
  scenario.shape === "control" || scenario.shape === "attributed" || scenario.shape === "ambient";

export const estimatesOf = (context: JudgeContext): Estimates => {
  const standardise = standardiser(context);
  const samples = new Map<string, ClusteredSample>();
  const effects = new Map<string, DesignEffect>();
  const pools = new Map<string, DesignEffectPool>();
  const name = (side: Side): string => (side === context.head ? "head" : "base");

  const sample: Estimates["sample"] = (side, scenario, scale, { measure, hitsOnly }) =>
    remembered(samples, [name(side), scale, measure, hitsOnly, scenario.name].join("|"), () => {
      const all = rowsOf(side, scenario.name);
      const rows = hitsOnly ? all.filter((row) => row.hit) : all;
      return clusteredSample(
        standardise(side, rows, scale, measure),
        rows.map((row) => row.block),
      );
    });

  const effect = (side: Side, scenario: Scenario, scale: Scale, query: QuantileQuery): DesignEffect =>
    remembered(
      effects,
      [name(side), scale, query.measure, query.hitsOnly, query.q, scenario.name].join("|"),
      () => {
        const own = sample(side, scenario, scale, query);
        if (own.values.length === 0) return { effect: 1, blocks: 0 };
        const at = quantileOfSorted(own.sorted, query.q);
        return { effect: quantileDesignEffect(own, query.q, at), blocks: own.blocks };
      },
    );

  const pool = (side: Side, query: QuantileQuery): DesignEffectPool =>
    remembered(pools, [name(side), query.measure, query.hitsOnly, query.q].join("|"), () =>
      poolDesignEffects(
        context.scenarios
          .filter(lendsSpread)
          .map((scenario) => effect(side, scenario, scenario.scale, query))
          .filter((own) => own.blocks > 0),
      ),
    );

  return {
    sample,
    quantile: (side, scenario, scale, query) => {
      const own = sample(side, scenario, scale, query);
      if (own.values.length === 0) return null;
      const ownEffect = effect(side, scenario, scale, query);
      const shared = pool(side, query);
      const designEffect = shrinkDesignEffect(ownEffect, shared);
      return estimateQuantile(own, query.q, designEffect, Math.max(1, own.blocks - 1 + shared.df));
    },
  };
};
