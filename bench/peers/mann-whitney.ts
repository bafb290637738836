import type { Profile } from "../../src/core/profile.ts";
import { normalQuantile, normalUpperTail } from "../../src/core/statistics/normal.ts";
import { medianOf, quantileOf } from "../../src/core/statistics/quantile.ts";
import { againstNewest, mean, type Peer, rowsByScenario } from "./peer.ts";

/**
 * One-sided p of "a is larger than b" by ranks: normal approximation with ties and continuity corrected, as
 * scipy.stats.mannwhitneyu(a, b, alternative="greater", method="asymptotic").
 */
export const mannWhitneyP = (a: readonly number[], b: readonly number[]): number => {
  const all = [
    ...a.map((value) => ({ value, own: true })),
    ...b.map((value) => ({ value, own: false })),
  ].sort((one, other) => one.value - other.value);
  let ranks = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]?.value === all[start]?.value) end += 1;
    const rank = (start + 1 + end) / 2;
    for (let at = start; at < end; at++) if (all[at]?.own === true) ranks += rank;
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const [n, m, total] = [a.length, b.length, all.length];
  const u = ranks - (n * (n + 1)) / 2;
  const spread = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  return spread === 0 ? 0.5 : normalUpperTail((u - (n * m) / 2 - 0.5) / spread);
};

export const mannWhitney: Peer = {
  name: "Mann-Whitney p < .01",
  fails: (head, baselines) =>
    againstNewest(head, baselines, (now, then) => mannWhitneyP(now.latenciesMs, then.latenciesMs) < 0.01),
};

/**
 * Kayenta's NetflixACAJudge-v1.0 (spinnaker/kayenta, MannWhitneyClassifier: fraction 0.25, confLevel 0.98): a metric is high where the lower
 * end of the shift's 98 % interval is above a quarter of the shift.
 */
const CONFIDENCE = 0.98;
const TOLERANCE = 0.25;
const PASSES_FROM = 75;

/** Hodges and Lehmann's shift with its interval, from all differences. */
const shiftOf = (now: readonly number[], then: readonly number[]): { estimate: number; low: number } => {
  const differences = now.flatMap((a) => then.map((b) => a - b)).sort((a, b) => a - b);
  const [n, m] = [now.length, then.length];
  const half = normalQuantile(1 - (1 - CONFIDENCE) / 2) * Math.sqrt((n * m * (n + m + 1)) / 12);
  const lowest = Math.max(0, Math.floor((n * m) / 2 - half));
  return { estimate: medianOf(differences) ?? 0, low: differences[lowest] ?? 0 };
};

const isHigh = (now: readonly number[], then: readonly number[]): boolean => {
  if (now.length < 3 || then.length < 3) return false;
  const { estimate, low } = shiftOf(now, then);
  return low > TOLERANCE * Math.abs(estimate);
};

/** A metric is a time series: one point a window. */
const series = (profile: Profile, scenario: string): readonly (readonly number[])[] => {
  const windows = profile.windows.flatMap((window, index) => (window.scenario === scenario ? [index] : []));
  const byWindow = Map.groupBy(profile.observations, ({ window }) => window);
  const points = (of: (latencies: readonly number[], failed: number) => number): number[] =>
    windows.map((window) => {
      const rows = byWindow.get(window) ?? [];
      const good = rows.filter(({ outcome }) => outcome === "ok" || outcome === "degraded");
      return of(
        good.map(({ latencyMs }) => latencyMs),
        rows.length === 0 ? 0 : 1 - good.length / rows.length,
      );
    });
  return [
    points((latencies) => mean(latencies)),
    points((latencies) => (latencies.length === 0 ? 0 : quantileOf(latencies, 0.95))),
    points((_, failed) => failed),
  ];
};

export const kayenta: Peer = {
  name: "Kayenta's judge",
  fails: (head, baselines) => {
    const newest = baselines.at(-1);
    if (newest === undefined) return false;
    // Each scenario is a canary of its own, scored by its share of metrics that pass. One score over all scenarios, as Kayenta's weighted
    // sum would be, lets any single broken one of ten pass.
    const scores = rowsByScenario(head).map(({ name }) => {
      const [now, then] = [series(head, name), series(newest, name)];
      const passed = now.filter((points, metric) => !isHigh(points, then[metric] ?? [])).length;
      return passed / now.length;
    });
    return scores.some((share) => 100 * share < PASSES_FROM);
  },
};
