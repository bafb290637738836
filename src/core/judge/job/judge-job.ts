/**
 * Is the head's training job less resilient than the baseline's? Whole runs are compared, few of each:
 *
 *   Profile.jobRuns -> figures (core/job) -> shares of runs and restarts, log times -> label (Holm) -> decide
 */
import type { Experiment } from "../../suite.ts";
import type { Comparison, Finding, Verdict } from "../../verdict.ts";
import { ALL_SCENARIOS } from "../checks/errors.ts";
import type { JudgeContext } from "../context.ts";
import { decide } from "../decide.ts";
import { labelComparisons } from "../label.ts";
import { evidenceOf } from "./evidence.ts";
import { jobExpectations } from "./expectations.ts";
import { isJobMetric, JOB_HINTS } from "./hints.ts";
import { shareComparisons } from "./shares.ts";
import { type JobSides, jobSides, runsOf } from "./sides.ts";
import { timeComparisons } from "./times.ts";
import { jobValidity } from "./validity.ts";

export const jobComparisons = (context: JudgeContext, sides: JobSides): readonly Comparison[] =>
  context.baseline === null ? [] : [...shareComparisons(context, sides), ...timeComparisons(context, sides)];

/** Metrics of one finding that are told with a case: its own first, then what else is worse there. */
const MOST_CASES = 3;

/** Which run shows it, and where to look first. */
const withEvidence = (sides: JobSides, comparisons: readonly Comparison[], finding: Finding): Finding => {
  if (finding.kind !== "regression" || !isJobMetric(finding.metric)) return finding;
  const { metric, scenario } = finding;
  const worse = comparisons
    .filter((each) => each.label === "regressed" && each.scenario === (scenario ?? ALL_SCENARIOS))
    .flatMap((each) => (isJobMetric(each.metric) ? [each.metric] : []));
  const metrics = [metric, ...worse.filter((each) => each !== metric)].slice(0, MOST_CASES);
  const runs =
    scenario === null
      ? [...sides.head.figures.runs].flatMap(([name, each]) => (name === "control" ? [] : each))
      : runsOf([sides.head], scenario);
  const [own, ...others] = metrics.map((each) => evidenceOf(each, runs, sides.tolerance));
  const told = [own, JOB_HINTS[metric], ...others].filter((line) => line !== null && line !== undefined);
  return { ...finding, detail: [...told, ...finding.detail] };
};

export const judgeJob = (context: JudgeContext, experiments: readonly Experiment[]): Verdict => {
  const sides = jobSides(context);
  const comparisons = labelComparisons(jobComparisons(context, sides), context.policy.alpha);
  const verdict = decide(
    context,
    comparisons,
    jobExpectations(context, sides, experiments),
    jobValidity(context, sides, comparisons),
  );
  return {
    ...verdict,
    findings: verdict.findings.map((finding) => withEvidence(sides, verdict.comparisons, finding)),
  };
};
