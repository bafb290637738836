/** Answers that say something else than the same request's calm answer in the same run. */
import type { Observation } from "../../observation.ts";
import type { Comparison } from "../../verdict.ts";
import { refused } from "../comparison.ts";
import { controlScenario, type JudgeContext, type RunSample, rowsOf, type ScoredRow } from "../context.ts";
import { ceilingFor, shareComparisons } from "./share.ts";

/** Window index of the sequential calm pass before the first window. */
const CALM_PASS = -1;
/** Above this share of ids whose calm answers differ among themselves, drift says nothing about faults. */
export const LARGEST_VARYING = 0.1;

export interface CalmAnswers {
  /** Request id -> its one calm answer; null where calm answers differ. */
  readonly hashes: ReadonlyMap<string, string | null>;
  readonly varying: number;
}

/** The calm answer of every request of a run, and the share of requests whose calm answers vary. */
export const calmAnswers = (run: RunSample, control: string): CalmAnswers => {
  const hashes = new Map<string, string | null>();
  const { profile } = run;
  const isCalm = ({ window, outcome, answerHash }: Observation): boolean =>
    outcome === "ok" &&
    answerHash !== "" &&
    (window === CALM_PASS || profile.windows[window]?.scenario === control);
  for (const { requestId, answerHash } of profile.observations.filter(isCalm)) {
    const known = hashes.get(requestId);
    hashes.set(requestId, known === undefined || known === answerHash ? answerHash : null);
  }
  const varying = [...hashes.values()].filter((hash) => hash === null).length;
  return { hashes, varying: hashes.size === 0 ? 0 : varying / hashes.size };
};

/** Failures and empty answers are judged elsewhere; ids whose calm answers vary are left out. */
export const drifted = (row: ScoredRow, calm: CalmAnswers | undefined): number | null => {
  const { answerHash, requestId } = row.observation;
  const reference = calm?.hashes.get(requestId);
  if (row.failed || answerHash === "" || reference === undefined || reference === null) return null;
  return answerHash === reference ? 0 : 1;
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
