/** What explains a verdict, on a terminal: what would fix it, how much is tolerated, would it be noticed, where it broke, who saw it. */
import type { Result } from "../verdict.ts";
import { detectionLines } from "./detection.ts";
import { DIAGNOSIS_COLUMNS, diagnosisRows } from "./diagnosis.ts";
import { FRONTIER_COLUMNS, frontierRows } from "./frontiers.ts";
import { localisationLines } from "./localisation.ts";
import { plainText } from "./plain-text.ts";
import { POLICY_COLUMNS, policyRows } from "./recovery-policies.ts";
import { NOTICED_TITLE, noticedNotes, noticedRows } from "./signals.ts";
import { type Paint, textTable, titledTable, wrapped } from "./terminal-layout.ts";

const signals = (result: Result, width: number, paint: Paint): string[] => {
  const rows = noticedRows(result).map((cells) => cells.map((cell) => plainText(cell, 60)));
  if (rows.length === 0) return [];
  const [head = "", ...body] = textTable(rows, width).split("\n");
  const notes = noticedNotes(result).map((note) => wrapped(plainText(note, 300), width, "  "));
  return [[NOTICED_TITLE, paint(head, "dim"), ...body, ...notes].join("\n")];
};

const lines = (texts: readonly string[], width: number): string[] =>
  texts.length === 0 ? [] : [texts.map((text) => wrapped(plainText(text, 500), width, "")).join("\n")];

export const diagnosisOnTerminal = (result: Result, width: number, paint: Paint): string[] =>
  titledTable(DIAGNOSIS_COLUMNS, diagnosisRows(result), width, paint).map(
    (table) => `What would fix it\n${table}`,
  );

export const explanationsOnTerminal = (result: Result, width: number, paint: Paint): string[] => [
  ...titledTable(FRONTIER_COLUMNS, frontierRows(result), width, paint),
  ...signals(result, width, paint),
  ...lines([...localisationLines(result), ...detectionLines(result)], width),
  ...titledTable(POLICY_COLUMNS, policyRows(result), width, paint),
];
