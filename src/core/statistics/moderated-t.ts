/**
 * Few measurements (kills) on a log scale: their variance is moderated by a prior, as in limma (Smyth 2004), so that six
 * recovery times that happen to agree do not look more certain than recoveries are.
 */

/** METHOD 6: twelve prior degrees of freedom at a spread of 12 %. */
const PRIOR_DF = 12;
const PRIOR_SD = 0.12;

export interface LogSample {
  readonly n: number;
  /** Mean of the logarithms: the log of the geometric mean. */
  readonly mean: number;
  readonly variance: number;
}

export const logSample = (values: readonly number[]): LogSample => {
  const logs = values.map((value) => {
    if (!(value > 0) || !Number.isFinite(value))
      throw new RangeError(`a time must be positive, not ${value}`);
    return Math.log(value);
  });
  const n = logs.length;
  const mean = n === 0 ? Number.NaN : logs.reduce((sum, value) => sum + value, 0) / n;
  const squares = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, variance: n < 2 ? 0 : squares / (n - 1) };
};

export interface ModeratedError {
  /** Standard error of the difference of the two means of logs. */
  readonly se: number;
  readonly df: number;
}

/** Sum of squares about their means, with so many degrees of freedom of its own, moderated by the prior. */
export const moderatedVariance = (
  squares: number,
  freedom: number,
): { readonly variance: number; readonly df: number } => {
  const df = PRIOR_DF + freedom;
  return { variance: (PRIOR_DF * PRIOR_SD ** 2 + squares) / df, df };
};

export const moderatedError = (head: LogSample, base: LogSample): ModeratedError => {
  const squares = (head.n - 1) * head.variance + (base.n - 1) * base.variance;
  const { variance, df } = moderatedVariance(squares, head.n + base.n - 2);
  return { se: Math.sqrt(variance * (1 / head.n + 1 / base.n)), df };
};

/** Standard error of one mean of logs, against a known value. */
export const moderatedErrorOfOne = (sample: LogSample): ModeratedError => {
  const df = PRIOR_DF + sample.n - 1;
  const squares = PRIOR_DF * PRIOR_SD ** 2 + (sample.n - 1) * sample.variance;
  return { se: Math.sqrt(squares / df / sample.n), df };
};
