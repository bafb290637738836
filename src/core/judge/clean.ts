import { isFailure, isUnscored } from "../outcome.ts";
import type { Profile, WindowRecord } from "../profile.ts";
import type { Policy } from "../suite.ts";
import type { InvalidWindow, RunSample, ScenarioSample } from "./context.ts";
import { type Moment, ScoredRow } from "./scored-row.ts";

/** What of the policy says whether a window counts. */
export type WindowPolicy = Pick<Policy, "maxLagP99Ms" | "minAchievedRate">;

export interface CleaningRules {
  readonly policy: WindowPolicy;
  /** The head's SLO, used for both sides, ms. */
  readonly sloMs: number;
}

/** Why a window does not count; null where it does. The policy is asked again: it may be stricter than the run's was. */
export const windowInvalidity = (window: WindowRecord, policy: WindowPolicy): string | null => {
  if (window.invalid !== undefined) return window.invalid;
  if (window.lagP99Ms > policy.maxLagP99Ms) {
    return `requests left ${window.lagP99Ms.toFixed(1)} ms late at p99 (limit ${policy.maxLagP99Ms} ms)`;
  }
  if (window.achievedRate < policy.minAchievedRate) {
    return `only ${(100 * window.achievedRate).toFixed(1)} % of the planned requests were sent`;
  }
  if (window.receipts.length > 0 && window.receipts.every((receipt) => receipt.affected === 0)) {
    return "the fault struck nothing";
  }
  return null;
};

/** Blocks of run r are numbered from here, so that windows of different runs never share a block. */
const BLOCKS_A_RUN = 1_000_000;

/**
 * One run's scored rows by scenario: only load windows that are valid, after their guard; outcomes that say nothing
 * about the service are left out; failures stay, with latency +Infinity.
 */
export const cleanRun = (profile: Profile, run: number, rules: CleaningRules): RunSample => {
  const invalidWindows: InvalidWindow[] = [];
  const validWindows = new Set<number>();
  const moments = profile.windows.map(
    ({ round }, window): Moment => ({ run, block: run * BLOCKS_A_RUN + window, window, round }),
  );
  for (const [index, window] of profile.windows.entries()) {
    if (window.phase !== "load") continue;
    const reason = windowInvalidity(window, rules.policy);
    if (reason === null) validWindows.add(index);
    else invalidWindows.push({ run, window: index, scenario: window.scenario, round: window.round, reason });
  }
  const rows = new Map<string, ScoredRow[]>();
  const blocks = new Map<string, Set<number>>();
  for (const { scenario } of profile.windows) {
    rows.set(scenario, rows.get(scenario) ?? []);
    blocks.set(scenario, blocks.get(scenario) ?? new Set());
  }
  for (const observation of profile.observations) {
    if (!validWindows.has(observation.window) || isUnscored(observation.outcome)) continue;
    const window = profile.windows[observation.window];
    const moment = moments[observation.window];
    if (window === undefined || moment === undefined || observation.scheduledMs < window.guardMs) continue;
    const failed = isFailure(observation.outcome);
    rows.get(window.scenario)?.push(new ScoredRow(moment, observation, failed, rules.sloMs));
    blocks.get(window.scenario)?.add(moment.block);
  }
  const samples = new Map<string, ScenarioSample>();
  for (const [scenario, kept] of rows)
    samples.set(scenario, { scenario, rows: kept, blocks: blocks.get(scenario)?.size ?? 0 });
  return { profile, samples, invalidWindows, validWindows };
};
