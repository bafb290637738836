/**
 * torchtitan (torchtitan/components/metrics.py, components/checkpoint.py; since 2026 components/checkpointer/dcp.py):
 *
 *   [titan] 2026-05-18 16:07:39,051 - root - INFO - step: 22  loss:  2.91027  grad_norm:  0.5926  memory:  9.46GiB(64.99%) ...
 *
 * Lines of saving do not tell the step. Where saving is asynchronous, newer versions say `Staging` and never that it is whole; older ones
 * say `saving ... (or staging if async is enabled)` of both, and their end is then the staging's.
 */
import { lossOf, stepOf } from "./numbers.ts";
import type { ReadLine } from "./read-line.ts";

const STEP = /(?<!validate )\bstep:\s{0,12}(\d{1,10})\s{1,8}loss:\s{0,12}(\S{1,40})/;
const SAVING = /\b(?:Saving|Staging) the checkpoint\b/;
const SAVED = /\bFinished saving the checkpoint\b|\bLast step checkpoint completed in\b/;
const LOADING = /\bLoading the checkpoint (?:at step (\d{1,10})|from .{0,2000}\bstep-(\d{1,10}))/;
const LOADED = /\bFinished loading the checkpoint in\b/;

export const torchtitanReader = (): ReadLine => {
  let loading: number | null = null;
  return (line) => {
    const found = STEP.exec(line);
    const step = stepOf(found?.[1]);
    if (step !== null) return [{ type: "step", step, loss: lossOf(found?.[2]) }];
    if (SAVED.test(line)) return [{ type: "saved", step: null }];
    if (SAVING.test(line)) return [{ type: "saving", step: null }];
    const begun = LOADING.exec(line);
    if (begun !== null) {
      loading = stepOf(begun[1] ?? begun[2]);
      return [];
    }
    if (!LOADED.test(line)) return [];
    const loaded = loading;
    loading = null;
    return [{ type: "loaded", step: loaded }];
  };
};
