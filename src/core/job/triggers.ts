/** What a trigger comes to: how often it strikes, whether a job can show when, and whether another asks as much. */
import type { JobTrigger } from "./trigger.ts";
import type { JobWorkload, ProgressSource } from "./workload.ts";

/**
 * Strikes of one run.
 *
 * @returns null: as many as there are saves
 */
export const strikeCount = (trigger: JobTrigger, steps: number): number | null => {
  switch (trigger.type) {
    case "step":
      return trigger.step <= steps ? 1 : 0;
    case "every":
      // The last step is none: nothing would come after it.
      return Math.max(0, Math.ceil(steps / trigger.steps) - 1);
    case "chance":
      return Math.round(trigger.share * steps);
    case "save":
      return trigger.nth === "each" ? null : 1;
  }
};

/**
 * Whether the begin of a save can be seen: known formats log it, other sources tell of steps and losses alone. A suite that has to say how a
 * step looks, and names no format, has its own kind of log.
 */
export const tellsOfSaves = (progress: ProgressSource): boolean => {
  switch (progress.type) {
    case "output": {
      const { format, patterns } = progress;
      const isOwn = format === "auto" && patterns.step !== undefined;
      return patterns.saving !== undefined || (format !== "jsonl" && !isOwn);
    }
    case "file":
    case "metrics":
      return false;
  }
};

/** Whether a job of this length and this log can be struck by it at all. */
export const canTrigger = (trigger: JobTrigger, { steps, progress }: JobWorkload): boolean =>
  trigger.type === "save" ? tellsOfSaves(progress) : strikeCount(trigger, steps) !== 0;

/** Whether `head` strikes at least wherever `base` does, or as often by chance. Other changes cannot be ordered. */
export const isAsFrequent = (base: JobTrigger, head: JobTrigger): boolean => {
  switch (base.type) {
    case "step":
      return head.type === "step"
        ? head.step === base.step
        : head.type === "every" && multiple(base.step, head);
    case "every":
      return head.type === "every" && multiple(base.steps, head);
    case "chance":
      return head.type === "chance" && head.share >= base.share;
    case "save":
      return head.type === "save" && (head.nth === base.nth || head.nth === "each");
  }
};

const multiple = (step: number, { steps }: { readonly steps: number }): boolean =>
  step > 0 && step % steps === 0;

/** "at step 40", "every 25 steps", "at 10 % of the steps", "during save 2" */
export const describeTrigger = (trigger: JobTrigger): string => {
  switch (trigger.type) {
    case "step":
      return `at step ${trigger.step}`;
    case "every":
      return trigger.steps === 1 ? "at every step" : `every ${trigger.steps} steps`;
    case "chance":
      return `at ${Number((trigger.share * 100).toPrecision(12))} % of the steps`;
    case "save":
      return trigger.nth === "each" ? "during each save" : `during save ${trigger.nth}`;
  }
};
