/**
 * Steps that a loss scaler skipped because gradients overflowed: NVIDIA Apex (amp/scaler.py), DeepSpeed (fp16/loss_scaler.py and, before
 * 0.8, fp16/fused_optimizer.py). torch.amp.GradScaler skips without a word.
 */
import type { ProgressEvent } from "../progress-event.ts";

const SKIPPED =
  /Gradient overflow\.\s{1,3}Skipping step|OVERFLOW! Rank 0 Skipping step|Overflow detected\. Skipping step/;

export const overflow = (line: string): readonly ProgressEvent[] =>
  SKIPPED.test(line) ? [{ type: "skipped", step: null }] : [];
