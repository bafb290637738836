/** How far a second is from the usual, in standard deviations. */
import type { Detector } from "./detector.ts";
import { type FeatureTable, type LocationAndScale, medianAndMad } from "./features.ts";

/**
 * `robust`: median and MAD, which up to half of the reference cannot spoil. `textbook`: mean and standard deviation (n - 1), into
 * which every outlier enters, so that a large one hides itself.
 */
export type MeanVarianceForm =
  | { readonly name: "robust"; readonly deviations: number }
  | { readonly name: "textbook"; readonly deviations: number };

export const ROBUST: MeanVarianceForm = { name: "robust", deviations: 6 };
export const TEXTBOOK: MeanVarianceForm = { name: "textbook", deviations: 3 };

const meanAndDeviation = (values: readonly number[]): LocationAndScale => {
  const { length } = values;
  const location = values.reduce((sum, value) => sum + value, 0) / Math.max(1, length);
  const squares = values.reduce((sum, value) => sum + (value - location) ** 2, 0);
  return { location, scale: Math.sqrt(squares / Math.max(1, length - 1)) };
};

/**
 * Of one figure: which values lie farther from the reference's middle than `deviations` of its spread.
 *
 * @param values NaN: nothing is known, and nothing flagged
 * @param leastScale of the spread, so that a reference which never moved does not make everything an anomaly
 */
export const farFromUsual = (
  values: readonly number[],
  reference: readonly number[],
  { name, deviations }: MeanVarianceForm,
  leastScale = 0,
): readonly boolean[] => {
  const known = reference.filter((value) => !Number.isNaN(value));
  const { location, scale } = name === "robust" ? medianAndMad(known, leastScale) : meanAndDeviation(known);
  const limit = deviations * Math.max(scale, leastScale);
  return values.map((value) => Math.abs(value - location) > limit);
};

const anyOf = (columns: readonly (readonly boolean[])[], rows: number): readonly boolean[] =>
  Array.from({ length: rows }, (_, row) => columns.some((column) => column[row] === true));

/** Any of the four figures far from the usual. */
const anomaliesOf = ({ z, reference }: FeatureTable, form: MeanVarianceForm): readonly boolean[] => {
  const columns = [0, 1, 2, 3].map((channel) => {
    const values = z.map((row) => row[channel] ?? Number.NaN);
    const usual = reference.map((row) => values[row] ?? Number.NaN);
    // z is in units of the least scale already.
    return farFromUsual(values, usual, form, 1);
  });
  return anyOf(columns, z.length);
};

export const meanVariance =
  (form: MeanVarianceForm = ROBUST): Detector =>
  ({ own }) => ({
    form: form.name === "robust" ? `median/MAD, k = ${form.deviations}` : `mean/SD, k = ${form.deviations}`,
    anomalies: anomaliesOf(own, form),
  });
