/** The rows that the judge scored, of the runs that it pooled: what charts of both sides are drawn of. */
import { cleanRun } from "../../../judge/clean.ts";
import { comparableRuns, poolRuns, type RunSample, type Side } from "../../../judge/context.ts";
import { outlierRuns } from "../../../judge/outliers.ts";
import type { PageInput } from "../input.ts";

export interface ComparedRuns {
  readonly head: RunSample;
  /** Pooled, without odd runs; null: nothing to compare with. */
  readonly base: Side | null;
  /** Every comparable run, odd ones too, newest last. */
  readonly runs: readonly RunSample[];
}

type Rules = NonNullable<PageInput["policy"]>;

/** Without the policy: the runs marked their windows by their own, and the result tells how many runs were pooled. */
const rulesOf = ({ result, baselines, policy }: PageInput): Rules =>
  policy ?? {
    maxLagP99Ms: Number.POSITIVE_INFINITY,
    minAchievedRate: 0,
    // A confirmed result tells of the pair, which is not among the baselines.
    pooledRuns: result.confirmation === undefined ? (result.baseline?.runs ?? 0) : baselines.length,
  };

const compare = (input: PageInput): ComparedRuns | null => {
  const { head, baselines, result } = input;
  if (head === null) return null;
  const policy = rulesOf(input);
  const rules = { policy, sloMs: head.sloMs };
  const isCompared = result.baseline !== null || result.confirmation !== undefined;
  const { kept } = comparableRuns(head, isCompared ? baselines : [], policy);
  const runs = kept.map((profile, run) => cleanRun(profile, run, rules));
  const odd = new Set(outlierRuns(runs).map(({ profile }) => profile));
  const pooled = runs.filter(({ profile }) => !odd.has(profile));
  return {
    head: cleanRun(head, 0, rules),
    base: pooled.length === 0 ? null : poolRuns(pooled),
    runs,
  };
};

/** Half a million rows are cleaned once for all sections of a page. */
const known = new WeakMap<PageInput, ComparedRuns | null>();

/** @returns null without the head's samples */
export const comparedRuns = (input: PageInput): ComparedRuns | null => {
  const found = known.get(input);
  if (found !== undefined) return found;
  const made = compare(input);
  known.set(input, made);
  return made;
};
