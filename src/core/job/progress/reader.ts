import type { ProgressEvent } from "../progress-event.ts";
import type { JobLogFormat } from "../workload.ts";

/** What one line tells; the line without control codes and line break, at most 4096 characters. */
export type ReadLine = (line: string) => readonly ProgressEvent[];

export type MatchStep = (line: string) => { step: number; loss: number | null } | null;
export type MatchMark = (line: string) => { step: number | null } | null;

/** A user's own patterns, compiled; each stands over the format's. */
export interface JobMatchers {
  readonly step?: MatchStep;
  readonly saving?: MatchMark;
  readonly saved?: MatchMark;
  readonly loaded?: MatchMark;
  readonly skipped?: MatchMark;
}

const nanogptStep: MatchStep = (line) => {
  const found = /iter (\d+): loss ([\d.]+|nan|inf)/.exec(line);
  return found === null ? null : { step: Number(found[1]), loss: Number(found[2]) };
};

export const lineReader = (_source: { format: JobLogFormat | "auto" }, own: JobMatchers): ReadLine => {
  const marks = (["saving", "saved", "loaded", "skipped"] as const).flatMap((type) => {
    const match = own[type];
    return match === undefined ? [] : [{ type, match }];
  });
  const matchStep = own.step ?? nanogptStep;
  return (line) => {
    const step = matchStep(line);
    const events: ProgressEvent[] = step === null ? [] : [{ type: "step", ...step }];
    for (const { type, match } of marks) {
      const mark = match(line);
      if (mark !== null) events.push({ type, ...mark });
    }
    return events;
  };
};
