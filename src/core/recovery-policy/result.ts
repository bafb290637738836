import type { Profile } from "../profile.ts";
import type { PolicyAction, PolicyRun } from "./rule.ts";

/** How an experiment went under a recovery policy, beside the same without any. */
export interface PolicyResult {
  readonly scenario: string;
  readonly policy: "rules" | "learned";
  /** From the fault's start to the first of three good seconds; 0: no harm was done; null: not recovered while watched. */
  readonly recoveryMs: number | null;
  /** The same doing nothing. */
  readonly withoutMs: number | null;
  readonly watchedMs: number;
  readonly actions: readonly PolicyAction[];
}

const hasPolicy = (run: PolicyRun): run is PolicyRun & { readonly policy: PolicyResult["policy"] } =>
  run.policy !== "none";

/** Each experiment's policies beside its window in which nothing was done; windows that do not count are left out. */
export const policyResults = ({ policyRuns = [] }: Profile): readonly PolicyResult[] => {
  const counted = policyRuns.filter(({ invalid }) => invalid === undefined);
  return counted.filter(hasPolicy).flatMap((run): PolicyResult[] => {
    const without = counted.find(({ scenario, policy }) => scenario === run.scenario && policy === "none");
    if (without === undefined) return [];
    const { scenario, policy, recoveryMs, durationMs, actions } = run;
    return [{ scenario, policy, recoveryMs, withoutMs: without.recoveryMs, watchedMs: durationMs, actions }];
  });
};
