/**
 * What a machine's speed does to a service whose processor is limited. Dividing by the speed is right far from saturation; near it the
 * queue grows faster than the speed falls (METHOD 11: neither scale holds there). By how much is not known, but it has a bound.
 *
 * Calm answers take w + s (waiting, computing); under the limit w + s q with q = 1/(1 - utilisation), so that A = limited/calm =
 * 1 + f (q - 1) for f = s/(w + s). The elasticity of the limited time to speed is at most that of its queue, q = 1 + (A - 1)/f.
 */
import { medianOf } from "../../statistics/quantile.ts";
import { headRun, type JudgeContext } from "../context.ts";

/** A service that computes for less of its calm time than this does not queue for long under a limit. */
const LEAST_COMPUTING = 1 / 3;
/** Beyond it the queue has no steady state, and no bound. */
const LARGEST_ELASTICITY = 8;

/** Shares of the expected time by which it may be longer, or shorter, than the speed alone makes it. */
export interface SaturationBound {
  readonly slower: number;
  readonly faster: number;
}

const NONE: SaturationBound = { slower: 0, faster: 0 };

export interface LimitedTimes {
  /** Median under the limit, and in calm traffic, of the baseline, ms. */
  readonly limitedMs: number;
  readonly calmMs: number;
  /** The head's calm answers over the baseline's. */
  readonly calmRatio: number;
}

/** Of a comparison with stored runs: both the calm answers and the probe tell of the machine, and neither tells all. */
export const saturationBound = (context: JudgeContext, times: LimitedTimes): SaturationBound => {
  const { limitedMs, calmMs, calmRatio } = times;
  if (context.paired || calmMs <= 0 || limitedMs <= calmMs) return NONE;
  const probe = medianOf(context.twins.map(({ profile }) => profile.probeMs)) ?? 0;
  const probeRatio = probe > 0 ? headRun(context).profile.probeMs / probe : 1;
  const beyond = Math.min(LARGEST_ELASTICITY - 1, (limitedMs / calmMs - 1) / LEAST_COMPUTING);
  const logs = [calmRatio, probeRatio].map((ratio) => Math.log(Math.max(ratio, 1e-3)));
  return {
    slower: Math.expm1(beyond * Math.max(0, ...logs)),
    faster: -Math.expm1(beyond * Math.min(0, ...logs)),
  };
};
