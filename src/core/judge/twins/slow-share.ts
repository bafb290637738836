/**
 * Share of requests much slower than their twins. Guards what medians can not see: without it "8 % of requests +600 ms"
 * passed 20 of 20 (METHOD 10). Under equal code "much slower" and "much faster" are equally likely.
 */
import { quantileOf } from "../../statistics/quantile.ts";
import type { Comparison } from "../../verdict.ts";
import { refused, type Subject } from "../comparison.ts";
import { controlScenario, headRun, type JudgeContext, rowsOfRun, type ScoredRow } from "../context.ts";
import { latencyMargin } from "../latency-margin.ts";
import { bothAnswered, onlyThose, type TwinDifferences, twinDifferences } from "./difference.ts";
import type { MachineSpeed, SpeedOf } from "./machine-speed.ts";
import { type PairedValue, summariseDiscordance } from "./paired-share.ts";
import { assessDiscordance, isByClock } from "./share.ts";

/**
 * METHOD 6 bounds each scenario at 6 points, which a hundred rows with two stalls never reach. Here all interleaved
 * scenarios together must stay under 6, and each for itself under 20. A processor limit makes every noisy neighbour slower
 * still: its tail is tested, but neither primary nor part of the whole (METHOD 6: tails of CPU faults are advisory).
 */
const CEILING_TOGETHER = 0.06;
const CEILING_EACH = 0.2;
const FEWEST_PAIRS = 20;
/** Slow: this share of the scenario's p95, and well beyond what calm answers scatter. */
const SLOW_RELATIVE = 0.25;
const SCATTER_TIMES = 3;
const SLOW_MARGINS = 4;
/** A noisy neighbour slows whole windows: METHOD's 4 would take twenty slow requests of one moment for five. */
const LARGEST_DESIGN_EFFECT = 25;

const thresholdMs = (perRun: readonly TwinDifferences[], speed: MachineSpeed, absoluteMs: number): number => {
  const p95 = quantileOf(
    perRun.flatMap((each) => each.basesMs),
    0.95,
  );
  return Math.max(SLOW_RELATIVE * p95, SLOW_MARGINS * absoluteMs, SCATTER_TIMES * speed.calmScatterMs);
};

/**
 * Each baseline run for itself, then averaged: against the median of several runs a stall of the head would stand alone,
 * and equal code would look slower.
 */
const valuesOf = (
  rows: readonly ScoredRow[],
  perRun: readonly TwinDifferences[],
  slowMs: number,
): readonly PairedValue[] => {
  const met = new Uint32Array(rows.length);
  const slower = new Uint32Array(rows.length);
  const faster = new Uint32Array(rows.length);
  const inOrder: number[] = [];
  for (const { places, differencesMs } of perRun) {
    for (const [index, place] of places.entries()) {
      const differenceMs = differencesMs[index] as number;
      if (met[place] === 0) inOrder.push(place);
      met[place] = (met[place] as number) + 1;
      if (differenceMs > slowMs) slower[place] = (slower[place] as number) + 1;
      if (differenceMs < -slowMs) faster[place] = (faster[place] as number) + 1;
    }
  }
  return inOrder.map((place) => {
    const runs = met[place] as number;
    const { block } = rows[place] as ScoredRow;
    return { head: (slower[place] as number) / runs, base: (faster[place] as number) / runs, block };
  });
};

const assess = (
  scenario: string,
  values: readonly PairedValue[],
  margin: number,
  primary: boolean,
  ceiling: number,
  slowMs: number | null,
): Comparison => {
  const subject: Subject = { scenario, metric: "slow-share", unit: "share", primary, method: "twin" };
  if (values.length < FEWEST_PAIRS) return refused(subject, "n", { n: values.length });
  const summary = summariseDiscordance(values);
  const own = summary.independentSquares === 0 ? 1 : summary.clusterSquares / summary.independentSquares;
  const effect = Math.min(LARGEST_DESIGN_EFFECT, Math.max(1, own));
  const limits = { margin, ceiling: Math.max(ceiling, 3 * margin) };
  const comparison = assessDiscordance(subject, summary, effect, limits);
  return slowMs === null ? comparison : { ...comparison, details: { ...comparison.details, slowMs } };
};

/** Of each scenario, and of all interleaved ones together, where a thinly spread tail gathers. */
export const slowShareComparisons = (context: JudgeContext, speedOf: SpeedOf): readonly Comparison[] => {
  const control = controlScenario(context);
  if (control === null || context.twins.length === 0) return [];
  const head = headRun(context);
  const speed = speedOf(control.name, "latency");
  const margin = context.policy.slowShare;
  const together: PairedValue[] = [];
  const comparisons: Comparison[] = [];
  for (const scenario of context.scenarios) {
    if (isByClock(scenario)) continue;
    const perRun = context.twins.map((run) =>
      onlyThose(twinDifferences(head, [run], scenario, speed, "latency"), bothAnswered),
    );
    if (perRun.every(({ rows }) => rows.length === 0)) continue;
    const slowMs = thresholdMs(perRun, speed, latencyMargin(context).absoluteMs);
    const values = valuesOf(rowsOfRun(head, scenario.name), perRun, slowMs);
    const additive = scenario.scale === "additive";
    if (additive) for (const value of values) together.push(value);
    const primary = additive && (scenario.shape !== "control" || context.paired);
    comparisons.push(assess(scenario.name, values, margin, primary, CEILING_EACH, slowMs));
  }
  if (comparisons.length > 1) comparisons.push(assess("all", together, margin, true, CEILING_TOGETHER, null));
  return comparisons;
};
