/** How much two runs of the same code differ beyond chance within a run: learned from the baseline's own twins. */
import type { Scale } from "../../fault-catalogue.ts";
import { medianOf } from "../../statistics/quantile.ts";
import type { JudgeContext, RunSample } from "../context.ts";
import { CENSORED_MS, twinDifferences } from "./difference.ts";
import { type Measure, machineSpeed } from "./machine-speed.ts";
import { blockedSample, medianDesignEffect, medianError } from "./median-error.ts";
import { isByClock } from "./share.ts";

/**
 * Standard deviation of a scenario's median difference between runs: relative to the calm median (additive) or to the
 * scenario's own (multiplicative).
 */
export type RunSpread = Readonly<Record<Scale, number>>;

/**
 * Before anything is learned. METHOD 6 says 3 % stored and 1.5 % paired, and METHOD 10 that 3 % (9.5 ms) dwarfed the
 * 0.5 ms seen; what is multiplied by the fault spreads more than what is added to it.
 */
const PRIOR: RunSpread = { additive: 0.0075, multiplicative: 0.02 };
/** Of two services that ran side by side, half of that (METHOD 6: 1.5 % for 3 %). */
const PRIOR_PAIRED: RunSpread = { additive: 0.00375, multiplicative: 0.01 };
const PRIOR_DF = 4;
const LEAST = 0.002;
const MOST = 0.1;
const FEWEST_ROWS = 20;

/** In the order in which they were measured, whatever order they are given in. */
const inTime = (runs: readonly RunSample[]): readonly RunSample[] =>
  runs.toSorted(({ profile: a }, { profile: b }) =>
    a.provenance.startedAt === b.provenance.startedAt
      ? a.probeMs - b.probeMs
      : a.provenance.startedAt < b.provenance.startedAt
        ? -1
        : 1,
  );

export const learnedRunSpread = (context: JudgeContext, control: string, measure: Measure): RunSpread => {
  if (context.paired) return PRIOR_PAIRED;
  const squares = {
    additive: PRIOR_DF * PRIOR.additive ** 2,
    multiplicative: PRIOR_DF * PRIOR.multiplicative ** 2,
  };
  const df = { additive: PRIOR_DF, multiplicative: PRIOR_DF };
  const twins = inTime(context.twins);
  for (const [index, later] of twins.entries()) {
    const earlier = twins[index - 1];
    if (earlier === undefined) continue;
    const speed = machineSpeed(later, [earlier], control, measure);
    for (const scenario of context.scenarios) {
      if (scenario.shape === "control" || isByClock(scenario)) continue;
      const differences = twinDifferences(later, [earlier], scenario, speed, measure);
      if (differences.rows.length < FEWEST_ROWS) continue;
      const sample = blockedSample(differences);
      const { median, seDown, seUp } = medianError(sample, Math.max(1, medianDesignEffect(sample).effect));
      if (Math.abs(median) > CENSORED_MS / 2) continue;
      const { scale } = scenario;
      const expected = scale === "multiplicative" ? (medianOf(differences.basesMs) ?? 0) : speed.controlMs;
      if (expected <= 0) continue;
      const speedSe = scale === "multiplicative" ? speed.seRelative * expected : speed.seMs;
      const known = ((seDown + seUp) / 2) ** 2 + speedSe ** 2;
      squares[scale] += Math.max(0, median ** 2 - known) / expected ** 2;
      df[scale] += 1;
    }
  }
  const spread = (scale: Scale): number =>
    Math.min(MOST, Math.max(LEAST, Math.sqrt(squares[scale] / df[scale])));
  return { additive: spread("additive"), multiplicative: spread("multiplicative") };
};
