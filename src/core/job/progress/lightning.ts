/**
 * Lightning's TQDMProgressBar (lightning/pytorch/callbacks/progress/tqdm_progress.py), model_checkpoint.py, checkpoint_connector.py:
 *
 *   Epoch 0:  28%|██▊       | 5/18 [00:20<00:53,  4.14s/it, v_num=0, train_loss=9.850]
 *
 * The bar counts batches of an epoch: the step is epoch x batches + batch, which is the global step where gradients are not accumulated.
 * It is drawn twice a batch, first with the metrics of the batch before: a step is told with the first drawing, and again with its loss
 * with the second. `Saving` is logged by ModelCheckpoint(monitor=..., verbose=True) alone.
 */
import type { ProgressEvent } from "../progress-event.ts";
import { isStep, lossOf, stepOf } from "./numbers.ts";
import { openSave } from "./open-save.ts";
import type { ReadLine } from "./read-line.ts";

const BAR =
  /^\s{0,8}Epoch (\d{1,7}):\s{0,8}(?:\d{1,3}%)?\|[^|]{0,400}\|\s{0,8}(\d{1,10})\/(\d{1,10}|\?) \[([^\]]{0,2000})/;
const LOSS = /, (?:train[_/])?loss(?:_step)?=([^\s,]{1,40})/;
const SAVING = /(?:^|[\s\]])Epoch \d{1,7}, global step (\d{1,10}): .{1,400} saving model to /;
const LOADED = /(?:^|[\s\]])Restored all states from the checkpoint at (.{0,2000})/;
const STEP_OF_PATH = /\bstep=(\d{1,10})/;

/** Epochs of unknown length whose first step is remembered. */
const MOST_EPOCHS = 100_000;

export const lightningReader = (): ReadLine => {
  const save = openSave();
  /** Steps before each epoch; of epochs of unknown length those that were seen from their beginning. */
  const before = new Map<number, number>([[0, 0]]);
  let drawn = { step: 0, times: 0 };

  const stepOfBar = (epoch: number, batch: number, batches: number | null): number | null => {
    const offset = batches === null ? before.get(epoch) : epoch * batches;
    if (offset === undefined || batch === 0) return null;
    const step = offset + batch;
    if (before.size < MOST_EPOCHS) before.set(epoch + 1, step);
    return isStep(step) ? step : null;
  };

  const bar = (found: RegExpExecArray): readonly ProgressEvent[] => {
    const epoch = stepOf(found[1]);
    const batch = stepOf(found[2]);
    if (epoch === null || batch === null) return [];
    const step = stepOfBar(epoch, batch, stepOf(found[3]));
    if (step === null) {
      drawn = { step: 0, times: 0 };
      return [];
    }
    drawn = { step, times: drawn.step === step ? drawn.times + 1 : 1 };
    if (drawn.times === 1) return [...save.end(), { type: "step", step, loss: null }];
    const loss = drawn.times === 2 ? lossOf(LOSS.exec(found[4] ?? "")?.[1]) : null;
    return loss === null ? [] : [{ type: "step", step, loss }];
  };

  const message = (line: string): readonly ProgressEvent[] => {
    const saving = SAVING.exec(line);
    if (saving !== null) return [...save.end(), ...save.begin(stepOf(saving[1]))];
    const loaded = LOADED.exec(line);
    if (loaded === null) return [];
    save.forget();
    return [{ type: "loaded", step: stepOf(STEP_OF_PATH.exec(loaded[1] ?? "")?.[1]) }];
  };

  return (line) => {
    const drawing = BAR.exec(line);
    // The bar leaves its line open, so that a message may stand behind it.
    return [...(drawing === null ? [] : bar(drawing)), ...message(line)];
  };
};
