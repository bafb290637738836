import type { Comparison } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { ceilingFor, shareAndHitShare } from "./share.ts";

/** Fallback answers: a removed retry hidden by a fallback shows here alone (METHOD 10). */
export const degradedComparisons = (context: JudgeContext): readonly Comparison[] => {
  const margin = context.policy.degradedRate;
  return shareAndHitShare(
    context,
    {
      metric: "degraded-rate",
      hitsOnly: false,
      primary: true,
      margin,
      ceiling: ceilingFor(margin),
      value: (row) => (row.observation.outcome === "degraded" ? 1 : 0),
    },
    "hit-degraded-rate",
  );
};
