/** Work left behind after clients hung up: dependency calls that went on to their end, or were still open a second later, per client gone. */

import type { AbortRecord } from "../../profile.ts";
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

const recordsOf = (runs: readonly RunSample[], scenario: string): readonly AbortRecord[] =>
  runs.flatMap((run) =>
    run.profile.aborts.filter(
      ({ window }) => run.profile.windows[window]?.scenario === scenario && run.validWindows.has(window),
    ),
  );

/** Clients of one window for whom work went on: calls still open a second later, or that ran to their very end since. */
export const leftBehindBy = ({ aborted, openAfter1s, finished = 0 }: AbortRecord): number =>
  Math.min(aborted, Math.max(openAfter1s, finished));

/** @param known whether every record of both sides tells of calls that ran to their end */
const leftBehind = (records: readonly AbortRecord[], known: boolean): { k: number; n: number } => {
  let k = 0;
  let n = 0;
  for (const record of records) {
    k += known ? leftBehindBy(record) : Math.min(record.aborted, record.openAfter1s);
    n += record.aborted;
  }
  return { k, n };
};

export const abortComparisons = (context: JudgeContext): readonly Comparison[] =>
  context.scenarios.flatMap(({ name }) => {
    const recordsNow = recordsOf([headRun(context)], name);
    const recordsThen = recordsOf(context.baseline?.runs ?? [], name);
    const known = [...recordsNow, ...recordsThen].every(({ finished }) => finished !== undefined);
    const now = leftBehind(recordsNow, known);
    if (now.n === 0) return [];
    const then = leftBehind(recordsThen, known);
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
