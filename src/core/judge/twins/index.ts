/**
 * Comparisons of runs that followed the same seeded schedule: request n of the head with request n of the baseline runs
 * (METHOD 10). Empty where no baseline run shares the head's schedule: then sections 4 to 6 apply.
 */
import type { Comparison } from "../../verdict.ts";
import { headRun, type JudgeContext } from "../context.ts";
import { errorComparisons } from "./errors.ts";
import { latencyComparisons } from "./latency.ts";
import { speedsOf } from "./machine-speed.ts";
import { slowShareComparisons } from "./slow-share.ts";

export const twinComparisons = (context: JudgeContext): Comparison[] => {
  if (context.twins.length === 0) return [];
  const speedOf = speedsOf(headRun(context), context.twins, context.paired);
  return [
    ...latencyComparisons(context, speedOf),
    ...slowShareComparisons(context, speedOf),
    ...errorComparisons(context),
  ];
};
