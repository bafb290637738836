/** How much two runs of the same code differ beyond chance within a run: learned from the baseline's own twins. */
import {
  clusteredSample,
  estimateQuantile,
  quantileDesignEffect,
} from "../../statistics/cluster-quantile.ts";
import { medianOf } from "../../statistics/quantile.ts";
import type { JudgeContext } from "../context.ts";
import { CENSORED_MS, twinDifferences } from "./difference.ts";
import { type Measure, machineSpeed } from "./machine-speed.ts";
import { isByClock } from "./share.ts";

export interface RunSpread {
  /** Standard deviation of a scenario's median difference between runs, relative to the calm median (additive) or to itself. */
  readonly relative: number;
}

/** METHOD 6, paired; its 3 % for stored runs dwarfed what real services showed (METHOD 10). */
const PRIOR = 0.015;
const PRIOR_DF = 4;
const LEAST = 0.003;
const MOST = 0.1;
const FEWEST_ROWS = 20;

export const learnedRunSpread = (context: JudgeContext, control: string, measure: Measure): RunSpread => {
  let squares = PRIOR_DF * PRIOR ** 2;
  let df = PRIOR_DF;
  for (const [index, later] of context.twins.entries()) {
    const earlier = context.twins[index - 1];
    if (earlier === undefined) continue;
    const speed = machineSpeed(later, [earlier], control, measure);
    for (const scenario of context.scenarios) {
      if (scenario.shape === "control" || isByClock(scenario)) continue;
      const differences = twinDifferences(later, [earlier], scenario, speed, measure);
      if (differences.length < FEWEST_ROWS) continue;
      const sample = clusteredSample(
        differences.map((each) => each.differenceMs),
        differences.map((each) => each.block),
      );
      const centre = medianOf(sample.values) ?? 0;
      if (Math.abs(centre) > CENSORED_MS / 2) continue;
      const effect = Math.max(1, quantileDesignEffect(sample, 0.5, centre));
      const estimate = estimateQuantile(sample, 0.5, effect, 1);
      const multiplicative = scenario.scale === "multiplicative";
      const expected = multiplicative
        ? (medianOf(differences.map((each) => each.baseMs)) ?? 0)
        : speed.controlMs;
      if (expected <= 0) continue;
      const speedSe = multiplicative ? speed.seRelative * expected : speed.seMs;
      const known = ((estimate.seDown + estimate.seUp) / 2) ** 2 + speedSe ** 2;
      squares += Math.max(0, centre ** 2 - known) / expected ** 2;
      df += 1;
    }
  }
  return { relative: Math.min(MOST, Math.max(LEAST, Math.sqrt(squares / df))) };
};
