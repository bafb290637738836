/** Diagnoses of a verdict, and what they add to its findings. They explain: nothing here changes a word of the verdict. */
import type { Profile } from "../profile.ts";
import { formatValue } from "../report/format.ts";
import { metricWord } from "../report/words.ts";
import type { Finding, Verdict } from "../verdict.ts";
import { capitalised } from "./describe.ts";
import { diagnose } from "./outcome.ts";
import type { DiagnosisResult } from "./result.ts";
import { blockingFindings, diagnosisSubjects, type SubjectInput } from "./subject.ts";

/** In the order of their subjects: of scenarios that were tried, and that the verdict still fails for. */
export const diagnosesOf = (input: SubjectInput, verdict: Verdict): readonly DiagnosisResult[] => {
  const { trials = [] }: Pick<Profile, "trials"> = input.head;
  if (trials.length === 0) return [];
  const tried = new Set(trials.map(({ scenario }) => scenario));
  return diagnosisSubjects(input, verdict)
    .filter(({ scenario }) => tried.has(scenario))
    .map((subject) => diagnose(subject, trials));
};

/** "One retry after 100 ms on llm would have restored it: errors 9.8 % -> 0.1 % (tried in this run)."; null: nothing did. */
export const remedySentence = ({ best, unit, without, ...subject }: DiagnosisResult): string | null => {
  if (best === null) return null;
  const figures = `${metricWord(subject)} ${formatValue(without, unit)} -> ${formatValue(best.value, unit)}`;
  const cost = best.outcome === "helped" ? `; ${best.reason}` : "";
  const what = best.outcome === "restored" ? "would have restored it" : "would have helped";
  return `${capitalised(best.description)} ${what}: ${figures}${cost} (tried in this run).`;
};

/** The verdict, with a sentence to each finding that something was found to help against. */
export const withRemedies = (verdict: Verdict, diagnoses: readonly DiagnosisResult[]): Verdict => {
  const sentences = new Map(
    diagnoses.flatMap((diagnosis) => {
      const sentence = remedySentence(diagnosis);
      return sentence === null ? [] : [[diagnosis.scenario, sentence] as const];
    }),
  );
  if (sentences.size === 0) return verdict;
  const first = new Set(blockingFindings(verdict));
  const withSentence = (finding: Finding): Finding => {
    const sentence = first.has(finding) ? sentences.get(finding.scenario ?? "") : undefined;
    return sentence === undefined ? finding : { ...finding, detail: [...finding.detail, sentence] };
  };
  return { ...verdict, findings: verdict.findings.map(withSentence) };
};
