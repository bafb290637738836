/**
 * Profile + Baseline -> Verdict, as a list of named steps (METHOD.md):
 *
 *   clean + standardise (context) -> compare (checks, twins) -> label (Holm) -> decide
 */
import type { Baseline, Profile } from "../profile.ts";
import { policyResults } from "../recovery-policy/result.ts";
import type { Experiment, Policy } from "../suite.ts";
import type { Comparison, Result, Verdict } from "../verdict.ts";
import { errorComparisons } from "./checks/errors.ts";
import { frontierComparisons } from "./checks/frontier.ts";
import { latencyComparisons } from "./checks/latency.ts";
import { recoveryComparisons } from "./checks/recovery.ts";
import { slowShareComparisons } from "./checks/slow-share.ts";
import { conductComparisons } from "./conduct/index.ts";
import type { JudgeContext } from "./context.ts";
import { buildContext, comparableRuns } from "./context.ts";
import { decide } from "./decide.ts";
import { estimatesOf } from "./estimates.ts";
import { frontierResults } from "./frontier-results.ts";
import { hypothesisResults } from "./hypotheses.ts";
import { labelComparisons, mergeComparisons } from "./label.ts";
import { measuredScenarios } from "./measured.ts";
import { withoutSlowMachine } from "./slow-machine.ts";
import { trendOf } from "./trend.ts";
import { twinComparisons } from "./twins/index.ts";
import { validityOf } from "./validity.ts";

export interface JudgeInput {
  readonly head: Profile;
  readonly baseline: Baseline | null;
  readonly policy: Policy;
  readonly experiments: readonly Experiment[];
  /** Experiments of the suite that the head's run was told to leave out: not missing, not asked. */
  readonly notAsked?: readonly string[];
  /** The baseline is one run, measured beside the head with its windows in turn (`run/run-pair.ts`). */
  readonly paired?: boolean;
}

/**
 * Sections 4 to 6: every stored-mode check, unlabelled but for its bound. In pairs request is compared with request: what is
 * left to compare are recoveries and frontiers.
 */
export const storedComparisons = (context: JudgeContext): readonly Comparison[] => {
  if (context.baseline === null) return [];
  if (context.paired) return [...recoveryComparisons(context), ...frontierComparisons(context)];
  const estimates = estimatesOf(context);
  return [
    ...latencyComparisons(context, estimates),
    ...slowShareComparisons(context, estimates),
    ...errorComparisons(context),
    ...recoveryComparisons(context),
    ...frontierComparisons(context),
  ];
};

/** The verdict on a context: what `judge` does after cleaning. */
export const judgeContext = (context: JudgeContext, experiments: readonly Experiment[]): Verdict => {
  const twins = context.twins.length > 0 ? twinComparisons(context) : [];
  const stored = [...storedComparisons(context), ...conductComparisons(context)];
  const compared = mergeComparisons(stored, twins, context.scenarios);
  const comparisons = labelComparisons(withoutSlowMachine(context, compared), context.policy.alpha);
  return decide(
    context,
    comparisons,
    hypothesisResults(context, experiments),
    validityOf(context, comparisons),
  );
};

/** Is the head less resilient than the baseline, under which fault, by how much, and how sure are we? Pure. */
export const judge = ({ head, baseline, policy, experiments, notAsked, paired }: JudgeInput): Verdict =>
  judgeContext(buildContext(head, baseline, policy, notAsked, paired), experiments);

const methodOf = (comparisons: readonly Comparison[], paired: boolean): Result["method"] => {
  if (paired && comparisons.length > 0) return "paired";
  if (comparisons.some((comparison) => comparison.method === "twin")) return "twin";
  return comparisons.some((comparison) => comparison.method === "stored") ? "stored" : "none";
};

const comparedRuns = ({ head, baseline, policy }: JudgeInput): readonly Profile[] =>
  comparableRuns(head, baseline?.profiles ?? [], policy).kept;

/** The runs that count; where none does because it is another machine's, those that were refused, so that it is seen which. */
const comparedWith = ({ head, baseline, policy }: JudgeInput): Result["baseline"] => {
  const all = baseline?.profiles ?? [];
  const { kept, incomparable } = comparableRuns(head, all, policy);
  const refused = incomparable.at(-1)?.kind === "changed-suite" ? [] : all;
  const runs = kept.length > 0 ? kept : refused;
  const newest = runs.at(-1);
  return newest === undefined
    ? null
    : { runs: runs.length, newest: newest.provenance, fingerprint: newest.fingerprint };
};

/** Everything a report says. `reproduce`: the command for a scenario (null: the whole suite). */
export const buildResult = (
  input: JudgeInput,
  verdict: Verdict,
  reproduce: (scenario: string | null) => string,
): Result => {
  const { head } = input;
  const frontiers = frontierResults(head);
  const trend = input.paired === true ? null : trendOf(comparedRuns(input), input.policy);
  return {
    schemaVersion: 1,
    suite: head.suite,
    suiteHash: head.suiteHash,
    seed: head.seed,
    verdict,
    scenarios: head.scenarios,
    measured: measuredScenarios(head, input.policy),
    ...(frontiers.length === 0 ? {} : { frontiers }),
    ...(head.policyRuns === undefined ? {} : { recoveryPolicies: policyResults(head) }),
    head: {
      provenance: head.provenance,
      fingerprint: head.fingerprint,
      observations: head.observations.length,
      probeMs: head.probeMs,
      measuringMs: head.measuringMs,
    },
    baseline: comparedWith(input),
    ...(trend === null ? {} : { trend }),
    method: methodOf(verdict.comparisons, input.paired === true),
    notes: head.notes,
    reproduce: reproduce(verdict.worstScenario),
  };
};
