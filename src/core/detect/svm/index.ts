/** Support vector machines as detectors: two-class where earlier runs show what faults look like, else one-class. */
import { randomFor, shuffled } from "../../random.ts";
import { type Detector, type Fitted, runs, type Training } from "../detector.ts";
import { type FeatureTable, rowsLabelled } from "../features.ts";
import { decision, gammaScale, oneClass, type Rows, twoClass } from "./machines.ts";

const NU = 0.01;
/**
 * Of scikit-learn's gamma. Thirty seconds in twelve dimensions lie so far apart that each would be an island of its own: at its own gamma
 * there were half as many false alarms again (30.6 to 19.4 in 10 minutes, `bench/detect.ts` on the hosted machine).
 */
const ONE_CLASS_GAMMA = 0.1;
const C = 1;
/** Earlier runs, and seconds under faults among them, from which two classes can be told apart. */
const FEWEST_RUNS = 2;
const FEWEST_FAULT_SECONDS = 20;
/** The kernel has this many squared entries; rows beyond are drawn. */
const MOST_ROWS = 1000;

/** A distance of 100 deviations is no more telling than one of 10, and would drown all others in the kernel. */
const squeezed = (row: Float64Array): Float64Array => row.map((value) => Math.asinh(value));

const rowsOf = (table: FeatureTable, rows: readonly number[]): Rows =>
  rows.map((row) => squeezed(table.features[row] as Float64Array));

const atMost = (rows: Rows, most: number, seed: number, key: string): Rows =>
  rows.length <= most ? rows : shuffled(rows, randomFor(seed, "detect", "svm", key)).slice(0, most);

const oneClassFitted = ({ own, earlier, seed }: Training, fellBack: string): Fitted => {
  const calm = [
    ...earlier.flatMap((table) => rowsOf(table, rowsLabelled(table, "calm"))),
    ...rowsOf(own, own.reference),
  ];
  const rows = atMost(calm, MOST_ROWS, seed, "calm");
  const machine = oneClass(rows, NU, ONE_CLASS_GAMMA * gammaScale(rows));
  const from = earlier.length === 0 ? "the run's first calm seconds" : `calm of ${runs(earlier.length)}`;
  return {
    form: `one-class of ${from}, nu = ${NU}`,
    fellBack,
    anomalies: own.features.map((row) => decision(machine, squeezed(row)) < 0),
  };
};

export const svm: Detector = (training) => {
  const { own, earlier, seed } = training;
  const all = (label: "calm" | "fault"): Rows =>
    earlier.flatMap((table) => rowsOf(table, rowsLabelled(table, label)));
  const faults = all("fault");
  const calm = [...all("calm"), ...rowsOf(own, own.reference)];
  if (earlier.length < FEWEST_RUNS)
    return oneClassFitted(
      training,
      `two classes need ${FEWEST_RUNS} earlier runs, there ${earlier.length === 1 ? "is" : "are"} ${earlier.length}`,
    );
  if (faults.length < FEWEST_FAULT_SECONDS)
    return oneClassFitted(
      training,
      `two classes need ${FEWEST_FAULT_SECONDS} s under faults, there are ${faults.length}`,
    );
  // Of each class its share, so that what is left out changes no balance.
  const share = Math.min(1, MOST_ROWS / (calm.length + faults.length));
  const negatives = atMost(calm, Math.floor(share * calm.length), seed, "calm");
  const positives = atMost(faults, Math.floor(share * faults.length), seed, "fault");
  const machine = twoClass(negatives, positives, C, gammaScale([...negatives, ...positives]));
  return {
    form: `two-class, trained on ${runs(earlier.length)}`,
    anomalies: own.features.map((row) => decision(machine, squeezed(row)) > 0),
  };
};
