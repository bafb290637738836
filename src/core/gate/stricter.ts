/** Of two suites' limits the ones that are harder to meet. */
import type { Hypothesis, Policy } from "../suite.ts";

/** Choices of the policy, the loosest first. */
export const CHOICES = {
  onInconclusive: ["pass", "warn", "fail"],
  onNoBaseline: ["pass", "fail"],
  onWeakened: ["warn", "fail"],
  acceptance: ["pull-request", "commit", "never"],
} as const satisfies { readonly [K in keyof Policy]?: readonly Policy[K][] };

/** The one further along in `order`. */
const further = <T>(order: readonly T[], one: T, other: T): T =>
  order.indexOf(one) >= order.indexOf(other) ? one : other;

/**
 * Field by field. Every margin counts, and a smaller one finds more; a smaller alpha, a shorter budget and fewer pooled runs
 * find less.
 */
export const stricterPolicy = (a: Policy, b: Policy): Policy => ({
  budgetMs: Math.max(a.budgetMs, b.budgetMs),
  alpha: Math.max(a.alpha, b.alpha),
  latency: {
    relative: Math.min(a.latency.relative, b.latency.relative),
    absoluteMs: Math.min(a.latency.absoluteMs, b.latency.absoluteMs),
  },
  errorRate: Math.min(a.errorRate, b.errorRate),
  degradedRate: Math.min(a.degradedRate, b.degradedRate),
  slowShare: Math.min(a.slowShare, b.slowShare),
  callsPerRequest: {
    relative: Math.min(a.callsPerRequest.relative, b.callsPerRequest.relative),
    absolute: Math.min(a.callsPerRequest.absolute, b.callsPerRequest.absolute),
  },
  recovery: {
    relative: Math.min(a.recovery.relative, b.recovery.relative),
    absoluteMs: Math.min(a.recovery.absoluteMs, b.recovery.absoluteMs),
  },
  frontier: Math.min(a.frontier, b.frontier),
  onInconclusive: further(CHOICES.onInconclusive, a.onInconclusive, b.onInconclusive),
  onNoBaseline: further(CHOICES.onNoBaseline, a.onNoBaseline, b.onNoBaseline),
  onWeakened: further(CHOICES.onWeakened, a.onWeakened, b.onWeakened),
  acceptance: further(CHOICES.acceptance, a.acceptance, b.acceptance),
  // Of two, the longer: it explains more, and decides nothing.
  diagnosisMs: Math.max(a.diagnosisMs, b.diagnosisMs),
  earlyStop: a.earlyStop && b.earlyStop,
  pooledRuns: Math.max(a.pooledRuns, b.pooledRuns),
  maxBaselineAgeMs: Math.min(a.maxBaselineAgeMs, b.maxBaselineAgeMs),
  maxBaselineCommits: Math.min(a.maxBaselineCommits, b.maxBaselineCommits),
  maxLagP99Ms: Math.min(a.maxLagP99Ms, b.maxLagP99Ms),
  minAchievedRate: Math.max(a.minAchievedRate, b.minAchievedRate),
});

const isUpper = ({ comparator }: Hypothesis): boolean => comparator === "<=" || comparator === "<";

export const sameSubject = (one: Hypothesis, other: Hypothesis): boolean =>
  one.metric === other.metric && one.edge === other.edge;

/** Whether whatever meets `one` meets `other` too. */
export const implies = (one: Hypothesis, other: Hypothesis): boolean => {
  if (!sameSubject(one, other) || isUpper(one) !== isUpper(other)) return false;
  if (one.limit === other.limit) return other.comparator.length === 2 || one.comparator.length === 1;
  return isUpper(one) ? one.limit < other.limit : one.limit > other.limit;
};

/** The base's expectations in their order, each as strict as the stricter of both; then what the head alone expects. */
export const stricterExpectations = (
  base: readonly Hypothesis[],
  head: readonly Hypothesis[],
): readonly Hypothesis[] => {
  const kept = base.map((each) => head.find((other) => implies(other, each)) ?? each);
  return [...kept, ...head.filter((each) => !kept.some((other) => implies(other, each)))];
};
