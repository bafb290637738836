/** Verdict + Profile -> Result: everything a report says, with what explains the verdict and decides nothing. */
import { detect } from "../detect/detection.ts";
import { diagnosesOf, withRemedies } from "../diagnosis/diagnoses.ts";
import { jobResults } from "../job/figures.ts";
import { localise } from "../localise/localise.ts";
import type { Profile } from "../profile.ts";
import { policyResults } from "../recovery-policy/result.ts";
import { signalResults } from "../signals/noticed.ts";
import { timelineOf } from "../timeline/timeline.ts";
import type { Comparison, Result, Verdict } from "../verdict.ts";
import { comparableRuns } from "./context.ts";
import { frontierResults } from "./frontier-results.ts";
import type { JudgeInput } from "./judge.ts";
import { measuredScenarios } from "./measured.ts";
import { trendOf } from "./trend.ts";

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

type Explanations = Pick<
  Result,
  | "frontiers"
  | "trend"
  | "timeline"
  | "detection"
  | "signals"
  | "localisation"
  | "diagnoses"
  | "recoveryPolicies"
>;

/** Lists with something in them, and what is not null. */
const present = <T extends object>(
  parts: {
    readonly [K in keyof T]: T[K] | null | undefined;
  },
): T =>
  Object.fromEntries(
    Object.entries(parts).filter(
      ([, part]) => part !== null && part !== undefined && !(Array.isArray(part) && part.length === 0),
    ),
  ) as T;

const explanationsOf = (input: JudgeInput, verdict: Verdict): Explanations => {
  const { head } = input;
  // What explains traffic explains no job: it has none.
  if (head.jobRuns !== undefined) return {};
  return present<Explanations>({
    frontiers: frontierResults(head),
    trend: input.paired === true ? null : trendOf(comparedRuns(input), input.policy),
    timeline: timelineOf(head),
    detection: detect(head, input.baseline?.profiles ?? [], input.detectors ?? []),
    signals: signalResults(head),
    localisation: localise(head),
    diagnoses: diagnosesOf(input, verdict),
    recoveryPolicies: policyResults(head),
  });
};

/** Everything a report says. `reproduce`: the command for a scenario (null: the whole suite). */
export const buildResult = (
  input: JudgeInput,
  verdict: Verdict,
  reproduce: (scenario: string | null) => string,
): Result => {
  const { head } = input;
  const explanations = explanationsOf(input, verdict);
  return {
    schemaVersion: 1,
    suite: head.suite,
    suiteHash: head.suiteHash,
    seed: head.seed,
    verdict: withRemedies(verdict, explanations.diagnoses ?? []),
    scenarios: head.scenarios,
    measured: head.jobRuns === undefined ? measuredScenarios(head, input.policy) : [],
    ...(head.jobRuns === undefined ? {} : { jobs: jobResults(head, comparedRuns(input)) }),
    ...explanations,
    head: {
      provenance: head.provenance,
      fingerprint: head.fingerprint,
      observations: head.observations.length,
      probeMs: head.probeMs,
      measuringMs: head.measuringMs,
    },
    baseline: comparedWith(input),
    method: methodOf(verdict.comparisons, input.paired === true),
    notes: head.notes,
    reproduce: reproduce(verdict.worstScenario),
  };
};
