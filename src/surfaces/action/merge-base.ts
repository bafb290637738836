import type { Change } from "../../core/change.ts";
import type { Ancestry } from "../../run/forge.ts";

/** Commit that baselines must be ancestors of. A merge commit that was measured contains its base whole. */
export const mergeBaseOf = async (change: Change, ancestry: Ancestry): Promise<string | null> => {
  if (change.baseSha === null || change.measuredSha !== change.headSha) return change.baseSha;
  return ancestry.mergeBase(change.baseSha, change.headSha);
};
