import type { Remedy } from "../remedy/remedy.ts";

export type SymptomFigure =
  /** Cores in use by the busiest replica, as a share of what it may use. */
  | "cpu"
  /** Bytes in use by the largest replica, as a share of what it may use. */
  | "memory"
  /** Of the client's requests in the last second. */
  | "errorRate"
  | "p95"
  /** Requests open at the service. */
  | "inFlight";

/** `when: cpu > 90% for 3s`. Shares 0..1, times ms. */
export interface Condition {
  readonly figure: SymptomFigure;
  /** Absent: the service; a dependency's name: its edge or process. */
  readonly of?: string;
  readonly comparator: ">" | ">=" | "<" | "<=";
  readonly limit: number;
  readonly forMs: number;
  /** As the user wrote it. */
  readonly text: string;
}

/** `do: cpus x2`, at most `times` in a run of an experiment, no sooner than `coolDownMs` after the last. */
export interface RecoveryRule {
  readonly when: Condition;
  readonly do: Remedy;
  readonly times: number;
  readonly coolDownMs: number;
  /** Without it what was done stays until the experiment ends; else undone when the condition is gone for that long. */
  readonly undoAfterMs?: number;
}

/** One place (the service, or a dependency with its edge) in one second. Shares 0..1; null: not known. */
export interface PlaceSymptoms {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly errorRate: number | null;
  readonly p95Ms: number | null;
  readonly inFlight: number | null;
}

/** One second as a policy sees it: the service as its clients do, and what it calls. */
export interface Symptoms extends PlaceSymptoms {
  /** By dependency; absent: there is none. */
  readonly of?: Readonly<Record<string, PlaceSymptoms>>;
}

export interface PolicyAction {
  /** ms from the window's start. */
  readonly atMs: number;
  readonly remedy: Remedy;
  /** Which rule, or which earlier cases, said so. */
  readonly because: string;
  /** ms from the window's start; absent: it stood until the window's end. */
  readonly undoneMs?: number;
  /** Why it could not be done; absent: it was. */
  readonly failed?: string;
}

/** One experiment under a policy, or (`none`) under none, in windows of the same length and faults. */
export interface PolicyRun {
  readonly scenario: string;
  readonly policy: "none" | "rules" | "learned";
  readonly startMs: number;
  readonly durationMs: number;
  /** From the fault's start to the first of three good seconds; 0: no harm was done; null: not recovered while watched. */
  readonly recoveryMs: number | null;
  readonly actions: readonly PolicyAction[];
  /** Every second of it. */
  readonly symptoms: readonly Symptoms[];
  readonly requests: number;
  readonly errors: number;
  readonly invalid?: string;
}
