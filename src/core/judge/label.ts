import type { Scenario } from "../profile.ts";
import { holmRejections } from "../statistics/holm.ts";
import { tQuantile } from "../statistics/student-t.ts";
import type { Comparison, ComparisonLabel, Metric } from "../verdict.ts";
import { isEvaluable } from "./comparison.ts";

const keyOf = (comparison: Comparison): string =>
  [comparison.scenario, comparison.metric, comparison.edge ?? ""].join("|");

/** Medians of which a twin's takes the place of a stored one as the primary measure of latency (METHOD 10). */
const MEDIANS: ReadonlySet<Metric> = new Set<Metric>(["p50", "hit50"]);

/** Of a kill these only count the dead seconds, which recovery judges; the stored check allows for its margin. */
const DEAD_SECONDS: ReadonlySet<Metric> = new Set<Metric>(["error-rate", "hit-error-rate", "late-rate"]);

/**
 * Twin results take the place of stored ones for the same scenario and metric. Where a twin judges a scenario's median,
 * its stored medians are no longer primary.
 */
export const mergeComparisons = (
  stored: readonly Comparison[],
  allTwins: readonly Comparison[],
  scenarios: readonly Scenario[],
): readonly Comparison[] => {
  const kills = new Set(scenarios.filter(({ shape }) => shape === "kill").map(({ name }) => name));
  const twins = allTwins.filter((twin) => !(kills.has(twin.scenario) && DEAD_SECONDS.has(twin.metric)));
  const byKey = new Map(twins.map((twin) => [keyOf(twin), twin]));
  const judgedByTwin = new Set(
    twins.filter((twin) => MEDIANS.has(twin.metric) && isEvaluable(twin)).map((twin) => twin.scenario),
  );
  const kept = stored.map((comparison) => {
    const twin = byKey.get(keyOf(comparison));
    if (twin !== undefined) {
      byKey.delete(keyOf(comparison));
      return twin;
    }
    const superseded = MEDIANS.has(comparison.metric) && judgedByTwin.has(comparison.scenario);
    return superseded ? { ...comparison, primary: false } : comparison;
  });
  return [...kept, ...byKey.values()];
};

/** Power at which the smallest visible change is quoted. */
const POWER = 0.8;

/** Margin + the change that Holm's first step would reject with 80 % power. */
const smallestVisible = (comparison: Comparison, level: number): number | null => {
  const { S, df } = comparison.details;
  if (comparison.smallestVisible !== null) return comparison.smallestVisible;
  if (comparison.margin === null || S === undefined || df === undefined || !Number.isFinite(S)) return null;
  return comparison.margin + (tQuantile(1 - level, df) + tQuantile(POWER, df)) * S;
};

const labelOf = (comparison: Comparison, rejected: boolean): ComparisonLabel => {
  if (rejected) return "regressed";
  const { interval, margin, moreIsBetter } = comparison;
  const isBetter = ([low, high]: readonly [number, number], by: number): boolean =>
    moreIsBetter === true ? low > by : high < -by;
  const better = interval !== null && margin !== null && isBetter(interval, margin);
  return better && comparison.label === "ok" ? "improved" : comparison.label;
};

/** More of these is what makes fewer fallbacks and faster answers no improvement. */
const FAILURES: ReadonlySet<Metric> = new Set<Metric>([
  "error-rate",
  "hit-error-rate",
  "incomplete-rate",
  "hit-incomplete-rate",
  "wrong-rate",
  "drift-rate",
  // A job that dies early is soon done.
  "not-completed",
  "failed-restarts",
]);

/** An outage answered at once with errors has fewer fallbacks and less latency: the other side of a regression is no gain. */
const withoutHollowGains = (comparisons: readonly Comparison[]): readonly Comparison[] => {
  const failing = new Set(
    comparisons
      .filter(({ label, metric }) => label === "regressed" && FAILURES.has(metric))
      .map(({ scenario }) => scenario),
  );
  return comparisons.map((comparison) =>
    comparison.label === "improved" && failing.has(comparison.scenario)
      ? { ...comparison, label: "ok" }
      : comparison,
  );
};

/** What an answer in place of an error may cost: a fallback, another call. */
const PRICES: ReadonlySet<Metric> = new Set<Metric>([
  "degraded-rate",
  "hit-degraded-rate",
  "calls-per-request",
  "hit-calls-per-request",
]);

const isDegraded = ({ metric }: Comparison): boolean =>
  metric === "degraded-rate" || metric === "hit-degraded-rate";

/** Which errors a fallback stands for: of all requests, or of those that were struck. */
const failuresLike = ({ metric }: Comparison): Metric =>
  metric === "hit-degraded-rate" ? "hit-error-rate" : "error-rate";

/**
 * A retry or a fallback that turns errors into answers is what a resilient change does: neither the calls nor the fallbacks it takes
 * are a regression, as long as no more are degraded than failed before.
 */
const withoutFairPrices = (comparisons: readonly Comparison[]): readonly Comparison[] => {
  const improved = new Map(
    comparisons
      .filter(({ label, metric }) => label === "improved" && FAILURES.has(metric))
      .map((comparison) => [`${comparison.scenario}|${comparison.metric}`, comparison]),
  );
  const isFair = (price: Comparison): boolean => {
    const errors =
      improved.get(`${price.scenario}|${failuresLike(price)}`) ??
      improved.get(`${price.scenario}|error-rate`);
    if (errors === undefined) return false;
    return !isDegraded(price) || (price.change ?? 0) + (errors.change ?? 0) <= (price.margin ?? 0);
  };
  return comparisons.map((comparison) =>
    comparison.label === "regressed" && PRICES.has(comparison.metric) && isFair(comparison)
      ? { ...comparison, label: "advisory" }
      : comparison,
  );
};

/** Holm's procedure over every evaluable comparison of the pull request, then one label each (METHOD 7). */
export const labelComparisons = (
  comparisons: readonly Comparison[],
  alpha: number,
): readonly Comparison[] => {
  const evaluable = comparisons.filter(isEvaluable);
  const rejections = holmRejections(
    evaluable.map((comparison) => comparison.p ?? 1),
    alpha,
  );
  const rejected = new Set(evaluable.filter((_, index) => rejections[index] === true));
  const level = alpha / Math.max(1, evaluable.length);
  const labelled = comparisons.map((comparison) =>
    isEvaluable(comparison)
      ? {
          ...comparison,
          label: labelOf(comparison, rejected.has(comparison)),
          smallestVisible: smallestVisible(comparison, level),
        }
      : comparison,
  );
  return withoutFairPrices(withoutHollowGains(labelled));
};
