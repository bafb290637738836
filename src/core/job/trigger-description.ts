import type { JobTrigger } from "./trigger.ts";

/** When an experiment's faults strike, in words: "at every 30 steps", for headlines and reports. */
export const describeTrigger = (trigger: JobTrigger): string => {
  switch (trigger.type) {
    case "step":
      return `at step ${trigger.step}`;
    case "every":
      return trigger.steps === 1 ? "at every step" : `at every ${trigger.steps} steps`;
    case "chance":
      return `at ${Math.round(trigger.share * 10_000) / 100} % of the steps`;
    case "save":
      return trigger.nth === "each"
        ? "while the checkpoint is saved"
        : `while checkpoint ${trigger.nth} is saved`;
  }
};
