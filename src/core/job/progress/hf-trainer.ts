/**
 * Hugging Face's Trainer (transformers/trainer.py, trainer_callback.py):
 *
 *   {'loss': 1.5214, 'grad_norm': 82.9, 'learning_rate': 1.4e-06, 'epoch': 0.01}      since 5.0 with quotes: {'loss': '1.521', ...}
 *    12%|█▏        | 12/100 [00:05<00:30,  2.90it/s]
 *
 * A loss tells no step. Where the progress bar is seen, it counts the steps: the bar is drawn anew behind each loss, at the loss's step.
 * Else hf-lines.ts makes steps of the lines. The bar is the first one without a title; bars of evaluations have another length.
 * Saves and loads are logged at level INFO, which `log_level: info` switches on. A save ends when the loop goes on.
 */
import type { ProgressEvent } from "../progress-event.ts";
import { hfLines } from "./hf-lines.ts";
import { lossOf, stepOf } from "./numbers.ts";
import { openSave } from "./open-save.ts";
import type { ReadLine } from "./read-line.ts";

const BAR = /^\s{0,8}\d{1,3}%\|[^|]{0,400}\|\s{0,8}(\d{1,10})\/(\d{1,10}) \[/;
const LOSS = /(?:\{|, )'loss': ([^\s,}]{1,40})[,}]/;
const EPOCH = /'epoch': '?([\d.e+-]{1,40})'?[,}]/;
/** The summary at the end: its loss is a mean. */
const SUMMARY = /'train_runtime': /;
const RUNNING = /\*{5} Running training \*{5}/;
const EPOCHS = /\bNum Epochs = ([\d,]{1,16})/;
const TOTAL = /\bTotal optimization steps = ([\d,]{1,16})/;
const CONTINUES = /\bContinuing training from global step (\d{1,10})/;
const SAVING = /\bSaving model checkpoint to .{0,1000}checkpoint-(\d{1,10})\/?\s{0,8}$/;
const AFTER_SAVE = /\bDeleting older checkpoint \[|\bTraining completed\. Do not forget/;

const count = (text: string | undefined): number | null => stepOf(text?.replaceAll(",", ""));

class HfTrainer {
  readonly #save = openSave();
  readonly #lines = hfLines();
  /** Null: no bar of the training was seen. */
  #position: number | null = null;
  #total: number | null = null;
  /** A loss whose step the next drawing of the bar will tell. */
  #waiting: { readonly loss: number | null; readonly epoch: number | null } | null = null;
  /** Losses come without the bar: it is not written, or arrives too late to be of use. */
  #barless = false;

  read(line: string): readonly ProgressEvent[] {
    const bar = BAR.exec(line);
    const loss = SUMMARY.test(line) ? null : LOSS.exec(line);
    return [
      ...(bar === null ? [] : this.#bar(stepOf(bar[1]), stepOf(bar[2]))),
      ...(loss === null ? [] : this.#loss(lossOf(loss[1]), Number(EPOCH.exec(line)?.[1] ?? Number.NaN))),
      // The bar leaves its line open, so that a message may stand behind it.
      ...(loss === null ? this.#message(line) : []),
    ];
  }

  #bar(at: number | null, total: number | null): readonly ProgressEvent[] {
    if (at === null || total === null || this.#barless) return [];
    this.#total ??= total;
    if (total !== this.#total) return [];
    this.#lines.total(total);
    const moved = at !== this.#position;
    this.#position = at;
    if (at === 0) {
      this.#save.forget();
      this.#waiting = null;
      return [];
    }
    const waited = this.#waiting;
    this.#waiting = null;
    if (waited === null && !moved) return [];
    return [...(moved ? this.#save.end() : []), { type: "step", step: at, loss: waited?.loss ?? null }];
  }

  #loss(loss: number | null, epoch: number): readonly ProgressEvent[] {
    const told = { loss, epoch: Number.isFinite(epoch) ? epoch : null };
    const ended = this.#save.end();
    if (this.#position !== null && !this.#barless && this.#waiting === null) {
      this.#waiting = told;
      return ended;
    }
    const waited = this.#waiting;
    this.#waiting = null;
    this.#barless = true;
    return [...ended, ...[...(waited === null ? [] : [waited]), told].flatMap((line) => this.#line(line))];
  }

  #line(told: { readonly loss: number | null; readonly epoch: number | null }): readonly ProgressEvent[] {
    const step = this.#lines.step(told.epoch);
    return step === null ? [] : [{ type: "step", step, loss: told.loss }];
  }

  #message(line: string): readonly ProgressEvent[] {
    if (RUNNING.test(line)) {
      this.#save.forget();
      this.#waiting = null;
      this.#total = null;
      return [];
    }
    this.#lines.epochs(count(EPOCHS.exec(line)?.[1]));
    const total = count(TOTAL.exec(line)?.[1]);
    if (total !== null) this.#total = total;
    this.#lines.total(total);
    if (SUMMARY.test(line) || AFTER_SAVE.test(line)) return this.#save.end();
    const continues = stepOf(CONTINUES.exec(line)?.[1]);
    if (continues !== null) {
      this.#lines.continuesFrom(continues);
      return [{ type: "loaded", step: continues }];
    }
    const saving = SAVING.exec(line);
    return saving === null ? [] : [...this.#save.end(), ...this.#save.begin(stepOf(saving[1]))];
  }
}

export const hfTrainerReader = (): ReadLine => {
  const trainer = new HfTrainer();
  return (line) => trainer.read(line);
};
