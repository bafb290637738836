/**
 * The dual problem of a support vector machine, solved by sequential minimal optimisation:
 *
 *   minimise  1/2 a'Qa + p'a   subject to  y'a = y'a0,  0 <= a_i <= c_i,   Q_ij = y_i y_j K_ij
 *
 * Two variables a step, chosen by second-order information (Fan, Chen & Lin, Working set selection using second order information for
 * training SVM, JMLR 6, 2005, WSS 2), as LIBSVM does. Nothing is drawn: the same data give the same answer.
 */

export interface DualProblem {
  /** n x n, row by row. */
  readonly kernel: Float64Array;
  /** +1 or -1. */
  readonly signs: Int8Array;
  readonly linear: Float64Array;
  /** Upper bounds. */
  readonly bounds: Float64Array;
  /** A start that meets the constraint. */
  readonly start: Float64Array;
  /** Largest violation of the optimality conditions that is left. */
  readonly tolerance: number;
}

export interface DualSolution {
  readonly alphas: Float64Array;
  /** Threshold: decision(x) = sum a_i y_i K(x_i, x) - rho. */
  readonly rho: number;
  readonly iterations: number;
}

const TINY = 1e-12;

/** Q a + p */
const gradientOf = ({ kernel, signs, linear }: DualProblem, alphas: Float64Array): Float64Array => {
  const { length } = alphas;
  const gradient = Float64Array.from(linear);
  for (let other = 0; other < length; other++) {
    const weight = (alphas[other] as number) * (signs[other] as number);
    if (weight === 0) continue;
    for (let index = 0; index < length; index++)
      gradient[index] =
        (gradient[index] as number) +
        (signs[index] as number) * weight * (kernel[other * length + index] as number);
  }
  return gradient;
};

/** May the variable go up (along +y)? */
const canRise = (sign: number, alpha: number, bound: number): boolean =>
  sign > 0 ? alpha < bound : alpha > 0;
const canFall = (sign: number, alpha: number, bound: number): boolean =>
  sign > 0 ? alpha > 0 : alpha < bound;

interface Pair {
  readonly up: number;
  readonly down: number;
}

/** Null: every pair meets the conditions within the tolerance. */
const workingPair = (problem: DualProblem, alphas: Float64Array, gradient: Float64Array): Pair | null => {
  const { kernel, signs, bounds, tolerance } = problem;
  const { length } = alphas;
  let up = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < length; index++) {
    const sign = signs[index] as number;
    if (!canRise(sign, alphas[index] as number, bounds[index] as number)) continue;
    const value = -sign * (gradient[index] as number);
    if (value > most) {
      most = value;
      up = index;
    }
  }
  if (up < 0) return null;
  const own = kernel[up * length + up] as number;
  let down = -1;
  let least = Number.POSITIVE_INFINITY;
  let best = 0;
  for (let index = 0; index < length; index++) {
    const sign = signs[index] as number;
    if (!canFall(sign, alphas[index] as number, bounds[index] as number)) continue;
    const value = -sign * (gradient[index] as number);
    least = Math.min(least, value);
    const gap = most - value;
    if (gap <= 0) continue;
    const curve =
      own + (kernel[index * length + index] as number) - 2 * (kernel[up * length + index] as number);
    const gain = (gap * gap) / Math.max(TINY, curve);
    if (gain > best) {
      best = gain;
      down = index;
    }
  }
  return down < 0 || most - least < tolerance ? null : { up, down };
};

/** Moves the pair along the constraint as far as the curve and the bounds allow; the gradient follows. */
const step = (
  problem: DualProblem,
  alphas: Float64Array,
  gradient: Float64Array,
  { up, down }: Pair,
): void => {
  const { kernel, signs, bounds } = problem;
  const { length } = alphas;
  const upSign = signs[up] as number;
  const downSign = signs[down] as number;
  const curve =
    (kernel[up * length + up] as number) +
    (kernel[down * length + down] as number) -
    2 * (kernel[up * length + down] as number);
  const gap = -upSign * (gradient[up] as number) + downSign * (gradient[down] as number);
  const roomUp = upSign > 0 ? (bounds[up] as number) - (alphas[up] as number) : (alphas[up] as number);
  const roomDown =
    downSign > 0 ? (alphas[down] as number) : (bounds[down] as number) - (alphas[down] as number);
  const length1 = Math.min(gap / Math.max(TINY, curve), roomUp, roomDown);
  // At a bound exactly, or it would be asked for again.
  const moved = (index: number, change: number, isAtBound: boolean): number => {
    const value = (alphas[index] as number) + change;
    if (isAtBound) return change > 0 ? (bounds[index] as number) : 0;
    return Math.min(bounds[index] as number, Math.max(0, value));
  };
  alphas[up] = moved(up, upSign * length1, length1 === roomUp);
  alphas[down] = moved(down, -downSign * length1, length1 === roomDown);
  for (let index = 0; index < length; index++) {
    const difference = (kernel[up * length + index] as number) - (kernel[down * length + index] as number);
    gradient[index] = (gradient[index] as number) + (signs[index] as number) * length1 * difference;
  }
};

/** Mean over free variables; where there is none, the middle of what the conditions allow. */
const rhoOf = ({ signs, bounds }: DualProblem, alphas: Float64Array, gradient: Float64Array): number => {
  let sum = 0;
  let free = 0;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let index = 0; index < alphas.length; index++) {
    const sign = signs[index] as number;
    const alpha = alphas[index] as number;
    const bound = bounds[index] as number;
    const value = sign * (gradient[index] as number);
    if (alpha > 0 && alpha < bound) {
      sum += value;
      free += 1;
    } else if (canRise(sign, alpha, bound)) high = Math.min(high, value);
    else low = Math.max(low, value);
  }
  if (free > 0) return sum / free;
  if (!Number.isFinite(low)) return high;
  return Number.isFinite(high) ? (low + high) / 2 : low;
};

export const solveDual = (problem: DualProblem): DualSolution => {
  const alphas = Float64Array.from(problem.start);
  const gradient = gradientOf(problem, alphas);
  const most = Math.max(30_000, 20 * alphas.length);
  let iterations = 0;
  for (; iterations < most; iterations++) {
    const pair = workingPair(problem, alphas, gradient);
    if (pair === null) break;
    step(problem, alphas, gradient, pair);
  }
  return { alphas, rho: rhoOf(problem, alphas, gradient), iterations };
};
