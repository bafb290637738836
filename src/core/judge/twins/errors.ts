import type { Comparison } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { pooledShareComparison, type ShareRule, twinShareComparisons } from "./share.ts";

/** METHOD 6: a change of the error rate that is excluded bounds it. */
export const ERROR_CEILING = 0.03;
/** Over all scenarios together smaller changes can be told, and matter. */
const POOLED_SHARE = 0.5;

const failed = (row: { readonly failed: boolean }): number => (row.failed ? 1 : 0);

/** Errors and lateness of each scenario, of its hits, and the errors of all interleaved scenarios together. */
export const errorComparisons = (context: JudgeContext): readonly Comparison[] => {
  const margin = context.policy.errorRate;
  const ceiling = Math.max(ERROR_CEILING, 2 * margin);
  const rule: ShareRule = {
    metric: "error-rate",
    hitsOnly: false,
    primary: true,
    margin,
    ceiling,
    value: failed,
  };
  const faults = context.scenarios.filter(({ shape }) => shape !== "control");
  const comparisons = [
    ...twinShareComparisons(context, rule, context.scenarios),
    ...twinShareComparisons(
      context,
      { ...rule, metric: "hit-error-rate", hitsOnly: true },
      faults.filter(({ shape }) => shape === "attributed"),
    ),
    ...twinShareComparisons(
      context,
      { ...rule, metric: "late-rate", value: (row) => (row.late ? 1 : 0) },
      context.scenarios,
    ),
  ];
  const together = [
    pooledShareComparison(context, {
      ...rule,
      metric: "pooled-error-rate",
      primary: false,
      margin: margin * POOLED_SHARE,
    }),
    pooledShareComparison(context, { ...rule, metric: "hit-error-rate", hitsOnly: true, primary: false }),
  ];
  return [...comparisons, ...together.filter((comparison) => comparison !== null)];
};
