/** How much of a fault the head tolerates, against what the baseline's runs did: posteriors over one grid. */
import { FAULT_CATALOGUE, type Scale } from "../../fault-catalogue.ts";
import { requestExpectation } from "../../frontier/expectation.ts";
import { posteriorOf, quantileOfPosterior } from "../../frontier/posterior.ts";
import { isDescending, valueAt } from "../../frontier/range.ts";
import type { FrontierRecord } from "../../profile.ts";
import { sameValue } from "../../same-value.ts";
import { normalUpperTail } from "../../statistics/normal.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused } from "../comparison.ts";
import { faultScenarios, headRun, type JudgeContext } from "../context.ts";

/** Spread from run to run of what one and the same service tolerates, as a share of it: another machine, another day. */
const RUN_SPREAD: Readonly<Record<Scale, number>> = { additive: 0.05, multiplicative: 0.2 };
/** Ceiling over margin: a loss beyond it is excluded where the comparison is bounded. */
const CEILING = 2;
const BOUND_CHANCE = 0.05;

export const frontiersOf = (context: JudgeContext): readonly FrontierRecord[] =>
  headRun(context).profile.frontiers ?? [];

export const posteriorOfRecord = (
  { range, expect, steps }: FrontierRecord,
  sloMs: number,
): readonly number[] =>
  posteriorOf(
    range,
    expect.map((hypothesis) => requestExpectation(hypothesis, sloMs).allowed),
    steps,
  );

/** Searched along the same range for the same expectation: else two frontiers are two different things. */
const isSame = (one: FrontierRecord, other: FrontierRecord): boolean =>
  one.name === other.name &&
  sameValue(one.range, other.range) &&
  sameValue(one.fault, other.fault) &&
  sameValue(one.expect, other.expect);

/** Each run's posterior counts alike: where runs differ, the mixture is as wide as they are. */
const mixture = (posteriors: readonly (readonly number[])[]): readonly number[] =>
  (posteriors[0] ?? []).map(
    (_, place) => posteriors.reduce((sum, each) => sum + (each[place] ?? 0), 0) / posteriors.length,
  );

interface Loss {
  readonly loss: number;
  readonly chance: number;
}

/** Every pair of places, with how much less the head then tolerates. */
const lossesOf = (
  record: FrontierRecord,
  base: readonly number[],
  head: readonly number[],
): readonly Loss[] => {
  const sign = isDescending(record.range) ? -1 : 1;
  return base.flatMap((there, before) =>
    head.map((here, now) => ({
      loss: sign * (valueAt(record.range, before) - valueAt(record.range, now)),
      chance: there * here,
    })),
  );
};

/** P(loss > limit), with so much noise on top. */
const exceeds = (losses: readonly Loss[], limit: number, spread: number): number =>
  losses.reduce((sum, { loss, chance }) => {
    const beyond = spread > 0 ? normalUpperTail((limit - loss) / spread) : loss > limit ? 1 : 0;
    return sum + chance * beyond;
  }, 0);

/** The loss that so much of the distribution lies at or below. */
const lossQuantile = (losses: readonly Loss[], spread: number, q: number): number => {
  const all = losses.map(({ loss }) => loss);
  let [low, high] = [Math.min(...all) - 4 * spread, Math.max(...all) + 4 * spread];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (exceeds(losses, middle, spread) > 1 - q) low = middle;
    else high = middle;
  }
  return high;
};

/** A loss that the grid cannot show is no loss: the gap to the next level, where the baseline stands. */
const gapAt = ({ range }: FrontierRecord, count: number): number =>
  Math.abs(valueAt(range, count) - valueAt(range, Math.max(0, count - 1)));

const compare = (context: JudgeContext, record: FrontierRecord): Comparison => {
  const { baseline, policy, paired } = context;
  const { sloMs } = headRun(context).profile;
  const ascending = !isDescending(record.range);
  const subject = {
    scenario: record.name,
    metric: "frontier",
    unit: record.range.unit,
    primary: faultScenarios(context).length === 0,
    method: "stored",
  } as const;
  const head = posteriorOfRecord(record, sloMs);
  const now = valueAt(record.range, quantileOfPosterior(head, 0.5));
  const records = (baseline?.runs ?? []).flatMap(({ profile }) =>
    (profile.frontiers ?? []).filter((other) => isSame(other, record)),
  );
  const windows = record.steps.filter(({ invalid }) => invalid === undefined).length;
  if (records.length === 0) return refused(subject, "no-baseline", { head: now, n: windows });
  if (windows === 0) return refused(subject, "not-measured");
  const base = mixture(records.map((other) => posteriorOfRecord(other, sloMs)));
  const count = quantileOfPosterior(base, 0.5);
  const expected = valueAt(record.range, count);
  const margin = Math.max(policy.frontier * Math.abs(expected), gapAt(record, count));
  const spread = paired
    ? 0
    : RUN_SPREAD[FAULT_CATALOGUE[record.fault.kind].scale] *
      Math.abs(expected) *
      Math.sqrt(1 + 1 / records.length);
  const losses = lossesOf(record, base, head);
  const sign = ascending ? -1 : 1;
  const ends = [0.025, 0.975].map((q) => sign * lossQuantile(losses, spread, q)).sort((a, b) => a - b);
  const comparison = assessed(subject, {
    base: expected,
    head: now,
    change: now - expected,
    interval: [ends[0] ?? 0, ends[1] ?? 0],
    margin,
    p: 1 - exceeds(losses, margin * (1 + 1e-9), spread),
    bounded: exceeds(losses, CEILING * margin, spread) < BOUND_CHANCE,
    n: windows,
    details: { spread, runs: records.length },
  });
  return ascending ? { ...comparison, moreIsBetter: true } : comparison;
};

export const frontierComparisons = (context: JudgeContext): readonly Comparison[] =>
  context.baseline === null ? [] : frontiersOf(context).map((record) => compare(context, record));
