/** A search for a frontier as it is stored: what each of its windows counted. */
import { z } from "zod";
import { FRONTIER_METRICS } from "../../core/frontier/expectation.ts";
import type { FrontierStep } from "../../core/frontier/range.ts";
import { MOST_FRONTIER_STEPS } from "../../core/frontier/search.ts";
import { METRIC_UNITS } from "../../core/metric-unit.ts";
import type { FrontierRecord } from "../../core/profile.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { count, list, ms, number, text } from "./primitives.ts";
import { faultSchema } from "./scenario-schema.ts";

const MOST_LEVELS = 100;

const step = z
  .strictObject({
    level: count,
    startMs: ms,
    durationMs: ms,
    requests: count,
    beyond: list(count, FRONTIER_METRICS.length),
    invalid: text.optional(),
  })
  .transform((value): FrontierStep => withoutUndefined(value));

/** Counts of a search that could have been: a step on the grid, a count for each expectation, none above its requests. */
const isPossible = ({ range, expect, steps }: FrontierRecord): boolean =>
  steps.every(
    ({ level, beyond, requests }) =>
      level < range.levels.length &&
      beyond.length === expect.length &&
      beyond.every((misses) => misses <= requests),
  );

export const frontierSchema = z
  .strictObject({
    name: text,
    description: text,
    fault: faultSchema,
    range: z.strictObject({
      parameter: text,
      unit: z.enum(METRIC_UNITS),
      from: number,
      levels: list(number, MOST_LEVELS).min(1),
    }),
    expect: list(
      z.strictObject({
        metric: z.enum(FRONTIER_METRICS),
        comparator: z.enum(["<=", ">=", "<", ">"]),
        limit: number,
        text,
      }),
      FRONTIER_METRICS.length,
    ).min(1),
    steps: list(step, MOST_FRONTIER_STEPS),
  })
  .refine(isPossible, "a step that no search could have made") satisfies z.ZodType<FrontierRecord>;
