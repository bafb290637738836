/**
 * A service that computes, on a machine slower than the baseline's, queues: its tails grow by more than any factor of speed (METHOD 11: near
 * saturation neither scale holds). Stored runs cannot tell that from a slower change, so it is not held against one: it stays open, for a
 * pair on one machine to settle. Medians under a processor limit have a bound of their own (`twins/saturation.ts`).
 */
import { medianOf } from "../statistics/quantile.ts";
import type { Comparison, Metric } from "../verdict.ts";
import { controlScenario, headRun, type JudgeContext, type RunSample, rowsOfRun } from "./context.ts";

/** A machine so many times slower than the baseline's typical one. */
const SLOWER_TIMES = 1.1;
/** Share of that which calm traffic must show: less, and the service waits for others most of the time. */
const COMPUTES = 0.3;

const TAILS: ReadonlySet<Metric> = new Set<Metric>(["slow-share", "late-rate", "p95", "p99", "ttft95"]);

const calmMs = (run: RunSample, control: string): number | null =>
  medianOf(rowsOfRun(run, control).flatMap(({ failed, latencyMs }) => (failed ? [] : [latencyMs])));

/** How many times slower the head's machine is, where the service slows with it; null: nothing to take into account. */
const slowMachine = (context: JudgeContext): number | null => {
  const { baseline, paired } = context;
  const control = controlScenario(context)?.name;
  if (baseline === null || paired || control === undefined) return null;
  const head = headRun(context);
  const probe = medianOf(baseline.runs.map(({ profile }) => profile.probeMs)) ?? 0;
  const usual = medianOf(baseline.runs.flatMap((run) => calmMs(run, control) ?? [])) ?? 0;
  const now = calmMs(head, control);
  if (probe <= 0 || usual <= 0 || now === null) return null;
  const times = head.profile.probeMs / probe;
  return times >= SLOWER_TIMES && now / usual - 1 >= COMPUTES * (times - 1) ? times : null;
};

/** Comparisons that such a machine may explain cannot be told to be worse; what is bounded all the same stays so. */
export const withoutSlowMachine = (
  context: JudgeContext,
  comparisons: readonly Comparison[],
): readonly Comparison[] => {
  const times = slowMachine(context);
  if (times === null) return comparisons;
  return comparisons.map((comparison) =>
    comparison.p !== null && TAILS.has(comparison.metric)
      ? { ...comparison, p: null, details: { ...comparison.details, slowerMachine: times } }
      : comparison,
  );
};
