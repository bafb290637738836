/**
 * Profile + Baseline -> Verdict, as a list of named steps (METHOD.md):
 *
 *   clean + standardise (context) -> compare (checks, twins) -> label (Holm) -> decide
 */
import type { DetectorName } from "../detect/result.ts";
import type { Baseline, Profile } from "../profile.ts";
import type { Experiment, Policy } from "../suite.ts";
import type { Comparison, Verdict } from "../verdict.ts";
import { errorComparisons } from "./checks/errors.ts";
import { frontierComparisons } from "./checks/frontier.ts";
import { latencyComparisons } from "./checks/latency.ts";
import { recoveryComparisons } from "./checks/recovery.ts";
import { slowShareComparisons } from "./checks/slow-share.ts";
import { conductComparisons } from "./conduct/index.ts";
import type { JudgeContext } from "./context.ts";
import { buildContext, isJob } from "./context.ts";
import { decide } from "./decide.ts";
import { estimatesOf } from "./estimates.ts";
import { hypothesisResults } from "./hypotheses.ts";
import { judgeJob } from "./job/judge-job.ts";
import { labelComparisons, mergeComparisons } from "./label.ts";
import { withoutSlowMachine } from "./slow-machine.ts";
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
  /** What watches the run's series, to explain it; absent: nothing does. */
  readonly detectors?: readonly DetectorName[];
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
  if (isJob(context)) return judgeJob(context, experiments);
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
