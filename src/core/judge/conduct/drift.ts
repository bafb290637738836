/** Answers that say something else than the same request's calm answer in the same run. */
import { type CalmAnswers, calmAnswersOf, LARGEST_VARYING, saysOtherThanCalm } from "../../calm-answers.ts";
import type { Comparison } from "../../verdict.ts";
import { refused } from "../comparison.ts";
import { controlScenario, type JudgeContext, type RunSample, rowsOf, type ScoredRow } from "../context.ts";
import { ceilingFor, shareComparisons } from "./share.ts";

/** Window index of the sequential calm pass before the first window. */
const CALM_PASS = -1;
/** The calm answer of every request of a run, and the share of requests whose calm answers vary. */
export const calmAnswers = ({ profile }: RunSample, control: string): CalmAnswers =>
  calmAnswersOf(
    profile.observations.filter(
      ({ window }) => window === CALM_PASS || profile.windows[window]?.scenario === control,
    ),
  );

/** Failures and empty answers are judged elsewhere; ids whose calm answers vary are left out. */
export const drifted = (row: ScoredRow, calm: CalmAnswers | undefined): number | null => {
  const other = row.failed ? null : saysOtherThanCalm(row.observation, calm);
  return other === null ? null : Number(other);
};

/**
 * As `drifted`, of every row: a failure or a fallback says nothing else than it should. So an answer that is other than in calm counts
 * also where the baseline failed, as of a stream that was cut and is now passed on as complete: its errors fall, and only this rises.
 */
const saysOther = (row: ScoredRow, calm: CalmAnswers | undefined): number | null =>
  row.failed || row.observation.outcome === "degraded" ? 0 : drifted(row, calm);

/** Advisory where calm answers themselves vary, as of a model that samples. */
export const driftComparisons = (context: JudgeContext): readonly Comparison[] => {
  const control = controlScenario(context)?.name;
  if (control === undefined) return [];
  const head = context.head.runs.map((run) => calmAnswers(run, control));
  const base = (context.baseline?.runs ?? []).map((run) => calmAnswers(run, control));
  const faults = context.scenarios.filter(({ shape }) => shape !== "control");
  const varying = Math.max(0, ...[...head, ...base].map((calm) => calm.varying));
  if (varying > LARGEST_VARYING) {
    return faults.map(({ name }) =>
      refused(
        { scenario: name, metric: "drift-rate", unit: "share", primary: false, method: "stored" },
        "advisory",
        { n: rowsOf(context.head, name).length, details: { varying } },
      ),
    );
  }
  const margin = context.policy.degradedRate;
  return shareComparisons(
    context,
    {
      metric: "drift-rate",
      hitsOnly: false,
      primary: false,
      margin,
      ceiling: ceilingFor(margin),
      value: (row, side) => saysOther(row, (side === "head" ? head : base)[row.run]),
    },
    faults,
  ).filter((comparison) => comparison.n > 0);
};
