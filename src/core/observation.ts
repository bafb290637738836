import type { Outcome } from "./outcome.ts";

/**
 * One replayed request. Times are ms from the scheduled instant unless said, so a late generator or a stalled service
 * can not hide (coordinated omission).
 */
export interface Observation {
  /** Index into Profile.windows. */
  readonly window: number;
  /** Place in the window's schedule: (scenario, round, slot) is the twin's key. */
  readonly slot: number;
  readonly requestId: string;
  readonly repetition: number;
  /** Scheduled instant, ms from the window's start. */
  readonly scheduledMs: number;
  /** Sent minus scheduled. */
  readonly lagMs: number;
  /** First non-empty content; null where none came. */
  readonly ttftMs: number | null;
  /** End of the answer, or the instant of failure. */
  readonly latencyMs: number;
  readonly outcome: Outcome;
  /** 0 where no status line was seen. */
  readonly status: number;
  /** Chosen by the plan to be struck by the scenario's fault. */
  readonly hit: boolean;
  /** Longest gap between two content chunks; null with fewer than two. */
  readonly maxGapMs: number | null;
  /** Content events (streams) or 1. */
  readonly chunks: number;
  readonly bytes: number;
  /** FNV/sha-based short hash of the answer's text, for drift; "" where there is none. */
  readonly answerHash: string;
}
