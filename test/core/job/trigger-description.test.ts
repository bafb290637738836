import { expect, test } from "vitest";
import type { JobTrigger } from "../../../src/core/job/trigger.ts";
import { describeTrigger } from "../../../src/core/job/trigger-description.ts";

test.each<[JobTrigger, string]>([
  [{ type: "step", step: 40 }, "at step 40"],
  [{ type: "every", steps: 30 }, "at every 30 steps"],
  [{ type: "every", steps: 1 }, "at every step"],
  [{ type: "chance", share: 0.1 }, "at 10 % of the steps"],
  [{ type: "chance", share: 0.0725 }, "at 7.25 % of the steps"],
  [{ type: "save", nth: 2 }, "while checkpoint 2 is saved"],
  [{ type: "save", nth: "each" }, "while the checkpoint is saved"],
])("%j in words", (trigger, words) => {
  expect(describeTrigger(trigger)).toBe(words);
});
