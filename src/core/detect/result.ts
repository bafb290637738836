/** What detectors made of a run's series; they explain and time a fault, and never set a verdict (METHOD 9). */

export const DETECTOR_NAMES = ["mean-variance", "arma", "svm", "random-forest"] as const;
export type DetectorName = (typeof DETECTOR_NAMES)[number];

/** One detector under one experiment. */
export interface ScenarioDetection {
  readonly scenario: string;
  /** Windows under the fault, and how many of them were flagged. */
  readonly windows: number;
  readonly found: number;
  /** From a window's start to its first flag, median over the found ones; null: none was found. */
  readonly medianDelayMs: number | null;
}

/** An alarm as it began. */
export interface Alarm {
  /** End of its first second, ms from the run's start. */
  readonly atMs: number;
  /** It began in calm. */
  readonly isFalse: boolean;
}

/** For a picture of the run that is enough. */
export const MOST_ALARMS = 200;

export interface DetectorResult {
  readonly detector: DetectorName;
  /** "two-class, trained on 5 runs", "median/MAD, k = 6" */
  readonly form: string;
  /** Why another form than the one asked for was used; absent: it was that one. */
  readonly fellBack?: string;
  readonly calmMs: number;
  readonly falseAlarms: number;
  /** By time, at most `MOST_ALARMS`; absent: an older version wrote it. */
  readonly alarms?: readonly Alarm[];
  readonly scenarios: readonly ScenarioDetection[];
}
