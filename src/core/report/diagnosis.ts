/** What would fix it: which remedies were tried under the faults that failed, and what came of each. Words that every surface shares. */
import type { DiagnosisResult, RemedyOutcome, TriedRemedy } from "../diagnosis/result.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatShare, formatValue, NOT_MEASURED } from "./format.ts";
import { table } from "./markdown-table.ts";
import { scenarioLabel } from "./summary.ts";
import { metricWord, type Word } from "./words.ts";

const OUTCOME_WORDS: Readonly<Record<RemedyOutcome, Word>> = {
  restored: { icon: "✅", word: "restored it" },
  helped: { icon: "⬆️", word: "helped" },
  "no-effect": { icon: "➖", word: "did nothing" },
  worse: { icon: "❌", word: "made it worse" },
  "not-tried": { icon: "⏭️", word: "not tried" },
};

export const DIAGNOSIS_COLUMNS = [
  "Fault",
  "Remedy",
  "Figure",
  "Without",
  "With",
  "Way back",
  "Outcome",
] as const;

const outcomeText = ({ outcome, reason }: TriedRemedy): string => {
  const { icon, word } = OUTCOME_WORDS[outcome];
  // What restored it needs no reason, its figures are there.
  return outcome === "restored" ? `${icon} ${word}` : `${icon} ${word}: ${reason}`;
};

/** Below 0 it is no way back. */
const wayText = ({ restoredShare }: TriedRemedy): string =>
  restoredShare === null ? NOT_MEASURED : formatShare(Math.max(0, restoredShare));

const rowsOf = (diagnosis: DiagnosisResult): readonly (readonly string[])[] =>
  diagnosis.tried.map((tried) => [
    scenarioLabel(diagnosis.scenario),
    tried.description,
    metricWord(diagnosis),
    formatValue(diagnosis.without, diagnosis.unit),
    formatValue(tried.value, diagnosis.unit),
    wayText(tried),
    outcomeText(tried),
  ]);

/** One row a remedy, plain text. */
export const diagnosisRows = ({ diagnoses = [] }: Result): readonly (readonly string[])[] =>
  diagnoses.flatMap(rowsOf);

const ROWS = 30;

/** Seen without unfolding: whoever reads that something broke asks next what would fix it. */
export const diagnosisSection = (result: Result): string[] => {
  const rows = diagnosisRows(result);
  if (rows.length === 0) return [];
  const escaped = rows.slice(0, ROWS).map((cells) => cells.map((cell) => escapeMarkdown(cell, 200)));
  const more = rows.length - ROWS;
  return [
    "#### What would fix it",
    table(DIAGNOSIS_COLUMNS, escaped),
    [
      "Each was put between the service and its fault for a few seconds of this run, without a change of code.",
      ...(more > 0 ? [`And ${more} more in \`result.json\`.`] : []),
    ].join(" "),
  ];
};
