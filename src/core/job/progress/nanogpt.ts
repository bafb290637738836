/**
 * nanoGPT's train.py:
 *
 *   step 250: train loss 1.9561, val loss 2.0618
 *   saving checkpoint to out
 *   iter 250: loss 2.0166, time 3912.44ms, mfu 16.02%
 *
 * The step of a checkpoint is that of the evaluation before it; a save ends, and a checkpoint was read, when the loop goes on.
 */
import type { ProgressEvent } from "../progress-event.ts";
import { lossOf, stepOf } from "./numbers.ts";
import { openSave } from "./open-save.ts";
import type { ReadLine } from "./read-line.ts";

const STEP = /(?:^|\s)iter (\d{1,10}): loss ([^\s,]{1,40})/;
const EVALUATED = /(?:^|\s)step (\d{1,10}): train loss [^\s,]{1,40}, val loss /;
const SAVING = /(?:^|\s)saving checkpoint to /;
const LOADING = /(?:^|\s)Resuming training from /;
const FROM_ZERO = /(?:^|\s)Initializing a new model from scratch/;

export const nanogptReader = (): ReadLine => {
  const save = openSave();
  let evaluated: number | null = null;
  let loading = false;

  const loaded = (step: number | null): readonly ProgressEvent[] => {
    if (!loading) return [];
    loading = false;
    return [{ type: "loaded", step }];
  };

  return (line) => {
    const found = STEP.exec(line);
    const step = stepOf(found?.[1]);
    if (step !== null) {
      evaluated = null;
      return [...loaded(null), ...save.end(), { type: "step", step, loss: lossOf(found?.[2]) }];
    }
    const evaluation = EVALUATED.exec(line);
    if (evaluation !== null) {
      evaluated = stepOf(evaluation[1]);
      return [...loaded(evaluated), ...save.end()];
    }
    if (SAVING.test(line)) return [...save.end(), ...save.begin(evaluated)];
    const resumes = LOADING.test(line);
    if (resumes || FROM_ZERO.test(line)) {
      save.forget();
      evaluated = null;
      loading = resumes;
    }
    return [];
  };
};
