/**
 * Where the frontier lies, after the windows so far (probabilistic bisection, Horstein 1963; Waeber, Frazier and Henderson
 * 2013). What holds at one level is taken to hold at every weaker one.
 *
 * A posterior has one weight for each number of levels tolerated: none (0) to all (N), N + 1 in all, together 1.
 */
import betainc from "@stdlib/math-base-special-betainc";
import type { FrontierRange, FrontierStep } from "./range.ts";

/** Requests of one window share a moment: their misses come in clumps, as if there were fewer of them. */
const DESIGN_EFFECT = 1.5;
/** Chance that a window says the wrong thing altogether: a stall of the machine, a cold cache. */
const WRONG_WINDOW = 0.01;
const LEAST_CHANCE = 1e-9;

/**
 * P(at most `allowed` of all requests would miss | `k` of `n` did). The prior gives both sides half: Beta(a, 1) with
 * `allowed` as its median.
 */
export const chanceThatItHolds = (k: number, n: number, allowed: number): number => {
  const a = Math.log(2) / Math.log(1 / allowed);
  return betainc(allowed, k / DESIGN_EFFECT + a, (n - k) / DESIGN_EFFECT + 1);
};

/** Windows that were tried at one level, taken together. */
interface LevelCounts {
  windows: number;
  requests: number;
  readonly beyond: number[];
}

const countsByLevel = (steps: readonly FrontierStep[]): ReadonlyMap<number, LevelCounts> => {
  const counts = new Map<number, LevelCounts>();
  for (const { level, requests, beyond, invalid } of steps) {
    if (invalid !== undefined || requests === 0) continue;
    const known = counts.get(level) ?? { windows: 0, requests: 0, beyond: beyond.map(() => 0) };
    known.windows++;
    known.requests += requests;
    beyond.forEach((count, place) => {
      known.beyond[place] = (known.beyond[place] ?? 0) + count;
    });
    counts.set(level, known);
  }
  return counts;
};

/** All expectations must hold: the least likely one speaks. */
const chanceAt = ({ windows, requests, beyond }: LevelCounts, allowed: readonly number[]): number => {
  const doubt = Math.max(LEAST_CHANCE, WRONG_WINDOW ** windows);
  const chances = beyond.map((k, place) => chanceThatItHolds(k, requests, allowed[place] ?? 0.5));
  return Math.min(1 - doubt, Math.max(doubt, Math.min(1, ...chances)));
};

/**
 * @param allowed share of the requests that may miss each expectation
 * @returns N + 1 weights
 */
export const posteriorOf = (
  { levels }: FrontierRange,
  allowed: readonly number[],
  steps: readonly FrontierStep[],
): readonly number[] => {
  const weights = Array.from({ length: levels.length + 1 }, () => 1);
  for (const [level, counts] of countsByLevel(steps)) {
    const holds = chanceAt(counts, allowed);
    for (const tolerated of weights.keys())
      weights[tolerated] = (weights[tolerated] ?? 0) * (tolerated > level ? holds : 1 - holds);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

/** Least number of levels with so much of the posterior at or below it. */
export const quantileOfPosterior = (posterior: readonly number[], q: number): number => {
  let sum = 0;
  for (const [tolerated, weight] of posterior.entries()) {
    sum += weight;
    if (sum >= q - 1e-12) return tolerated;
  }
  return posterior.length - 1;
};

/** The level whose answer is most open: the one nearest to an even chance of holding. */
export const nextLevel = (posterior: readonly number[]): number => {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let below = 0;
  for (let level = 0; level < posterior.length - 1; level++) {
    below += posterior[level] ?? 0;
    const distance = Math.abs(below - 0.5);
    if (distance < least - 1e-12) {
      least = distance;
      best = level;
    }
  }
  return best;
};
