/**
 * Share of requests much slower than their twins. Guards what medians can not see: without it "8 % of requests +600 ms"
 * passed 20 of 20 (METHOD 10). Under equal code "much slower" and "much faster" are equally likely.
 */
import { quantileOfSorted, sortedCopy } from "../../statistics/quantile.ts";
import type { Comparison } from "../../verdict.ts";
import { refused, type Subject } from "../comparison.ts";
import { controlScenario, headRun, type JudgeContext } from "../context.ts";
import { type TwinDifference, twinDifferences } from "./difference.ts";
import { type MachineSpeed, machineSpeed } from "./machine-speed.ts";
import { type PairedValue, summariseDiscordance } from "./paired-share.ts";
import { assessDiscordance, isByClock } from "./share.ts";

/** METHOD 6. */
const CEILING = 0.06;
const FEWEST_PAIRS = 20;
/** Slow: this share of the scenario's p95, and beyond what the baseline's own calm answers scatter. */
const SLOW_RELATIVE = 0.25;
const SCATTER_QUANTILE = 0.98;
const SCATTER_TIMES = 1.25;
const SLOW_MARGINS = 4;
const LARGEST_DESIGN_EFFECT = 4;

const thresholdMs = (
  differences: readonly TwinDifference[],
  speed: MachineSpeed,
  absoluteMs: number,
): number => {
  const p95 = quantileOfSorted(sortedCopy(differences.map((each) => each.baseMs)), 0.95);
  const scatter =
    speed.calmSpreadMs.length === 0 ? 0 : quantileOfSorted(sortedCopy(speed.calmSpreadMs), SCATTER_QUANTILE);
  return Math.max(SLOW_RELATIVE * p95, SLOW_MARGINS * absoluteMs, SCATTER_TIMES * scatter);
};

const valuesOf = (differences: readonly TwinDifference[], slowMs: number): readonly PairedValue[] =>
  differences.map(({ differenceMs, block }) => ({
    head: differenceMs > slowMs ? 1 : 0,
    base: differenceMs < -slowMs ? 1 : 0,
    block,
  }));

const assess = (
  scenario: string,
  values: readonly PairedValue[],
  margin: number,
  primary: boolean,
  slowMs: number | null,
): Comparison => {
  const subject: Subject = { scenario, metric: "slow-share", unit: "share", primary, method: "twin" };
  if (values.length < FEWEST_PAIRS) return refused(subject, "n", { n: values.length });
  const summary = summariseDiscordance(values);
  const own = summary.independentSquares === 0 ? 1 : summary.clusterSquares / summary.independentSquares;
  const effect = Math.min(LARGEST_DESIGN_EFFECT, Math.max(1, own));
  const limits = { margin, ceiling: Math.max(CEILING, 3 * margin) };
  const comparison = assessDiscordance(subject, summary, effect, limits);
  return slowMs === null ? comparison : { ...comparison, details: { ...comparison.details, slowMs } };
};

/** Of each scenario, and of all interleaved ones together, where a thinly spread tail gathers. */
export const slowShareComparisons = (context: JudgeContext): readonly Comparison[] => {
  const control = controlScenario(context);
  if (control === null || context.twins.length === 0) return [];
  const head = headRun(context);
  const speed = machineSpeed(head, context.twins, control.name, "latency");
  const margin = context.policy.slowShare;
  const together: PairedValue[] = [];
  const comparisons: Comparison[] = [];
  for (const scenario of context.scenarios) {
    if (isByClock(scenario)) continue;
    const differences = twinDifferences(head, context.twins, scenario, speed, "latency").filter(
      (each) => each.answered,
    );
    if (differences.length === 0) continue;
    const slowMs = thresholdMs(differences, speed, context.policy.latency.absoluteMs);
    const values = valuesOf(differences, slowMs);
    together.push(...values);
    comparisons.push(assess(scenario.name, values, margin, scenario.shape !== "control", slowMs));
  }
  if (comparisons.length > 1) comparisons.push(assess("all", together, margin, false, null));
  return comparisons;
};
