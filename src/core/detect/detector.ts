/** What every detector is: it learns from tables of figures, and says of each second of a run whether something is wrong. */
import type { FeatureTable } from "./features.ts";

export interface Training {
  /** The run that is watched. Of it only the reference, its first calm seconds, may be learned from. */
  readonly own: FeatureTable;
  /** Earlier runs, labelled by their plan, oldest first. */
  readonly earlier: readonly FeatureTable[];
  readonly seed: number;
}

export interface Fitted {
  /** "two-class, trained on 5 runs", "median/MAD, k = 6" */
  readonly form: string;
  /** Why another form than the one asked for was used; absent: it was that one. */
  readonly fellBack?: string;
  /** By row of the watched run: an anomaly by itself, before `confirmed`. */
  readonly anomalies: readonly boolean[];
}

export type Detector = (training: Training) => Fitted;

/**
 * Two of three consecutive seconds, the present one among them: one odd second is no alarm, and an alarm does not outlast what
 * raised it. A gap in the series is forgotten over.
 */
export const confirmed = (anomalies: readonly boolean[], follows: readonly boolean[]): readonly boolean[] =>
  anomalies.map((isAnomaly, row) => {
    if (!isAnomaly || follows[row] !== true) return false;
    return anomalies[row - 1] === true || (follows[row - 1] === true && anomalies[row - 2] === true);
  });

/** "1 run", "5 runs" */
export const runs = (count: number): string => `${count} ${count === 1 ? "run" : "runs"}`;
