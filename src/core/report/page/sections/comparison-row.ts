/** One comparison as a row of a table, and how what was decided of it looks; a mark and a word say it too. */
import type { Comparison, ComparisonLabel } from "../../../verdict.ts";
import { formatAllowed, formatChangeCell, formatValue } from "../../format.ts";
import { scenarioLabel } from "../../summary.ts";
import { harmNote, labelWord, metricWord } from "../../words.ts";
import { type HtmlValue, html } from "../html.ts";
import { mark } from "../mark.ts";

export const LABEL_CLASSES: Readonly<Record<ComparisonLabel, string>> = {
  regressed: "regressed-cell",
  improved: "improved-cell",
  unbounded: "open-cell",
  refused: "quiet-cell",
  ok: "ok-cell",
  advisory: "quiet-cell",
};

export const COMPARISON_COLUMNS = [
  "Fault",
  "Metric",
  "Base",
  "Head",
  "Change (95 % CI)",
  "Allowed",
  "Verdict",
] as const;

export const comparisonRow = (comparison: Comparison, ofJob: boolean): readonly HtmlValue[] => {
  const { icon, word } = labelWord(comparison);
  return [
    scenarioLabel(comparison.scenario, ofJob),
    metricWord(comparison),
    formatValue(comparison.base, comparison.unit),
    formatValue(comparison.head, comparison.unit),
    html`<strong>${formatChangeCell(comparison.change, comparison.interval, comparison.unit)}</strong>`,
    formatAllowed(comparison),
    html`<span class="${LABEL_CLASSES[comparison.label]}">${mark(icon)} ${word}${harmNote(comparison)}</span>`,
  ];
};
