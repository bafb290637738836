/** P(X <= k) of a binomial, by its terms: for the counts of runs, which are few. */
const atMost = (k: number, n: number, p: number): number => {
  let term = (1 - p) ** n;
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= ((n - i + 1) / i) * (p / (1 - p));
    sum += term;
  }
  return sum;
};

const STEPS = 60;

/**
 * One-sided upper limit of a share after `k` of `n` (Clopper and Pearson 1934): the largest share under which so few would still
 * happen with chance `alpha`. 1 of no trials, or where all happened.
 */
export const clopperPearsonUpper = (k: number, n: number, alpha = 0.05): number => {
  if (n <= 0 || k >= n) return 1;
  let [low, high] = [k / n, 1];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (atMost(k, n, middle) > alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
