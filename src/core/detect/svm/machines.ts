/** One-class and two-class support vector machines with a radial kernel, in scikit-learn's terms (OneClassSVM, SVC). */
import { solveDual } from "./smo.ts";

export type Rows = readonly Float64Array[];

export interface SupportVectorMachine {
  readonly vectors: Rows;
  /** a_i y_i of each vector. */
  readonly weights: readonly number[];
  readonly rho: number;
  readonly gamma: number;
}

const distance = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += ((a[index] as number) - (b[index] as number)) ** 2;
  return sum;
};

const kernelMatrix = (rows: Rows, gamma: number): Float64Array => {
  const { length } = rows;
  const columns = rows[0]?.length ?? 0;
  const flat = new Float64Array(length * columns);
  for (const [index, row] of rows.entries()) flat.set(row, index * columns);
  const kernel = new Float64Array(length * length);
  for (let index = 0; index < length; index++) {
    kernel[index * length + index] = 1;
    for (let other = 0; other < index; other++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) {
        const difference =
          (flat[index * columns + column] as number) - (flat[other * columns + column] as number);
        sum += difference * difference;
      }
      const value = Math.exp(-gamma * sum);
      kernel[index * length + other] = value;
      kernel[other * length + index] = value;
    }
  }
  return kernel;
};

/** 1 / (columns x variance of all values): scikit-learn's gamma "scale". */
export const gammaScale = (rows: Rows): number => {
  const columns = rows[0]?.length ?? 1;
  const count = Math.max(1, rows.length * columns);
  const sum = rows.reduce((all, row) => all + row.reduce((own, value) => own + value, 0), 0);
  const mean = sum / count;
  const squares = rows.reduce(
    (all, row) => all + row.reduce((own, value) => own + (value - mean) ** 2, 0),
    0,
  );
  return squares === 0 ? 1 : count / (columns * squares);
};

const machineOf = (
  rows: Rows,
  alphas: Float64Array,
  signs: Int8Array,
  rho: number,
  gamma: number,
): SupportVectorMachine => {
  const support = rows.flatMap((_, index) => ((alphas[index] as number) > 0 ? [index] : []));
  return {
    vectors: support.map((index) => rows[index] as Float64Array),
    weights: support.map((index) => (alphas[index] as number) * (signs[index] as number)),
    rho,
    gamma,
  };
};

/**
 * Where most of `rows` lie (Schölkopf et al., Estimating the support of a high-dimensional distribution, 2001). About `nu` of them are
 * left outside.
 *
 * @param nu 0..1
 */
export const oneClass = (rows: Rows, nu: number, gamma: number, tolerance = 1e-3): SupportVectorMachine => {
  const { length } = rows;
  // All weight on the first rows, as LIBSVM starts: it sums to nu * n, and stays so.
  const start = Float64Array.from(rows, (_, index) => Math.min(1, Math.max(0, nu * length - index)));
  const signs = new Int8Array(length).fill(1);
  const { alphas, rho } = solveDual({
    kernel: kernelMatrix(rows, gamma),
    signs,
    linear: new Float64Array(length),
    bounds: new Float64Array(length).fill(1),
    start,
    tolerance,
  });
  return machineOf(rows, alphas, signs, rho, gamma);
};

/** C-support vector classification; both classes weigh the same in all, however many rows they have (class_weight="balanced"). */
export const twoClass = (
  negatives: Rows,
  positives: Rows,
  c: number,
  gamma: number,
  tolerance = 1e-3,
): SupportVectorMachine => {
  const rows = [...negatives, ...positives];
  const { length } = rows;
  const signs = Int8Array.from(rows, (_, index) => (index < negatives.length ? -1 : 1));
  const bounds = Float64Array.from(
    signs,
    (sign) => (c * length) / (2 * (sign < 0 ? negatives.length : positives.length)),
  );
  const { alphas, rho } = solveDual({
    kernel: kernelMatrix(rows, gamma),
    signs,
    linear: new Float64Array(length).fill(-1),
    bounds,
    start: new Float64Array(length),
    tolerance,
  });
  return machineOf(rows, alphas, signs, rho, gamma);
};

/** Two-class: above 0 like the positives. One-class: below 0 unlike the rows. */
export const decision = (
  { vectors, weights, rho, gamma }: SupportVectorMachine,
  row: Float64Array,
): number => {
  let sum = -rho;
  for (const [index, vector] of vectors.entries())
    sum += (weights[index] ?? 0) * Math.exp(-gamma * distance(vector, row));
  return sum;
};
