/**
 * Megatron-LM (megatron/training/training.py `training_log`, checkpointing.py) and its kin (Megatron-DeepSpeed, Megatron-LLM):
 *
 *    iteration      182/  250000 | consumed samples: ... | lm loss: 2.382640E+00 | ... | number of skipped iterations:   0 | ...
 *
 * A mean loss is printed where it is at least 0, so a NaN is a line without a loss. Of iterations that were all skipped the mean is
 * printed as 0, which is none. Counters cover the iterations since the line before.
 */
import type { ProgressEvent } from "../progress-event.ts";
import { lossOf, stepOf } from "./numbers.ts";
import type { ReadLine } from "./read-line.ts";

const ITERATION = /(?:^|\s)iteration\s{1,12}(\d{1,10})\/\s{0,12}\d{1,10} \|/;
const LM_LOSS = /\| lm loss: (\S{1,40}) \|/;
const ANY_LOSS = /\| loss: (\S{1,40}) \|/;
const GRADIENT_NORM = /\| grad norm: (\S{1,40}) \|/;
const SKIPPED = /\| number of skipped iterations:\s{0,12}(\d{1,10}) \|/;
const NAN = /\| number of nan iterations:\s{0,12}(\d{1,10}) \|/;
const SAVING = /(?:^|\s)saving checkpoint at iteration\s{1,12}(\d{1,10})\b/;
const SAVED = /(?:^|\s)successfully saved (?:local )?checkpoint (?:from|at) iteration\s{1,12}(\d{1,10})\b/;
const LOADED = /(?:^|\s)successfully loaded checkpoint from .{1,2000} at iteration (\d{1,10})\b/;

/** One line tells no more skipped iterations than this. */
const MOST_SKIPPED = 1000;

const MARKS = [
  ["saving", SAVING],
  ["saved", SAVED],
  ["loaded", LOADED],
] as const;

export const megatronReader = (): ReadLine => {
  /** Lines of this job have a loss where there is one. */
  let tellsLoss = false;

  const lossIn = (line: string, skipped: number, nan: number): number | null => {
    const told = lossOf((LM_LOSS.exec(line) ?? ANY_LOSS.exec(line))?.[1]);
    if (nan > 0) return Number.NaN;
    if (told !== null) {
      tellsLoss = true;
      return told === 0 && skipped > 0 ? null : told;
    }
    const norm = lossOf(GRADIENT_NORM.exec(line)?.[1]);
    return (tellsLoss && skipped === 0) || (norm !== null && !Number.isFinite(norm)) ? Number.NaN : null;
  };

  return (line) => {
    const step = stepOf(ITERATION.exec(line)?.[1]);
    if (step !== null) {
      const skipped = stepOf(SKIPPED.exec(line)?.[1]) ?? 0;
      const nan = stepOf(NAN.exec(line)?.[1]) ?? 0;
      const told: ProgressEvent = { type: "step", step, loss: lossIn(line, skipped, nan) };
      const skips = Array.from(
        { length: Math.min(skipped, MOST_SKIPPED) },
        () => ({ type: "skipped", step }) as const,
      );
      return [told, ...skips];
    }
    for (const [type, pattern] of MARKS) {
      const found = pattern.exec(line);
      if (found !== null) return [{ type, step: stepOf(found[1]) }];
    }
    return [];
  };
};
