/**
 * Comparisons of runs that followed the same seeded schedule: request n of the head with request n of the baseline runs
 * (METHOD 10). Empty where no baseline run shares the head's schedule: then sections 4 to 6 apply.
 */
import type { Comparison } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { errorComparisons } from "./errors.ts";
import { latencyComparisons } from "./latency.ts";
import { slowShareComparisons } from "./slow-share.ts";

export const twinComparisons = (context: JudgeContext): Comparison[] =>
  context.twins.length === 0
    ? []
    : [...latencyComparisons(context), ...slowShareComparisons(context), ...errorComparisons(context)];
