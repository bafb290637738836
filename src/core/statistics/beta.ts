import betainc from "@stdlib/math-base-special-betainc";

const STEPS = 60;

/** x with P(X <= x) = p of a beta distribution, by bisection of the regularised incomplete beta function. */
const betaQuantile = (p: number, a: number, b: number): number => {
  let [low, high] = [0, 1];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (betainc(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/** A chance of success as it is known after some trials. */
export interface Chance {
  /** Of the posterior. */
  readonly mean: number;
  readonly interval: readonly [number, number];
}

/**
 * The chance of success after `k` of `n`, from a uniform prior (Bayes and Laplace): posterior Beta(k + 1, n - k + 1), its mean (the rule of
 * succession) and its equal-tailed interval.
 */
export const chanceAfter = (k: number, n: number, level = 0.95): Chance => {
  const [a, b] = [k + 1, n - k + 1];
  const tail = (1 - level) / 2;
  return { mean: a / (a + b), interval: [betaQuantile(tail, a, b), betaQuantile(1 - tail, a, b)] };
};
