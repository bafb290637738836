/**
 * Profile + earlier profiles -> what each detector saw of the run:
 *
 *   profile --series--> seconds --features--> table --detector--> anomalies --2 of 3--> flags --scores--> DetectorResult
 */
import { comparability } from "../judge/comparable.ts";
import type { Profile } from "../profile.ts";
import { arma } from "./arma.ts";
import { confirmed, type Detector } from "./detector.ts";
import { FEWEST_REFERENCE_SECONDS, type FeatureTable, featureTable } from "./features.ts";
import { meanVariance } from "./mean-variance.ts";
import { randomForest } from "./random-forest.ts";
import type { DetectorName, DetectorResult } from "./result.ts";
import { scoresOf } from "./scores.ts";
import { faultStartsOf, seriesOf } from "./series.ts";
import { svm } from "./svm/index.ts";

const DETECTORS: Readonly<Record<DetectorName, Detector>> = {
  "mean-variance": meanVariance(),
  arma,
  svm,
  "random-forest": randomForest,
};

/** Newest runs that detectors learn from. */
const MOST_RUNS = 8;

/** A service under the same load on the same kind of machine: other experiments are no harm, faults are told from calm. */
const isSameFrame = (head: Profile, earlier: Profile): boolean => {
  const { kind } = comparability(head, earlier);
  return kind === "whole" || kind === "by-scenario";
};

/** Tables of the baseline's runs that can be learned from, oldest first. */
const trainingTables = (head: Profile, baseline: readonly Profile[]): readonly FeatureTable[] =>
  baseline
    .filter((profile) => isSameFrame(head, profile))
    .slice(-MOST_RUNS)
    .flatMap((profile) => featureTable(seriesOf(profile)) ?? []);

const unable = (detector: DetectorName): DetectorResult => ({
  detector,
  form: "not run",
  fellBack: `the run has fewer than ${FEWEST_REFERENCE_SECONDS} s of calm to tell what is usual`,
  calmMs: 0,
  falseAlarms: 0,
  scenarios: [],
});

/**
 * What the detectors saw of a run, each scored by the schedule of injections. The same profiles give the same answer.
 *
 * @param baseline newest last; those of another frame are passed over
 * @returns one for each detector, in the order asked for; empty where the run has no series at all
 */
export const detect = (
  head: Profile,
  baseline: readonly Profile[],
  detectors: readonly DetectorName[],
): readonly DetectorResult[] => {
  const series = seriesOf(head);
  if (series.length === 0 || detectors.length === 0) return [];
  const own = featureTable(series);
  if (own === null) return detectors.map(unable);
  const earlier = trainingTables(head, baseline);
  const scenarios = head.scenarios.map(({ name }) => name);
  const faultStarts = faultStartsOf(head);
  return detectors.map((detector) => {
    const { form, fellBack, anomalies } = DETECTORS[detector]({ own, earlier, seed: head.seed });
    return {
      detector,
      form,
      ...(fellBack === undefined ? {} : { fellBack }),
      ...scoresOf(series, confirmed(anomalies, own.follows), scenarios, faultStarts),
    };
  });
};
