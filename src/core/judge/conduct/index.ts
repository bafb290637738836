/**
 * How a service behaves beside being wrong or slow: what it answers instead, what it does to its dependencies, what its
 * health paths claim. Half of the careless changes show here alone (METHOD 10).
 */
import type { Comparison } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { abortComparisons } from "./abort.ts";
import { callsComparisons } from "./calls.ts";
import { deathComparisons } from "./deaths.ts";
import { degradedComparisons } from "./degraded.ts";
import { driftComparisons } from "./drift.ts";
import { incompleteComparisons } from "./incomplete.ts";
import { truthComparisons } from "./truth.ts";
import { wrongComparisons } from "./wrong.ts";

export const conductComparisons = (context: JudgeContext): Comparison[] =>
  context.baseline === null
    ? []
    : [
        ...degradedComparisons(context),
        ...incompleteComparisons(context),
        ...wrongComparisons(context),
        ...driftComparisons(context),
        ...callsComparisons(context),
        ...truthComparisons(context),
        ...deathComparisons(context),
        ...abortComparisons(context),
      ];
