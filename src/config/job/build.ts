/** The core's job and triggers, from parsed ones that passed their checks. */
import type { JobTrigger } from "../../core/job/trigger.ts";
import type { JobWorkload, ProgressSource } from "../../core/job/workload.ts";
import { SUITE_DEFAULTS } from "../suite-defaults.ts";
import { withoutUndefined } from "../without-undefined.ts";
import type { ParsedJob, ParsedTrigger } from "./schema.ts";

export const progressOf = ({ log, patterns, file, metrics }: ParsedJob): ProgressSource => {
  if (file !== undefined) return { type: "file", ...file };
  if (metrics !== undefined) return withoutUndefined({ type: "metrics" as const, ...metrics });
  return {
    type: "output",
    format: log ?? SUITE_DEFAULTS.job.log,
    patterns: withoutUndefined(patterns ?? {}),
  };
};

export const jobOf = (parsed: ParsedJob): JobWorkload => {
  const { steps, workers, timeout, repeats, restart } = parsed;
  return {
    steps,
    workers,
    timeoutMs: timeout,
    repeats,
    progress: progressOf(parsed),
    restart: withoutUndefined({
      limit: restart.limit,
      backoffMs: restart.backoff,
      maxBackoffMs: restart.maxBackoff,
      scope: restart.scope,
      stallMs: restart.stall,
    }),
  };
};

/** Null: not exactly one of its keys is there. */
export const triggerOf = (parsed: ParsedTrigger): JobTrigger | null => {
  const { step, every, chance, save } = parsed;
  const named: readonly (JobTrigger | null)[] = [
    step === undefined ? null : { type: "step", step },
    every === undefined ? null : { type: "every", steps: every },
    chance === undefined ? null : { type: "chance", share: chance },
    save === undefined ? null : { type: "save", nth: save },
  ];
  const [only, another] = named.filter((each) => each !== null);
  return another === undefined ? (only ?? null) : null;
};
