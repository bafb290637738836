/** What one run of a training job showed. Every `atMs` counts from the run's first process start. */
import type { Receipt } from "../exchange.ts";

export type JobOutcome =
  /** Every worker ended with exit code 0. */
  | "completed"
  /** The restart limit was reached. */
  | "gave-up"
  | "timed-out";

/** One life of one worker. */
export interface JobAttempt {
  /** From 0. */
  readonly worker: number;
  readonly startedAtMs: number;
  /** Null: it ran when the run was ended. */
  readonly endedAtMs: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /**
   * Why it ended: by itself; by a fault (kill, node replacement); by the scheduler (another worker died, it hung); because the run was
   * over.
   */
  readonly end: "own" | "fault" | "scheduler" | "run-end";
}

/** Steps in the order in which they were logged, a step that was done again twice. Columns of one length. */
export interface JobSteps {
  readonly step: readonly number[];
  readonly atMs: readonly number[];
  /** Null: not told. NaN and infinity are told as events, and null here. */
  readonly loss: readonly (number | null)[];
}

export type JobEventKind = "saving" | "saved" | "loaded" | "skipped" | "nan";

export interface JobEvent {
  readonly kind: JobEventKind;
  /** Null: the line does not tell. */
  readonly step: number | null;
  readonly atMs: number;
}

/** The faults of an experiment, put in force once. */
export interface JobStrike {
  /** The planned step (or, for saves, the number of the save) that called for it. */
  readonly at: number;
  readonly atMs: number;
  /** Last step that was logged before it; null: none. */
  readonly lastStep: number | null;
  /** Places, among the experiment's faults, of those that this strike has by their share. */
  readonly faults: readonly number[];
  /** The last of them was gone; null: the run ended before. */
  readonly clearedAtMs: number | null;
  readonly receipts: readonly Receipt[];
}

export interface JobRun {
  /** `control` or the experiment's name. */
  readonly scenario: string;
  /** From 0. */
  readonly repeat: number;
  /** ms from the whole measurement's start. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly outcome: JobOutcome;
  readonly attempts: readonly JobAttempt[];
  readonly steps: JobSteps;
  readonly events: readonly JobEvent[];
  readonly strikes: readonly JobStrike[];
  /** Steps (or numbers of saves) that were to be struck: from suite and seed alone, whatever came of them. */
  readonly plannedStrikes: readonly number[];
  /** Processes of the job that were still there when it had ended. */
  readonly orphans: number;
  /** Why it does not count; absent: it does. */
  readonly invalid?: string;
}
