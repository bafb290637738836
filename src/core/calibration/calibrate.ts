/**
 * What the gate does to code that did not change, on this machine: how often it would fail, what it could see, and what more it
 * would take to see less. From n runs of the same service, each judged against those before it, as main's runs will be.
 */
import { judge } from "../judge/judge.ts";
import type { Profile } from "../profile.ts";
import { clopperPearsonUpper } from "../statistics/binomial.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { Experiment, Policy } from "../suite.ts";
import type { Comparison, Metric, MetricUnit, VerdictWord } from "../verdict.ts";
import { type Noise, noiseOf } from "./noise.ts";

/** The smallest change of one metric that a run could have seen, under the fault where it saw least. */
export interface Visible {
  readonly metric: Metric;
  readonly unit: MetricUnit;
  readonly scenario: string;
  /** Shares 0..1, times ms. */
  readonly visible: number;
  /** What the policy allows: nothing smaller is ever seen. */
  readonly margin: number;
  /** Design effect, median over the scenarios: how many requests are worth one. */
  readonly designEffect: number | null;
}

export interface Calibration {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly suiteHash: string;
  readonly runs: number;
  /** Of each run against those before it. */
  readonly words: readonly VerdictWord[];
  readonly failed: number;
  /** Upper limit of the share that fails, with 95 % confidence. */
  readonly failedUpper: number;
  readonly visible: readonly Visible[];
  readonly noise: Noise;
  /** Time under load of a run, ms. */
  readonly measuringMs: number;
}

/** Metrics that a person asks about, in the order in which they are told. */
const TOLD: readonly Metric[] = [
  "error-rate",
  "hit-error-rate",
  "p50",
  "hit50",
  "ttft50",
  "slow-share",
  "degraded-rate",
  "recovery",
];

const visibleOf = (comparisons: readonly Comparison[]): readonly Visible[] =>
  TOLD.flatMap((metric) => {
    const own = comparisons.filter(
      (each) =>
        each.metric === metric &&
        each.scenario !== "control" &&
        each.scenario !== "all" &&
        each.smallestVisible !== null &&
        Number.isFinite(each.smallestVisible),
    );
    const [first] = own;
    if (first === undefined) return [];
    const byScenario = [...Map.groupBy(own, ({ scenario }) => scenario)].map(([scenario, all]) => ({
      scenario,
      visible: medianOf(all.map((each) => each.smallestVisible ?? 0)) ?? 0,
      margin: medianOf(all.map((each) => each.margin ?? 0)) ?? 0,
    }));
    const worst = byScenario.reduce((a, b) => (b.visible > a.visible ? b : a));
    const designEffect = medianOf(own.flatMap(({ details }) => details["D"] ?? []));
    return [{ metric, unit: first.unit, ...worst, designEffect }];
  });

/** @param profiles oldest first, of one and the same service; at least two */
export const calibrate = (
  profiles: readonly Profile[],
  policy: Policy,
  experiments: readonly Experiment[],
): Calibration => {
  const [first] = profiles;
  if (first === undefined || profiles.length < 2)
    throw new RangeError("a calibration takes at least two runs");
  const verdicts = profiles.slice(1).map((head, index) =>
    judge({
      head,
      baseline: { schemaVersion: 1, suite: head.suite, profiles: profiles.slice(0, index + 1) },
      policy,
      experiments,
    }),
  );
  const words = verdicts.map(({ word }) => word);
  // An expectation that the service breaks by itself is no false alarm of the comparison.
  const failed = verdicts.filter(({ findings }) =>
    findings.some(({ kind, severity }) => kind === "regression" && severity === "block"),
  ).length;
  return {
    schemaVersion: 1,
    suite: first.suite,
    suiteHash: first.suiteHash,
    runs: profiles.length,
    words,
    failed,
    failedUpper: clopperPearsonUpper(failed, verdicts.length),
    visible: visibleOf(verdicts.flatMap(({ comparisons }) => comparisons)),
    noise: noiseOf(profiles, policy),
    measuringMs: medianOf(profiles.map(({ measuringMs }) => measuringMs)) ?? 0,
  };
};

/**
 * Times the measuring that it would take to see `wished`: an error shrinks with the root of the time. Null: out of reach however
 * long, because the policy allows as much.
 */
export const timesLonger = ({ visible, margin }: Visible, wished: number): number | null => {
  if (wished <= margin) return null;
  return Math.max(1, ((visible - margin) / (wished - margin)) ** 2);
};
