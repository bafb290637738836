import { asStored } from "../../config/baseline-file.ts";
import { diagnosisTasks } from "../../core/diagnosis/task.ts";
import { type JudgeInput, judge } from "../../core/judge/judge.ts";
import type { Profile } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import type { RunOptions } from "../../run/run-suite.ts";

/**
 * Judges what was measured, and names the remedies worth trying for what fails: nothing, and no time, where all is well.
 *
 * @param inputOf what the verdict on these profiles (head, then reference) will be judged by; they are as they will be stored
 */
export const diagnoseBy = (
  suite: Suite,
  inputOf: (profiles: readonly Profile[]) => JudgeInput,
): RunOptions["diagnose"] =>
  suite.policy.diagnosisMs === 0
    ? undefined
    : (profiles) => {
        const input = inputOf(profiles.map(asStored));
        return diagnosisTasks(input.head, judge(input), suite);
      };
