/**
 * Looks at a run that is not over (METHOD 2): a clear regression and a pass that is earned end it early, and faults that are settled
 * are left out of what remains. Chances of a false alarm add up over looks, so each spends a part of the whole.
 */
import type { Profile } from "../profile.ts";
import type { Comparison, Verdict } from "../verdict.ts";
import { ALL_SCENARIOS } from "./checks/errors.ts";
import { isSettled } from "./decide.ts";
import { type JudgeInput, judge } from "./judge.ts";

/** Of alpha, by look: O'Brien and Fleming's manner of spending, 0.0019, 0.017 and 0.031 of 5 % (METHOD 2). */
const SPENT: readonly number[] = [0.038, 0.34, 0.62];

/**
 * An early pass must exclude more than a late one: by so much of its ceiling each comparison must stay below. Without this a run
 * that would have shown one more point of errors passed early in 15 of 100 (`bench/aa.ts`).
 */
const OF_CEILING: readonly number[] = [0.5, 0.75];

export interface LookAnswer {
  readonly stop: boolean;
  /** Scenarios of which nothing is left to learn. */
  readonly settled: ReadonlySet<string>;
}

/** The chance of a false alarm that is left for the verdict of a run that was looked at. */
export const withFinalAlpha = <P extends { readonly alpha: number }>(policy: P): P => ({
  ...policy,
  alpha: policy.alpha * (SPENT.at(-1) ?? 1),
});

const isInterleaved = (shape: string): boolean => shape !== "clock" && shape !== "kill";

/** The run as far as it was measured: outages and kills come after the looks, and are not missing yet. */
const soFar = (head: Profile): Profile => ({
  ...head,
  scenarios: head.scenarios.filter(({ shape }) => isInterleaved(shape)),
});

/** Expectations are judged once, at the end: their intervals know nothing of looks. */
const hasRegressed = ({ findings }: Verdict): boolean =>
  findings.some(({ kind, severity }) => (kind === "regression" || kind === "death") && severity === "block");

/** Settled with so much to spare that more rounds would hardly unsettle it. */
const isWellSettled = (comparison: Comparison, look: number): boolean => {
  if (!isSettled(comparison)) return false;
  const { ceiling, upper = comparison.interval?.[1] } = comparison.details;
  if (ceiling === undefined || upper === undefined || comparison.label !== "ok") return true;
  return upper <= (OF_CEILING[look] ?? 1) * ceiling;
};

/** Scenarios, all faults together among them, whose primary comparisons are all well settled. */
const settledScenarios = (comparisons: readonly Comparison[], look: number): ReadonlySet<string> => {
  const primary = Map.groupBy(
    comparisons.filter((comparison) => comparison.primary),
    ({ scenario }) => scenario,
  );
  return new Set(
    [...primary].flatMap(([name, own]) => (own.every((each) => isWellSettled(each, look)) ? [name] : [])),
  );
};

/** @param look from 0 */
export const lookAt = (input: JudgeInput, look: number): LookAnswer => {
  const goOn = { stop: false, settled: new Set<string>() };
  if (input.baseline === null) return goOn;
  const head = soFar(input.head);
  const names = head.scenarios.filter(({ shape }) => shape !== "control").map(({ name }) => name);
  if (names.length === 0) return goOn;
  const verdict = judge({
    ...input,
    head,
    policy: { ...input.policy, alpha: input.policy.alpha * (SPENT[look] ?? 0) },
    experiments: input.experiments.filter(({ name }) => names.includes(name)),
  });
  // After the last look nothing is told any more: what looks worse then is open, and measured on like the rest.
  if (hasRegressed(verdict) && look < SPENT.length - 1) return { ...goOn, stop: true };
  if (verdict.word === "invalid" || verdict.word === "no-baseline") return goOn;
  const settled = settledScenarios(verdict.comparisons, look);
  const isOpen = verdict.comparisons.some(({ primary, scenario }) => primary && !settled.has(scenario));
  if (!isOpen && verdict.widest === null) return { ...goOn, stop: true };
  // What all faults together leave open, any of them may settle.
  const together = verdict.comparisons.some(({ primary, scenario }) => primary && scenario === ALL_SCENARIOS);
  if (together && !settled.has(ALL_SCENARIOS)) return goOn;
  return { stop: false, settled: new Set(names.filter((name) => settled.has(name))) };
};
