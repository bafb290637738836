/** What a suite's workload is, for `validate`. */
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** "12 requests", "a training job of 100 steps on 2 workers, 3 runs of each" */
export const workloadWords = ({
  suite: { job },
  requestSet,
}: {
  readonly suite: Suite;
  readonly requestSet: RequestSet;
}): string =>
  job === undefined
    ? counted(requestSet.requests.length, "request")
    : `a training job of ${counted(job.steps, "step")} on ${counted(job.workers, "worker")}, ${counted(job.repeats, "run")} of each`;
