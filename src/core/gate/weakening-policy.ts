import type { Policy } from "../suite.ts";
import { exactMs, exactNumber, exactPoints, exactShare } from "./exactly.ts";
import { CHOICES } from "./stricter.ts";
import type { Weakening } from "./weakening.ts";

/** A number of the policy: its name in the suite, how it is written, and whether more of it is looser. */
interface Limit {
  readonly name: string;
  readonly of: (policy: Policy) => number;
  readonly words: (value: number) => string;
  readonly looser: "more" | "less";
}

const LIMITS: readonly Limit[] = [
  { name: "minEffect.latency", of: ({ latency }) => latency.relative, words: exactShare, looser: "more" },
  { name: "minEffect.latency", of: ({ latency }) => latency.absoluteMs, words: exactMs, looser: "more" },
  { name: "minEffect.errorRate", of: ({ errorRate }) => errorRate, words: exactPoints, looser: "more" },
  {
    name: "minEffect.degradedRate",
    of: ({ degradedRate }) => degradedRate,
    words: exactPoints,
    looser: "more",
  },
  { name: "minEffect.slowShare", of: ({ slowShare }) => slowShare, words: exactPoints, looser: "more" },
  {
    name: "minEffect.callsPerRequest",
    of: (policy) => policy.callsPerRequest.relative,
    words: exactShare,
    looser: "more",
  },
  {
    name: "minEffect.callsPerRequest",
    of: (policy) => policy.callsPerRequest.absolute,
    words: exactNumber,
    looser: "more",
  },
  { name: "minEffect.recovery", of: ({ recovery }) => recovery.relative, words: exactShare, looser: "more" },
  { name: "minEffect.recovery", of: ({ recovery }) => recovery.absoluteMs, words: exactMs, looser: "more" },
  { name: "minEffect.frontier", of: ({ frontier }) => frontier, words: exactShare, looser: "more" },
  // Fewer false alarms, and less seen.
  { name: "alpha", of: ({ alpha }) => alpha, words: exactNumber, looser: "less" },
  { name: "budget", of: ({ budgetMs }) => budgetMs, words: exactMs, looser: "less" },
  { name: "pooledRuns", of: ({ pooledRuns }) => pooledRuns, words: exactNumber, looser: "less" },
  { name: "maxBaselineAge", of: ({ maxBaselineAgeMs }) => maxBaselineAgeMs, words: exactMs, looser: "more" },
  {
    name: "maxBaselineCommits",
    of: ({ maxBaselineCommits }) => maxBaselineCommits,
    words: exactNumber,
    looser: "more",
  },
  { name: "maxLagP99", of: ({ maxLagP99Ms }) => maxLagP99Ms, words: exactMs, looser: "more" },
  { name: "minAchieved", of: ({ minAchievedRate }) => minAchievedRate, words: exactShare, looser: "less" },
];

const loosened = (name: string, from: string, to: string): Weakening => ({
  scenario: null,
  title: `gate.${name} was loosened from ${from} to ${to}`,
  done: "The base branch's holds for this run.",
});

const choices = (base: Policy, head: Policy): readonly Weakening[] =>
  (Object.keys(CHOICES) as (keyof typeof CHOICES)[]).flatMap((name) => {
    const order: readonly string[] = CHOICES[name];
    return order.indexOf(head[name]) < order.indexOf(base[name])
      ? [loosened(name, base[name], head[name])]
      : [];
  });

export const policyWeakenings = (base: Policy, head: Policy): readonly Weakening[] => [
  ...LIMITS.flatMap(({ name, of, words, looser }) => {
    const [before, after] = [of(base), of(head)];
    const isLooser = looser === "more" ? after > before : after < before;
    return isLooser ? [loosened(name, words(before), words(after))] : [];
  }),
  ...choices(base, head),
  ...(head.earlyStop && !base.earlyStop ? [loosened("earlyStop", "false", "true")] : []),
];
