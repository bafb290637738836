/** Processes that died without our doing, per scenario. Reported only where one died on either side. */
import type { Comparison } from "../../verdict.ts";
import { assessed, refused } from "../comparison.ts";
import { baselineRunsOf, headRun, type JudgeContext, type RunSample } from "../context.ts";

/** Deaths expected of a service in one run and one scenario before anything is known: one in fifty. */
const PRIOR_DEATHS = 0.02;
/** Runs the prior is worth. */
const PRIOR_RUNS = 1;

const deathsIn = (run: RunSample, scenario: string): number =>
  run.profile.deaths.filter(
    (death) => !death.injected && run.profile.windows[death.window]?.scenario === scenario,
  ).length;

/** P(X >= count) of a Poisson variable: summed upwards, so that a small tail keeps its digits. */
const poissonTail = (count: number, mean: number): number => {
  if (count <= 0) return 1;
  let term = Math.exp(-mean);
  for (let k = 1; k <= count; k++) term *= mean / k;
  let sum = 0;
  for (let k = count; term > 1e-300 && k < count + 200; k++) {
    sum += term;
    term *= mean / (k + 1);
  }
  return Math.min(1, sum);
};

export const deathComparisons = (context: JudgeContext): readonly Comparison[] => {
  if (context.baseline === null) return [];
  return context.scenarios.flatMap(({ name }) => {
    const runs = baselineRunsOf(context, name);
    const head = deathsIn(headRun(context), name);
    const before = runs.reduce((sum, run) => sum + deathsIn(run, name), 0);
    if (head === 0 && before === 0) return [];
    const subject = {
      scenario: name,
      metric: "deaths",
      unit: "count",
      primary: true,
      method: "stored",
    } as const;
    if (runs.length === 0) return [refused(subject, "no-baseline", { head, n: 1 })];
    const base = before / runs.length;
    const expected = (before + PRIOR_DEATHS * PRIOR_RUNS) / (runs.length + PRIOR_RUNS) + PRIOR_DEATHS / 2;
    return [
      assessed(subject, {
        base,
        head,
        change: head - base,
        interval: [head - base, head - base],
        margin: 0,
        p: poissonTail(head, expected),
        // A death that the baseline never showed is not explained away by being rare.
        bounded: head <= base,
        n: runs.length + 1,
        details: { expected },
      }),
    ];
  });
};
