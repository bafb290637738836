/** A forest that has seen in earlier runs what faults look like; the threshold is what calm scored in trees that had not seen it. */
import { randomFor, shuffled } from "../random.ts";
import { quantileOf } from "../statistics/quantile.ts";
import { type Detector, runs } from "./detector.ts";
import { rowsLabelled } from "./features.ts";
import { forestScore, growForest } from "./forest/forest.ts";
import { meanVariance } from "./mean-variance.ts";

const TREES = 100;
const DEPTH = 8;
/** Of the calm seconds' out-of-bag scores. */
const THRESHOLD_QUANTILE = 0.97;
/** Where faults are plain, nearly all calm seconds score 0, and a threshold of 0.1 would only let alarms through. */
const MAJORITY = 0.5;
/** Runs without which the median and MAD see as much (METHOD 9). */
const FEWEST_RUNS = 8;
const FEWEST_FAULT_SECONDS = 20;
/** Rows beyond are drawn: they would only cost time. */
const MOST_ROWS = 3000;

interface Example {
  readonly features: Float64Array;
  readonly label: 0 | 1;
}

export const randomForest: Detector = (training) => {
  const { own, earlier, seed } = training;
  const instead = (fellBack: string): ReturnType<Detector> => ({ ...meanVariance()(training), fellBack });
  if (earlier.length < FEWEST_RUNS)
    return instead(
      `a forest needs ${FEWEST_RUNS} earlier runs, there ${earlier.length === 1 ? "is" : "are"} ${earlier.length}`,
    );
  const examples = earlier.flatMap((table) =>
    (["calm", "fault"] as const).flatMap((label) =>
      rowsLabelled(table, label).map(
        (row): Example => ({
          features: table.features[row] as Float64Array,
          label: label === "fault" ? 1 : 0,
        }),
      ),
    ),
  );
  const faults = examples.filter(({ label }) => label === 1).length;
  if (faults < FEWEST_FAULT_SECONDS)
    return instead(`a forest needs ${FEWEST_FAULT_SECONDS} s under faults, there are ${faults}`);
  const drawn =
    examples.length <= MOST_ROWS
      ? examples
      : shuffled(examples, randomFor(seed, "detect", "forest", "rows")).slice(0, MOST_ROWS);
  const forest = growForest(
    drawn.map(({ features }) => features),
    Uint8Array.from(drawn, ({ label }) => label),
    { trees: TREES, depth: DEPTH, seed },
  );
  const calm = forest.outOfBag.filter((score, row) => drawn[row]?.label === 0 && !Number.isNaN(score));
  if (calm.length === 0) return instead("the earlier runs have no calm seconds");
  const threshold = Math.max(MAJORITY, quantileOf(calm, THRESHOLD_QUANTILE));
  return {
    form: `${TREES} trees, trained on ${runs(earlier.length)}`,
    anomalies: own.features.map((row) => forestScore(forest, row) > threshold),
  };
};
