import { lookAt, withFinalAlpha } from "../../core/judge/looks.ts";
import type { Baseline, Profile } from "../../core/profile.ts";
import type { Policy, Suite } from "../../core/suite.ts";
import type { RunOptions } from "../../run/run-suite.ts";
import { notAsked } from "./read-suite.ts";

export interface EarlyStop {
  /** Judges the run so far. */
  readonly onLook: RunOptions["onLook"];
  /** What is left for the last verdict of a chance of a false alarm that looks spend. */
  readonly finalPolicy: (policy: Policy) => Policy;
}

const NEVER: EarlyStop = { onLook: undefined, finalPolicy: (policy) => policy };

/** Where there is a baseline to settle it by, and the suite allows it. */
export const earlyStop = (
  suite: Suite,
  baseline: Baseline | null,
  only: readonly string[] | undefined,
): EarlyStop => {
  if (baseline === null || !suite.policy.earlyStop) return NEVER;
  return {
    onLook: (look, [head]) =>
      lookAt(
        {
          head: head as Profile,
          baseline,
          policy: suite.policy,
          experiments: suite.experiments,
          notAsked: notAsked(suite, only),
        },
        look,
      ),
    finalPolicy: withFinalAlpha,
  };
};
