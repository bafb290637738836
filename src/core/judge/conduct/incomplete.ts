import type { Comparison } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { ceilingFor, shareAndHitShare } from "./share.ts";

/** Answers cut short that look finished: passed on as complete, they replace honest errors (METHOD 10). */
export const incompleteComparisons = (context: JudgeContext): readonly Comparison[] => {
  const margin = context.policy.errorRate;
  return shareAndHitShare(
    context,
    {
      metric: "incomplete-rate",
      hitsOnly: false,
      primary: true,
      margin,
      ceiling: ceilingFor(margin),
      value: (row) => (row.failed && row.observation.outcome === "incomplete" ? 1 : 0),
    },
    "hit-incomplete-rate",
  );
};
