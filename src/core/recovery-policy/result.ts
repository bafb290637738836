import type { PolicyAction } from "./rule.ts";

/** How an experiment went under a recovery policy, beside the same without any. */
export interface PolicyResult {
  readonly scenario: string;
  readonly policy: "rules" | "learned";
  /** From the fault's start to the first of three good seconds; null: not recovered while watched. */
  readonly recoveryMs: number | null;
  /** The same doing nothing. */
  readonly withoutMs: number | null;
  readonly watchedMs: number;
  readonly actions: readonly PolicyAction[];
}
