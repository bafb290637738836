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
  findings.some(({ kind, severity }) => kind === "regression" && severity === "block");

const settledScenarios = (comparisons: readonly Comparison[], names: readonly string[]): Set<string> => {
  const primary = comparisons.filter((comparison) => comparison.primary);
  // What all faults together leave open, any of them may settle.
  if (primary.some((each) => each.scenario === ALL_SCENARIOS && !isSettled(each))) return new Set();
  return new Set(
    names.filter((name) => {
      const own = primary.filter(({ scenario }) => scenario === name);
      return own.length > 0 && own.every(isSettled);
    }),
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
  if (hasRegressed(verdict)) return { ...goOn, stop: true };
  if (verdict.word === "invalid" || verdict.word === "no-baseline") return goOn;
  if (verdict.widest === null) return { ...goOn, stop: true };
  return { stop: false, settled: settledScenarios(verdict.comparisons, names) };
};
