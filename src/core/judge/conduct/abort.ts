/** Work left behind after clients hung up: dependency calls still open a second later, per client gone. */

import { effectiveCount, exceedanceP, newcombeInterval } from "../../statistics/proportion.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { headRun, type JudgeContext, type RunSample } from "../context.ts";
import { BOUND_Z, INTERVAL_Z, POWER_Z } from "../twins/share.ts";

const MARGIN = 0.05;
const CEILING = 0.25;
const FEWEST_ABORTS = 8;
/** Clients of one window hang up together. */
const DESIGN_EFFECT = 2;

const leftBehind = (runs: readonly RunSample[], scenario: string): { k: number; n: number } => {
  let k = 0;
  let n = 0;
  for (const run of runs) {
    for (const record of run.profile.aborts) {
      if (run.profile.windows[record.window]?.scenario !== scenario) continue;
      if (!run.validWindows.has(record.window)) continue;
      k += Math.min(record.openAfter1s, record.aborted);
      n += record.aborted;
    }
  }
  return { k, n };
};

export const abortComparisons = (context: JudgeContext): readonly Comparison[] =>
  context.scenarios.flatMap(({ name }) => {
    const now = leftBehind([headRun(context)], name);
    if (now.n === 0) return [];
    const then = leftBehind(context.baseline?.runs ?? [], name);
    const subject: Subject = {
      scenario: name,
      metric: "work-after-abort",
      unit: "share",
      primary: false,
      method: "stored",
    };
    if (then.n === 0) return [refused(subject, "no-baseline", { n: now.n })];
    if (now.n < FEWEST_ABORTS) return [refused(subject, "n", { n: now.n })];
    const head = effectiveCount(now, DESIGN_EFFECT);
    const base = effectiveCount(then, DESIGN_EFFECT);
    const interval = newcombeInterval(head, base, INTERVAL_Z);
    const se = (interval[1] - interval[0]) / (2 * INTERVAL_Z);
    const comparison = assessed(subject, {
      base: then.k / then.n,
      head: now.k / now.n,
      change: now.k / now.n - then.k / then.n,
      interval,
      margin: MARGIN,
      p: exceedanceP(head, base, MARGIN),
      bounded: newcombeInterval(head, base, BOUND_Z)[1] < CEILING,
      n: now.n,
      details: { S: se, D: DESIGN_EFFECT },
    });
    return [{ ...comparison, smallestVisible: MARGIN + (BOUND_Z + POWER_Z) * se }];
  });
