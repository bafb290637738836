/**
 * Recovery policies, tried after everything that a verdict rests on: each experiment in windows of one length, in which nothing is done, what
 * the rules say, and what earlier runs taught.
 */
import { SquallError } from "../core/errors.ts";
import { isFailure, isUnscored } from "../core/outcome.ts";
import type { RecoveryCase } from "../core/recovery-policy/cases.ts";
import { evaluate, freshRule, NOTHING } from "../core/recovery-policy/evaluate.ts";
import { freshLearned, learnedSecond } from "../core/recovery-policy/learned.ts";
import { type CalmBand, clientSeconds, recoveredAfterMs } from "../core/recovery-policy/recovered.ts";
import type { PolicyRun, RecoveryRule } from "../core/recovery-policy/rule.ts";
import type { Experiment, RecoveryPolicy } from "../core/suite.ts";
import type { AfterPlan } from "./after-plan.ts";
import { isPossible } from "./applied-remedies.ts";
import type { PlanInput, Stretch } from "./plan/plan.ts";
import { divideBudget, layPolicyWindow } from "./plan/policy-window.ts";
import { experimentShape } from "./plan/shape.ts";
import { singleOrder } from "./plan/single-window.ts";
import type { Decide } from "./policy-watch.ts";
import type { OnProgress, RunningSystem } from "./ports.ts";

/** What of an arm is needed. */
export type PolicyArm = Pick<
  AfterPlan,
  "calmBand" | "underPolicy" | "comesToRest" | "addPolicyRun" | "note"
> & {
  readonly system: Pick<RunningSystem, "processes">;
};

export interface PoliciesInput {
  readonly policy: RecoveryPolicy;
  /** Of the run. */
  readonly experiments: readonly Experiment[];
  readonly planInput: PlanInput;
  readonly arm: PolicyArm;
  /** What the baseline's runs taught. */
  readonly cases: readonly RecoveryCase[];
  readonly onProgress: OnProgress;
}

type PolicyName = PolicyRun["policy"];

/**
 * By default those that last: faults by the clock, and limits of processes. A kill is over when the process is back, which no policy does
 * sooner; faults of single requests and clients that hang up leave nothing to recover from.
 */
const isChosenByDefault = ({ faults }: Experiment): boolean => {
  const shape = experimentShape(faults);
  return (shape === "clock" || shape === "ambient") && faults.every(({ kind }) => kind !== "client-abort");
};

const chosen = ({ policy, experiments }: PoliciesInput): readonly Experiment[] => {
  const { experiments: named } = policy;
  if (named === undefined) return experiments.filter(isChosenByDefault);
  return named.flatMap((name) => experiments.find((each) => each.name === name) ?? []);
};

const byRules = (rules: readonly RecoveryRule[]): Decide => {
  let states = rules.map(() => freshRule);
  return (atMs, symptoms) => {
    const { states: next, decision } = evaluate(rules, states, atMs, symptoms);
    states = [...next];
    return decision;
  };
};

const byCases = ({ cases, planInput, arm }: PoliciesInput, band: CalmBand): Decide => {
  const names = new Set(["service", ...planInput.suite.dependencies.map(({ name }) => name)]);
  const possible = isPossible(arm.system, names);
  let state = freshLearned;
  return (atMs, symptoms) => {
    const next = learnedSecond({ cases, band, possible }, state, atMs, symptoms);
    state = next.state;
    return next.decision;
  };
};

const deciderOf = (policy: PolicyName, input: PoliciesInput, band: CalmBand): Decide => {
  switch (policy) {
    case "none":
      return () => NOTHING;
    case "rules":
      return byRules(input.policy.rules);
    case "learned":
      return byCases(input, band);
  }
};

/** What is compared: nothing done, the rules, and what was learned, as far as there is any. */
const policiesOf = ({ policy, cases }: PoliciesInput): readonly PolicyName[] => [
  "none",
  ...(policy.rules.length === 0 ? [] : (["rules"] as const)),
  ...(policy.learn && cases.some(({ remedies }) => remedies.length > 0) ? (["learned"] as const) : []),
];

/** One window. */
const tryPolicy = async (
  input: PoliciesInput,
  policy: PolicyName,
  stretch: Stretch,
  band: CalmBand,
): Promise<PolicyRun> => {
  const scenario = stretch.windows[0]?.scenario ?? "";
  const { outcome, actions, symptoms } = await input.arm.underPolicy(
    stretch,
    deciderOf(policy, input, band),
    `${scenario} under ${policy === "none" ? "no policy" : policy}`,
  );
  const [window] = outcome.windows;
  const scored = outcome.observations.filter((each) => !isUnscored(each.outcome));
  const seconds = clientSeconds(outcome.observations, stretch.durationMs);
  return {
    scenario,
    policy,
    startMs: window?.startMs ?? 0,
    durationMs: stretch.durationMs,
    recoveryMs: recoveredAfterMs(seconds, band),
    actions,
    symptoms,
    requests: scored.length,
    errors: scored.filter((each) => isFailure(each.outcome)).length,
    ...(window?.invalid === undefined ? {} : { invalid: window.invalid }),
  };
};

const tell = ({ onProgress }: PoliciesInput, name: string, policy: PolicyName): void =>
  onProgress({
    phase: "window",
    text: `recovery of ${name}: ${policy === "none" ? "doing nothing" : policy === "rules" ? "by the rules" : "by what was learned"}`,
  });

/** @returns why no more can be tried; null: more can */
const tryExperiment = async (
  input: PoliciesInput,
  experiment: Experiment,
  layWindow: () => Stretch,
  band: CalmBand,
): Promise<string | null> => {
  const { arm } = input;
  for (const policy of policiesOf(input)) {
    tell(input, experiment.name, policy);
    try {
      const run = await tryPolicy(input, policy, layWindow(), band);
      arm.addPolicyRun(run);
      if (run.invalid !== undefined)
        arm.note(`${experiment.name}: a window under a recovery policy does not count: ${run.invalid}`);
    } catch (error) {
      if (!(error instanceof SquallError) || error.code === "interrupted") throw error;
      return [error.message, ...error.detail].join(" ");
    }
    if (!(await arm.comesToRest())) return "the service did not come to rest afterwards";
  }
  return null;
};

/** Nothing of it touches what was measured before: what fails here is a note. */
export const runRecoveryPolicies = async (input: PoliciesInput): Promise<void> => {
  const { policy, planInput, arm } = input;
  const wanted = chosen(input);
  const policies = policiesOf(input);
  if (wanted.length === 0 || (policies.length === 1 && !policy.learn)) return;
  const band = arm.calmBand();
  if (band === null) {
    arm.note("Recovery policies were not tried: too few calm seconds to tell what recovered means.");
    return;
  }
  const { experiments: count, windowMs } = divideBudget(policy.budgetMs, wanted.length, policies.length);
  if (count < wanted.length) {
    const left = wanted.slice(count).map(({ name }) => name);
    arm.note(`recovery.budget has no time for ${left.join(", ")}: raise it, or name fewer experiments.`);
  }
  const order = singleOrder(planInput, "policy");
  for (const experiment of wanted.slice(0, count)) {
    const layWindow = (): Stretch => layPolicyWindow(planInput, order, experiment, windowMs);
    const why = await tryExperiment(input, experiment, layWindow, band);
    if (why === null) continue;
    arm.note(`${experiment.name}: recovery policies ended there: ${why}`);
    return;
  }
};
