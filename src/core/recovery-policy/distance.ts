/** How alike two symptom vectors are. */
import type { PlaceSymptoms, Symptoms } from "./rule.ts";

/** So much of a share is one step apart. */
const SHARE_STEP = 0.2;
/** Times below it are alike: of a second's few calls the p95 wanders by tens of ms on a shared machine, which is several doublings of 5 ms. */
const SHORT_MS = 50;
/** Fewer figures known on both sides than that tell nothing. */
const FEWEST_SHARED = 2;

type Feature = (place: PlaceSymptoms) => number | null;

const shareOf =
  (figure: "cpu" | "memory" | "errorRate"): Feature =>
  (place) => {
    const value = place[figure];
    return value === null ? null : value / SHARE_STEP;
  };

/** A doubling is one step apart, from `unit` on. */
const doublings =
  (figure: "p95Ms" | "inFlight", unit: number): Feature =>
  (place) => {
    const value = place[figure];
    return value === null ? null : Math.log2(1 + Math.max(0, value) / unit);
  };
const p95Doublings = doublings("p95Ms", SHORT_MS);

const OF_SERVICE: readonly Feature[] = [
  shareOf("cpu"),
  shareOf("memory"),
  shareOf("errorRate"),
  p95Doublings,
  doublings("inFlight", 1),
];
const OF_DEPENDENCY: readonly Feature[] = [shareOf("cpu"), shareOf("errorRate"), p95Doublings];

const steps = (one: PlaceSymptoms, other: PlaceSymptoms, features: readonly Feature[]): number[] =>
  features.flatMap((feature) => {
    const [a, b] = [feature(one), feature(other)];
    return a === null || b === null ? [] : [a - b];
  });

/**
 * Root mean square of the steps between the figures that both know; a share counts a fifth as a step, times and counts a doubling. The
 * scale is fixed: a handful of cases has no spread to take one from. Infinity: too little in common.
 */
export const symptomDistance = (one: Symptoms, other: Symptoms): number => {
  const dependencies = Object.keys(one.of ?? {}).filter((name) => Object.hasOwn(other.of ?? {}, name));
  const all = [
    ...steps(one, other, OF_SERVICE),
    ...dependencies.flatMap((name) => {
      const [a, b] = [one.of?.[name], other.of?.[name]];
      return a === undefined || b === undefined ? [] : steps(a, b, OF_DEPENDENCY);
    }),
  ];
  if (all.length < FEWEST_SHARED) return Number.POSITIVE_INFINITY;
  return Math.sqrt(all.reduce((sum, step) => sum + step * step, 0) / all.length);
};
