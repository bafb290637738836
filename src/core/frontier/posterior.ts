/**
 * Where the frontier lies, after the windows so far (probabilistic bisection, Horstein 1963; Waeber, Frazier and Henderson
 * 2013). What holds at one level is taken to hold at every weaker one.
 *
 * A posterior has one weight for each number of levels tolerated: none (0) to all (N), N + 1 in all, together 1.
 */
import betainc from "@stdlib/math-base-special-betainc";
import type { FrontierRange, FrontierStep } from "./range.ts";

/** Requests of one window share a moment: their misses come in clumps, as if there were fewer of them. */
const DESIGN_EFFECT = 2;
/** Chance that a window says the wrong thing altogether: a stall of the machine, a cold cache. */
const WRONG_WINDOW = 0.01;

/**
 * P(at most `allowed` of all requests would miss | `k` of `n` did). The prior gives both sides half: Beta(a, 1) with
 * `allowed` as its median.
 */
export const chanceThatItHolds = (k: number, n: number, allowed: number): number => {
  const a = Math.log(2) / Math.log(1 / allowed);
  return betainc(allowed, k / DESIGN_EFFECT + a, (n - k) / DESIGN_EFFECT + 1);
};

/**
 * All expectations must hold: the least likely one speaks. Each window speaks for itself and is never quite believed: counts of
 * one level taken together would let a single stall outweigh any number of good windows.
 */
const chanceOf = ({ requests, beyond }: FrontierStep, allowed: readonly number[]): number => {
  const chances = beyond.map((k, place) => chanceThatItHolds(k, requests, allowed[place] ?? 0.5));
  return Math.min(1 - WRONG_WINDOW, Math.max(WRONG_WINDOW, Math.min(1, ...chances)));
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
  for (const step of steps) {
    if (step.invalid !== undefined || step.requests === 0) continue;
    const holds = chanceOf(step, allowed);
    for (const tolerated of weights.keys())
      weights[tolerated] = (weights[tolerated] ?? 0) * (tolerated > step.level ? holds : 1 - holds);
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
