import type { Comparison } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { ceilingFor, shareComparisons } from "./share.ts";

/** Complete answers that break an expectation of their request. */
export const wrongComparisons = (context: JudgeContext): readonly Comparison[] => {
  const margin = context.policy.errorRate;
  return shareComparisons(
    context,
    {
      metric: "wrong-rate",
      hitsOnly: false,
      primary: false,
      margin,
      ceiling: ceilingFor(margin),
      value: (row) => (row.failed && row.observation.outcome === "wrong-answer" ? 1 : 0),
    },
    context.scenarios,
  );
};
