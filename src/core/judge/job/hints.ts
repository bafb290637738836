/** Where to look first. Told as what it often is: no run shows which line of a change is to blame. */
import type { Metric } from "../../verdict.ts";

export type JobMetric = Extract<
  Metric,
  | "not-completed"
  | "crashes"
  | "nan-runs"
  | "loss-left"
  | "orphans"
  | "from-zero"
  | "failed-restarts"
  | "lost-steps"
  | "resume"
  | "goodput"
>;

export const JOB_HINTS: Readonly<Record<JobMetric, string>> = {
  "not-completed":
    "Often: an error of a store or a rendezvous that is not tried again, a checkpoint that can not be read, or a wait without a deadline.",
  crashes:
    "Often: an exception of the data loader or of the checkpoint's save that nothing catches, or something tried once only where it should be tried again.",
  "nan-runs":
    "Often: a corrupt record that is not checked, a state that was loaded in part, or a step that is not skipped when its gradients overflow.",
  "loss-left":
    "Often: only the weights are in the checkpoint. The optimizer's state, the data order and the random state belong into it; and records that could not be read must not be left out in silence.",
  orphans:
    "Often: data loader workers that do not end with their parent: join them, or let them end when their pipe closes.",
  "from-zero":
    "Often: the job does not look for a checkpoint when it starts, looks in another directory than it saves to, or starts anew when loading fails.",
  "failed-restarts":
    "Often: the last checkpoint was cut short. Write it beside the old one, flush it, rename it, and keep the one before.",
  "lost-steps":
    "Often: checkpoints are saved less often, not until the end of an epoch, or an older one than the newest whole one is loaded.",
  resume:
    "Often: data that was seen already is read again, or caches are filled anew, before the first step.",
  goodput:
    "Often: no prefetch before a slow store, saves that hold up the steps, or a back-off that waits longer than the fault.",
};

export const isJobMetric = (metric: Metric | null): metric is JobMetric =>
  metric !== null && Object.hasOwn(JOB_HINTS, metric);
