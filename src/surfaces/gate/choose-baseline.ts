/** The stored runs that a change is compared with. */
import type { BaselineChoice } from "../../core/gate/gate-record.ts";
import type { Baseline } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";
import { baselineChooser } from "../../run/baseline-choice.ts";
import type { BaselineStore } from "../../run/baseline-store.ts";
import type { Ancestry } from "../../run/forge.ts";
import { measuredFrameHash, measuredHash } from "../../run/run-suite.ts";

export interface ChosenBaseline {
  readonly baseline: Baseline | null;
  readonly choice: BaselineChoice | null;
  /** Runs that were passed over, and why. */
  readonly notes: readonly string[];
}

/**
 * @param mergeBase commit whose ancestors count; null: not known
 * @throws SquallError `baseline-invalid`, `api-refused`, `api-failed`: "could not look" is never "there is none"
 */
export const chooseBaseline = async (
  store: BaselineStore,
  suite: Suite,
  requestSet: RequestSet,
  mergeBase: string | null,
  ancestry: Ancestry,
): Promise<ChosenBaseline> => {
  const chooser = baselineChooser({
    mergeBase,
    ancestry,
    suiteHash: measuredHash(suite, requestSet),
    frameHash: measuredFrameHash(suite, requestSet),
    policy: suite.policy,
    now: new Date(),
  });
  const baseline = await store.read(suite.name, chooser.choose);
  return { baseline, choice: baseline === null ? null : chooser.choice(), notes: chooser.notes() };
};
