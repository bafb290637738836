/** What the failure of a training job meant: to its runs, not to a user's requests. */

import type { JobResult } from "../../job/result.ts";
import { MOST_SECONDS } from "../../judge/priorities.ts";
import type { Finding } from "../../verdict.ts";
import { formatCount, formatCounted, formatMs, formatShare } from "../format.ts";
import { line, type Statement } from "./statement.ts";

/** A finding's impact in words; null: its title says it already. */
export const jobImpactWords = ({ class: kind, impact, metric, ...finding }: Finding): string | null => {
  if (kind === undefined || impact === undefined || finding.kind !== "regression") return null;
  const share = formatShare(impact);
  switch (metric) {
    case "not-completed":
      return `Another ${share} of the runs under it have to be done again, or mended by hand.`;
    case "crashes":
      return `Another ${share} of the runs under it die on the way.`;
    case "failed-restarts":
      return `Another ${share} of the restarts under it bring nothing back.`;
    case "nan-runs":
    case "loss-left":
      return `Another ${share} of the runs under it train another model than without the fault.`;
    case "goodput":
      return `Another ${share} of a run's time under it makes no progress.`;
    case "resume":
      return `It takes ${impact >= MOST_SECONDS ? "at least " : ""}${formatMs(impact * 1000)} longer until it makes progress again.`;
    default:
      return null;
  }
};

const restartWords = ({ restarts, fromZero, failedRestarts, lostSteps, resumeMs }: JobResult): string =>
  [
    `After ${formatCounted(restarts, "restart")}`,
    ...(lostSteps === null ? [] : [`${formatCounted(lostSteps, "step")} were lost at the median`]),
    ...(resumeMs === null ? [] : [`the first new step came after ${formatMs(resumeMs)}`]),
    ...(fromZero === 0 ? [] : [`${formatCount(fromZero)} began again at the first step`]),
    ...(failedRestarts === 0 ? [] : [`${formatCount(failedRestarts)} died before a step`]),
  ].join(", ");

export const jobStatements = (job: JobResult, place: string): readonly Statement[] => {
  const { runs, completed, crashed, durationMs, goodput, lossDeviation, lossTolerance } = job;
  const parts = [
    `${formatCount(completed)} completed`,
    ...(crashed === 0 ? [] : [`${formatCount(crashed)} had a process that died by itself`]),
    ...(durationMs === null ? [] : [`half took ${formatMs(durationMs)} or more`]),
    ...(goodput === null ? [] : [`half made progress in ${formatShare(goodput)} of their time or less`]),
  ];
  return [
    line(`Of ${formatCounted(runs, "run")} under it ${parts.join(", ")}.`, place),
    ...(job.restarts === 0 ? [] : [line(`${restartWords(job)}.`, place)]),
    ...(lossDeviation === null || lossTolerance === null
      ? []
      : [
          line(
            `A step's loss lay up to ${formatShare(lossDeviation)} from that of calm runs, which differ by no more than ${formatShare(lossTolerance)} (with allowance).`,
            place,
          ),
        ]),
  ];
};
