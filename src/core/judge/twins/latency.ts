/** Median twin difference of a scenario's answers and of its hits, and of their first content (METHOD 6 and 10). */
import type { Scenario } from "../../profile.ts";
import {
  type ClusteredSample,
  type DesignEffectPool,
  poolDesignEffects,
  shrinkDesignEffect,
} from "../../statistics/cluster-quantile.ts";
import { medianOf } from "../../statistics/quantile.ts";
import { tQuantile, tUpperTail } from "../../statistics/student-t.ts";
import type { Comparison, Metric } from "../../verdict.ts";
import { assessed, FAILURE_CANDIDATE_P, refused, type Subject } from "../comparison.ts";
import { controlScenario, headRun, type JudgeContext, type RunSample } from "../context.ts";
import { latencyMargin } from "../latency-margin.ts";
import { CENSORED_MS, onlyThose, type TwinDifferences, twinDifferences } from "./difference.ts";
import type { MachineSpeed, Measure, SpeedOf } from "./machine-speed.ts";
import { blockedSample, medianDesignEffect, medianError } from "./median-error.ts";
import { learnedRunSpread, type RunSpread } from "./run-spread.ts";
import { saturationBound } from "./saturation.ts";
import { isByClock, POWER_Z } from "./share.ts";

const FEWEST_HITS = 16;
const FEWEST_ROWS = 20;
/** Ceiling under which a change is bounded (METHOD 6): 25 % of what is expected, or twice the least that counts. */
const CEILING_RELATIVE = 0.25;

interface Part {
  readonly scenario: Scenario;
  readonly metric: Metric;
  readonly differences: TwinDifferences;
  /** Of the differences. */
  readonly sample: ClusteredSample;
  readonly fewest: number;
}

export interface MedianDifference {
  readonly estimateMs: number;
  readonly seDownMs: number;
  readonly seUpMs: number;
  readonly df: number;
  readonly designEffect: number;
}

/** Median of the differences with its cluster-robust error on both sides, ms. */
export const medianDifference = (sample: ClusteredSample, pool: DesignEffectPool): MedianDifference => {
  const designEffect = shrinkDesignEffect(medianDesignEffect(sample), pool);
  const df = Math.max(1, sample.blocks - 1 + pool.df);
  const { median, seDown, seUp } = medianError(sample, designEffect);
  return { estimateMs: median, seDownMs: seDown, seUpMs: seUp, df, designEffect };
};

/** What a slower change does to calm answers grows with them (METHOD 4). */
const asJudged = (control: Scenario): Scenario => ({ ...control, scale: "multiplicative" });

const subjectOf = (part: Part, primary: boolean): Subject => ({
  scenario: part.scenario.name,
  metric: part.metric,
  unit: "ms",
  primary,
  method: "twin",
});

const assessPart = (
  part: Part,
  context: JudgeContext,
  speed: MachineSpeed,
  spread: RunSpread,
  pool: DesignEffectPool,
): Comparison => {
  const { scenario, differences, sample } = part;
  const primary = !isByClock(scenario) && (part.metric === "p50" || part.metric === "hit50");
  const subject = subjectOf(part, primary);
  const n = differences.rows.length;
  if (n < part.fewest) return refused(subject, "n", { n });
  const expectedMs = medianOf(differences.basesMs) ?? 0;
  const median = medianDifference(sample, pool);
  const { estimateMs } = median;
  if (estimateMs <= -CENSORED_MS / 2) return refused(subject, "censored", { n, base: null });
  const { relative, absoluteMs } = latencyMargin(context);
  const marginMs = Math.max(relative * expectedMs, absoluteMs);
  const common = { n, base: expectedMs, margin: marginMs };
  if (estimateMs >= CENSORED_MS / 2) {
    const { refused: _, ...censored } = refused(subject, "censored", common);
    return { ...censored, margin: marginMs, label: "unbounded", p: FAILURE_CANDIDATE_P };
  }
  const multiplicative = scenario.scale === "multiplicative";
  const speedVariance = (multiplicative ? speed.seRelative * expectedMs : speed.seMs) ** 2;
  const runVariance = (spread[scenario.scale] * (multiplicative ? expectedMs : speed.controlMs)) ** 2;
  const lowSe = Math.sqrt(median.seDownMs ** 2 + speedVariance + runVariance);
  const highSe = Math.sqrt(median.seUpMs ** 2 + speedVariance + runVariance);
  const limit = multiplicative
    ? saturationBound(context, {
        limitedMs: expectedMs,
        calmMs: speed.controlMs,
        calmRatio: speed.calmRatio,
      })
    : { slower: 0, faster: 0 };
  const [slowerMs, fasterMs] = [limit.slower * expectedMs, limit.faster * expectedMs];
  const t = (q: number): number => tQuantile(q, median.df);
  const ceiling = Math.max(CEILING_RELATIVE * expectedMs, 2 * absoluteMs, 2 * relative * expectedMs);
  const comparison = assessed(subject, {
    ...common,
    head: expectedMs + estimateMs,
    change: estimateMs,
    interval: [estimateMs - slowerMs - t(0.975) * lowSe, estimateMs + fasterMs + t(0.975) * highSe],
    p: tUpperTail((estimateMs - slowerMs - marginMs) / Math.max(lowSe, 1e-6), median.df),
    bounded: estimateMs + fasterMs + t(0.95) * highSe < ceiling,
    details: {
      S: lowSe,
      Sup: highSe,
      df: median.df,
      D: median.designEffect,
      E: expectedMs,
      sigmaRun: spread[scenario.scale],
      ceiling,
    },
  });
  return { ...comparison, smallestVisible: marginMs + slowerMs + (t(0.95) + POWER_Z) * lowSe };
};

