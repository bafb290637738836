/**
 * Shares of runs, or of restarts, in which something happened that should not: head against the pooled baseline. What a job does is no
 * noise, so nothing is allowed; what it does in half of the runs would be seen.
 */
import type { RunFigures } from "../../job/figures.ts";
import { hasLeft } from "../../job/figures.ts";
import { type Count, exceedanceP, newcombeInterval } from "../../statistics/proportion.ts";
import type { Comparison, Metric } from "../../verdict.ts";
import { ALL_SCENARIOS } from "../checks/errors.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { faultScenarios, type JudgeContext } from "../context.ts";
import { type JobProfile, type JobSides, runsOf } from "./sides.ts";

const MARGIN = 0;
/** Three runs without a single case exclude a change that shows in more than half of them (upper 95 % limit 0.47). */
const CEILING = 0.5;
const Z95 = 1.959963984540054;
const Z90 = 1.6448536269514722;

type CountIn = (runs: readonly RunFigures[], tolerance: number | null) => Count;

const runsWith =
  (has: (figures: RunFigures) => boolean): CountIn =>
  (runs) => ({ k: runs.filter(has).length, n: runs.length });

interface ShareRule {
  readonly metric: Metric;
  readonly count: CountIn;
  /** Calm runs are held to it too. */
  readonly inCalm: boolean;
  /** Without it there is no pass. */
  readonly primary: boolean;
  /** Also over all faults together, where a few cases in each add up. */
  readonly pooled: boolean;
  /** Cases of which it could be told if the log told it; absent: it always does. */
  readonly askable?: (runs: readonly RunFigures[]) => number;
}

export const SHARE_RULES: readonly ShareRule[] = [
  {
    metric: "not-completed",
    count: runsWith(({ completed }) => !completed),
    inCalm: true,
    primary: true,
    pooled: true,
  },
  {
    metric: "crashes",
    count: runsWith(({ crashes }) => crashes.length > 0),
    inCalm: true,
    primary: true,
    pooled: false,
  },
  {
    metric: "nan-runs",
    count: runsWith(({ nanSteps }) => nanSteps > 0),
    inCalm: true,
    primary: false,
    pooled: false,
  },
  {
    metric: "loss-left",
    count: (runs, tolerance) => ({
      k: hasLeft(runs, tolerance).length,
      n: tolerance === null ? 0 : runs.filter(({ loss }) => loss !== null).length,
    }),
    askable: (runs) => runs.length,
    inCalm: false,
    primary: true,
    pooled: true,
  },
  {
    metric: "orphans",
    count: runsWith(({ run }) => run.orphans > 0),
    inCalm: true,
    primary: false,
    pooled: false,
  },
  {
    metric: "from-zero",
    // Restarts of which it can be said: a checkpoint had been saved, and a step came.
    count: (runs) => {
      const told = runs.flatMap(({ restarts }) => restarts.flatMap(({ fromZero }) => fromZero ?? []));
      return { k: told.filter((fromZero) => fromZero).length, n: told.length };
    },
    askable: (runs) =>
      runs.reduce(
        (sum, { restarts }) => sum + restarts.filter(({ firstStep }) => firstStep !== null).length,
        0,
      ),
    inCalm: false,
    primary: true,
    pooled: true,
  },
  {
    metric: "failed-restarts",
    count: (runs) => {
      const restarts = runs.flatMap((each) => each.restarts);
      return { k: restarts.filter(({ failed }) => failed).length, n: restarts.length };
    },
    inCalm: false,
    primary: false,
    pooled: false,
  },
];

const share = ({ k, n }: Count): number => (n === 0 ? 0 : k / n);

/**
 * What never happened on either side can not be told to have become worse, so it takes no part in Holm's procedure (Tarone 1990) and
 * makes nothing else less sure; it is bounded all the same.
 */
export const compareShares = (subject: Subject, head: Count, base: Count): Comparison => {
  if (head.n === 0 || base.n === 0)
    return refused({ ...subject, primary: false }, "not-measured", { n: head.n });
  const [low, high] = newcombeInterval(head, base, Z95);
  const upper = newcombeInterval(head, base, Z90)[1];
  const comparison = assessed(subject, {
    base: share(base),
    head: share(head),
    change: share(head) - share(base),
    interval: [low, high],
    margin: MARGIN,
    p: exceedanceP(head, base, MARGIN),
    bounded: upper < CEILING,
    n: head.n,
    details: { k: head.k, baseK: base.k, baseN: base.n, upper, ceiling: CEILING },
  });
  return head.k === 0 && base.k === 0 ? { ...comparison, p: null } : comparison;
};

const summed = (counts: readonly Count[]): Count =>
  counts.reduce((sum, { k, n }) => ({ k: sum.k + k, n: sum.n + n }), { k: 0, n: 0 });

/** Scenarios that both sides have, in the head's mix of them for both: a fault that fails more often must not weigh more on one side. */
const inHeadsMix = (pairs: readonly { readonly head: Count; readonly base: Count }[]) => {
  const both = pairs.filter(({ head, base }) => head.n > 0 && base.n > 0);
  const head = summed(both.map((pair) => pair.head));
  const n = summed(both.map((pair) => pair.base)).n;
  const expected = both.reduce((sum, pair) => sum + pair.head.n * share(pair.base), 0);
  return { head, base: { k: head.n === 0 ? 0 : (n * expected) / head.n, n }, scenarios: both.length };
};

/** Every rule in every scenario that it holds in, and some over all faults together. */
export const shareComparisons = (context: JudgeContext, sides: JobSides): readonly Comparison[] => {
  const { baseline, tolerance } = sides;
  const countIn = (rule: ShareRule, profiles: readonly JobProfile[], scenario: string): Count =>
    rule.count(runsOf(profiles, scenario), tolerance);
  const pairIn = (rule: ShareRule, scenario: string) => ({
    head: countIn(rule, [sides.head], scenario),
    base: countIn(rule, baseline, scenario),
  });
  return SHARE_RULES.flatMap((rule) => {
    const { metric, primary } = rule;
    const subject = { metric, unit: "share", method: "stored" } as const;
    const measured = context.scenarios
      .filter(({ shape, name }) => (shape !== "control" || rule.inCalm) && runsOf(baseline, name).length > 0)
      .map(({ name }) => {
        const { head, base } = pairIn(rule, name);
        const comparison = compareShares({ ...subject, scenario: name, primary }, head, base);
        // What the head's log has ceased to tell stays open, where that of main tells it.
        const silent = head.n === 0 && base.n > 0 && (rule.askable?.(runsOf([sides.head], name)) ?? 0) > 0;
        return silent ? { ...comparison, primary } : comparison;
      });
    if (!rule.pooled) return measured;
    const pooled = inHeadsMix(faultScenarios(context).map(({ name }) => pairIn(rule, name)));
    if (pooled.scenarios < 2) return measured;
    const all = { ...subject, scenario: ALL_SCENARIOS, primary: false };
    return [...measured, compareShares(all, pooled.head, pooled.base)];
  });
};
