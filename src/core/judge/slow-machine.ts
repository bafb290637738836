/**
 * A service that computes, on a machine slower than the baseline's, queues: its tails grow by more than any factor of speed, and where its
 * processor is limited so that it queues already, all of its latency does (METHOD 11: near saturation neither scale holds). Stored runs
 * cannot tell that from a slower change, so it is not held against one: it stays open, for a pair on one machine to settle.
 */
import { medianOf } from "../statistics/quantile.ts";
import type { Comparison, Metric } from "../verdict.ts";
import { controlScenario, headRun, type JudgeContext, type RunSample, rowsOfRun } from "./context.ts";

const TAILS: ReadonlySet<Metric> = new Set<Metric>(["slow-share", "late-rate", "p95", "p99", "ttft95"]);
const LATENCIES: ReadonlySet<Metric> = new Set<Metric>([...TAILS, "p50", "ttft50"]);

/** For tails: a machine so many times slower than the baseline's typical one. */
const SLOWER_TIMES = 1.1;
/** Share of that which calm traffic must show: less, and the service waits for others most of the time. */
const COMPUTES = 0.3;

/** Where it queues under a limit a little is enough: near saturation a service takes several times longer for a tenth less speed. */
const SLIGHTLY_SLOWER_TIMES = 1.03;
/** It queues where its median under the limit is so many times that of calm traffic, in the baseline or in the head. */
const QUEUES_TIMES = 1.5;

const medianMs = (run: RunSample, scenario: string): number | null =>
  medianOf(rowsOfRun(run, scenario).flatMap(({ failed, latencyMs }) => (failed ? [] : [latencyMs])));

/** The head's machine beside the baseline's: by the probe, which does not see a neighbour, and by calm traffic, which does. */
interface Slowness {
  readonly probeTimes: number;
  readonly calmTimes: number;
}

const slownessOf = (context: JudgeContext, control: string): Slowness | null => {
  const head = headRun(context);
  const runs = context.baseline?.runs ?? [];
  const probe = medianOf(runs.map(({ profile }) => profile.probeMs)) ?? 0;
  const usual = medianOf(runs.flatMap((run) => medianMs(run, control) ?? [])) ?? 0;
  const now = medianMs(head, control);
  if (probe <= 0 || usual <= 0 || now === null) return null;
  return { probeTimes: head.profile.probeMs / probe, calmTimes: now / usual };
};

/** Scenarios whose limit makes the service queue. */
const queueing = (context: JudgeContext, control: string): ReadonlySet<string> => {
  const runs = [headRun(context), ...(context.baseline?.runs ?? [])];
  const queues = (name: string): boolean =>
    runs.some((run) => (medianMs(run, name) ?? 0) >= QUEUES_TIMES * (medianMs(run, control) ?? Infinity));
  const limited = context.scenarios.filter(({ scale }) => scale === "multiplicative");
  return new Set(limited.map(({ name }) => name).filter(queues));
};

/** Comparisons that such a machine may explain cannot be told to be worse; what is bounded all the same stays so. */
export const withoutSlowMachine = (
  context: JudgeContext,
  comparisons: readonly Comparison[],
): readonly Comparison[] => {
  const control = controlScenario(context)?.name;
  if (context.paired || control === undefined) return comparisons;
  const slowness = slownessOf(context, control);
  if (slowness === null) return comparisons;
  const { probeTimes, calmTimes } = slowness;
  const computes = probeTimes >= SLOWER_TIMES && calmTimes - 1 >= COMPUTES * (probeTimes - 1);
  const slightly = Math.max(probeTimes, calmTimes) >= SLIGHTLY_SLOWER_TIMES;
  const queues = slightly ? queueing(context, control) : new Set<string>();
  const slowerMachine = Math.max(probeTimes, calmTimes);
  return comparisons.map((comparison) => {
    const { p, metric, scenario } = comparison;
    const isExplained = (computes && TAILS.has(metric)) || (queues.has(scenario) && LATENCIES.has(metric));
    return p !== null && isExplained
      ? { ...comparison, p: null, details: { ...comparison.details, slowerMachine } }
      : comparison;
  });
};
