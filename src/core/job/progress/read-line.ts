/** What reads a job's progress, one line at a time. A reader remembers: lines are given to it in the order in which they were written. */
import type { ProgressEvent } from "../progress-event.ts";

/** The line comes without control codes and line break; carriage returns may be in it, and a format is given what is between them. Never throws. */
export type ReadLine = (line: string) => readonly ProgressEvent[];

/** Own patterns, compiled (config/job/patterns.ts). Null: the line does not match. */
export type MatchStep = (line: string) => { readonly step: number; readonly loss: number | null } | null;
export type MatchMark = (line: string) => { readonly step: number | null } | null;

/** Each stands in for what the format tells of its kind. */
export interface JobMatchers {
  readonly step?: MatchStep;
  readonly saving?: MatchMark;
  readonly saved?: MatchMark;
  readonly loaded?: MatchMark;
  readonly skipped?: MatchMark;
}
