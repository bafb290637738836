/** Time from a kill to the first good answer, on a log scale (METHOD 6 and 10). */
import type { RecoveryRecord, Scenario } from "../../profile.ts";
import { logSample, moderatedError } from "../../statistics/moderated-t.ts";
import { tQuantile, tUpperTail } from "../../statistics/student-t.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, FAILURE_CANDIDATE_P, refused } from "../comparison.ts";
import type { JudgeContext, RunSample, Side } from "../context.ts";
import { faultScenarios, headRun, inBaseline } from "../context.ts";

/** Fewest recovered kills in either run. */
const LEAST_KILLS = 3;
/** Ceiling over margin: 60 % over 25 %, and 1 s over 0.5 s. */
const CEILING_RELATIVE = 2.4;
const CEILING_ABSOLUTE = 2;

/** A recovery faster than this can not be told from one at once. */
const RESOLUTION_MS = 1;

const recordsOf = (run: RunSample, scenario: string): readonly RecoveryRecord[] =>
  run.profile.recoveries.filter((record) => record.scenario === scenario);

const recovered = (records: readonly RecoveryRecord[]): readonly number[] =>
  records.flatMap((record) =>
    record.recoveryMs === null ? [] : [Math.max(RESOLUTION_MS, record.recoveryMs)],
  );

/**
 * The baseline's recoveries as the head's machine would show them. How much of a recovery is work, which takes the machine's time, and
 * how much is waiting, which does not, nobody knows: the truth lies between the slowest and the fastest.
 */
const expectedRecoveries = (
  baseline: Side,
  head: RunSample,
  scenario: string,
  end: "slowest" | "fastest",
): readonly number[] =>
  baseline.runs.flatMap((run) => {
    const ratio = head.profile.probeMs / run.profile.probeMs || 1;
    const times = end === "slowest" ? Math.max(1, ratio) : Math.min(1, ratio);
    return recovered(recordsOf(run, scenario)).map((time) => time * times);
  });

const compareScenario = (context: JudgeContext, baseline: Side, scenario: Scenario): Comparison => {
  const subject = {
    scenario: scenario.name,
    metric: "recovery",
    unit: "ms",
    primary: true,
    method: "stored",
  } as const;
  const run = headRun(context);
  const headRecords = recordsOf(run, scenario.name);
  const headTimes = recovered(headRecords);
  const baseTimes = expectedRecoveries(baseline, run, scenario.name, "slowest");
  const censored = headRecords.length - headTimes.length;
  if (headRecords.length === 0 || baseTimes.length === 0)
    return refused(subject, "not-measured", { n: headTimes.length });
  if (baseTimes.length < LEAST_KILLS) return refused(subject, "n", { n: headTimes.length });
  const base = logSample(baseTimes);
  const expected = Math.exp(base.mean);
  const { relative, absoluteMs } = context.policy.recovery;
  const margin = Math.max(relative * expected, absoluteMs);
  const ceiling = Math.max(CEILING_RELATIVE * relative * expected, CEILING_ABSOLUTE * absoluteMs);
  if (2 * censored > headRecords.length) {
    const watched = Math.min(
      ...headRecords.flatMap((record) => (record.recoveryMs === null ? [record.watchedMs] : [])),
    );
    const change = Math.max(0, watched - expected);
    const details = { E: expected, ceiling, censored };
    const figures = { base: expected, head: watched, change, margin, n: headRecords.length, details };
    return assessed(subject, {
      ...figures,
      interval: [change, change],
      p: FAILURE_CANDIDATE_P,
      bounded: false,
    });
  }
  if (headTimes.length < LEAST_KILLS) return refused(subject, "n", { base: expected, n: headTimes.length });
  const head = logSample(headTimes);
  const { se, df } = moderatedError(head, base);
  const difference = head.mean - base.mean;
  const changeAt = (log: number): number => expected * Math.expm1(log);
  const fastest = logSample(expectedRecoveries(baseline, run, scenario.name, "fastest")).mean;
  const half = tQuantile(0.975, df) * se;
  const upper = changeAt(difference + tQuantile(0.95, df) * se);
  return assessed(subject, {
    base: expected,
    head: Math.exp(head.mean),
    change: changeAt(difference),
    // It holds no change wherever between the two the truth lies; what is allowed is counted from the slowest.
    interval: [changeAt(difference - half), Math.exp(fastest) * Math.expm1(head.mean - fastest + half)],
    margin,
    p: tUpperTail((difference - Math.log1p(margin / expected)) / se, df),
    bounded: upper < ceiling,
    n: headTimes.length,
    details: { E: expected, S: expected * se, df, upper, ceiling, censored },
  });
};

/** How the head's recoveries may differ from the baseline's without being worse, ms. */
export interface RecoveryAllowance {
  /** Longer by the margin, and by what a slower machine explains. */
  readonly allowedMs: number;
  /** Of that, what the machine alone explains. */
  readonly slowerMs: number;
  /** Shorter by what a faster machine explains. */
  readonly fasterMs: number;
}

/** Null where the baseline never recovered. */
export const recoveryAllowance = (
  context: JudgeContext,
  baseline: Side,
  scenario: Scenario,
): RecoveryAllowance | null => {
  const times = (end: "slowest" | "fastest"): readonly number[] =>
    expectedRecoveries(baseline, headRun(context), scenario.name, end);
  const measuredTimes = baseline.runs.flatMap((run) => recovered(recordsOf(run, scenario.name)));
  if (measuredTimes.length === 0) return null;
  const usual = (sample: readonly number[]): number => Math.exp(logSample(sample).mean);
  const [slowest, fastest, measured] = [times("slowest"), times("fastest"), measuredTimes].map(usual) as [
    number,
    number,
    number,
  ];
  const { relative, absoluteMs } = context.policy.recovery;
  const slowerMs = slowest - measured;
  return {
    allowedMs: Math.max(relative * slowest, absoluteMs) + slowerMs,
    slowerMs,
    fasterMs: measured - fastest,
  };
};

export const recoveryComparisons = (context: JudgeContext): readonly Comparison[] => {
  const { baseline } = context;
  if (baseline === null) return [];
  return faultScenarios(context)
    .filter((scenario) => scenario.shape === "kill" && inBaseline(context, scenario.name))
    .map((scenario) => compareScenario(context, baseline, scenario));
};