/** Is content streamed, so that its first piece is something else than its end? */
const isStreamed = (run: RunSample): boolean => {
  const chunks = medianOf(
    run.profile.observations.filter((row) => row.outcome === "ok").map((row) => row.chunks),
  );
  return chunks !== null && chunks > 1;
};

const partsOf = (
  context: JudgeContext,
  bases: readonly RunSample[],
  head: RunSample,
  speed: MachineSpeed,
  measure: Measure,
): readonly Part[] => {
  const [all, hits]: [Metric, Metric] = measure === "latency" ? ["p50", "hit50"] : ["ttft50", "ttft-hit50"];
  return context.scenarios.flatMap((planned) => {
    if (planned.shape === "control" && !context.paired) return [];
    const scenario = planned.shape === "control" ? asJudged(planned) : planned;
    const differences = twinDifferences(head, bases, scenario, speed, measure);
    const part = (metric: Metric, of: TwinDifferences, fewest: number): Part => ({
      scenario,
      metric,
      differences: of,
      sample: blockedSample(of),
      fewest,
    });
    const whole = part(all, differences, FEWEST_ROWS);
    if (scenario.shape !== "attributed") return [whole];
    const struck = onlyThose(differences, (row) => row.hit);
    if (struck.rows.length === 0 || struck.rows.length === differences.rows.length) return [whole];
    return [whole, part(hits, struck, FEWEST_HITS)];
  });
};

/** Calm traffic can not be judged against a stored run; what it did is shown (METHOD 1, stored mode). */
const calmAdvisory = (context: JudgeContext, speed: MachineSpeed, control: Scenario): Comparison => {
  const rows = headRun(context).samples.get(control.name)?.rows ?? [];
  const head = medianOf(rows.filter((row) => !row.failed).map((row) => row.latencyMs));
  const subject: Subject = {
    scenario: control.name,
    metric: "p50",
    unit: "ms",
    primary: false,
    method: "twin",
  };
  const base = speed.controlMs;
  const change = head === null ? {} : { head, change: head - base };
  return refused(subject, "advisory", { n: rows.length, base, ...change });
};

export const latencyComparisons = (context: JudgeContext, speedOf: SpeedOf): readonly Comparison[] => {
  const control = controlScenario(context);
  if (control === null || context.twins.length === 0) return [];
  const head = headRun(context);
  const comparisons: Comparison[] = [];
  const measures: readonly Measure[] = isStreamed(head) ? ["latency", "ttft"] : ["latency"];
  for (const measure of measures) {
    const speed = speedOf(control.name, measure);
    if (measure === "latency" && !context.paired) comparisons.push(calmAdvisory(context, speed, control));
    const parts = partsOf(context, context.twins, head, speed, measure);
    const pool = poolDesignEffects(
      parts
        .filter((part) => !isByClock(part.scenario) && part.differences.rows.length >= part.fewest)
        .map((part) => medianDesignEffect(part.sample)),
    );
    const spread = learnedRunSpread(context, control.name, measure);
    for (const part of parts) comparisons.push(assessPart(part, context, speed, spread, pool));
  }
  return comparisons;
};
