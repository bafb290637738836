/** When what happened in a run, as result.json keeps it of the profile's windows. Times ms from the run's start. */

export type TimelineEntry =
  /** Traffic under an experiment's faults. `invalid`: it was not scored. */
  | {
      readonly event: "fault";
      readonly scenario: string;
      readonly round: number;
      readonly atMs: number;
      readonly durationMs: number;
      readonly invalid?: string;
    }
  /** The service did not come to rest after it. */
  | {
      readonly event: "not-settled";
      readonly scenario: string;
      readonly round: number;
      readonly atMs: number;
      readonly durationMs: number;
    }
  /** One kill of ours. `recoveryMs`: to the first good answer; null: none within `watchedMs`. */
  | {
      readonly event: "kill";
      readonly scenario: string;
      readonly round: number;
      readonly atMs: number;
      readonly signal: string;
      readonly recoveryMs: number | null;
      readonly watchedMs: number;
    }
  /** A process that died without our doing. */
  | {
      readonly event: "death";
      /** Null: before the first window. */
      readonly scenario: string | null;
      readonly atMs: number;
      readonly process: string;
      readonly exitCode: number | null;
      readonly signal: string | null;
    }
  /** All windows in which remedies were tried, from the first one's start to the last one's end. */
  | {
      readonly event: "trials";
      readonly scenario: string;
      readonly atMs: number;
      readonly durationMs: number;
      readonly windows: number;
    }
  | {
      readonly event: "policy";
      readonly scenario: string;
      readonly policy: "none" | "rules" | "learned";
      readonly atMs: number;
      readonly durationMs: number;
      readonly actions: number;
    };

export interface Timeline {
  /** By time. */
  readonly entries: readonly TimelineEntry[];
  /** Of the run's events those for which there was no room: windows of later rounds first. */
  readonly leftOut: number;
}
