/** Fault by metric: one look at where a change is felt, then every comparison with its figures. */
import type { Comparison, ComparisonLabel, HypothesisResult, Result } from "../../../verdict.ts";
import { formatChange, formatCounted, formatValue, formatVisible } from "../../format.ts";
import { hypothesesInOrder, isOfJob, scenarioLabel, worstFirst } from "../../summary.ts";
import { HYPOTHESIS_WORDS, LABEL_WORDS, labelWord, metricWord, TELLING_ORDER } from "../../words.ts";
import { type Html, type HtmlValue, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { mark } from "../mark.ts";
import { andMore, scrolling, table, unfold } from "../table.ts";
import { COMPARISON_COLUMNS, comparisonRow, LABEL_CLASSES } from "./comparison-row.ts";

/** Faults and metrics in the overview, rows below it. */
const FAULTS = 60;
const METRICS = 16;
const ROWS = 600;

/** Change, or why there is none; the mark's word is heard, and seen in the legend. */
const shortCell = (comparison: Comparison): HtmlValue => {
  const { icon, word } = labelWord(comparison);
  // No figure, such as of a median that no longer exists: most requests fail.
  if (comparison.change === null) return html`${mark(icon)} ${LABEL_WORDS[comparison.label].word}`;
  return html`${mark(icon)}<span class="unseen">${word}:</span> ${formatChange(comparison.change, comparison.unit)}`;
};

const gridCell = (comparison: Comparison | undefined, metric: string): Html =>
  comparison === undefined
    ? html`<td role="cell" class="empty-cell"></td>`
    : html`<td role="cell" class="${LABEL_CLASSES[comparison.label]}" data-column="${metric}">${shortCell(comparison)}</td>`;

/** On a phone only what is not `ok` is seen of a fault: how many more there are. */
const quietNote = (comparisons: readonly Comparison[]): HtmlValue => {
  const { length } = comparisons.filter(({ label }) => label === "ok");
  if (length === 0) return "";
  const all = length === comparisons.length ? "" : " more";
  return html`<span class="narrow"> ${mark("✅")} ${length}${all} without a change that matters</span>`;
};

const legend = (comparisons: readonly Comparison[]): Html => {
  const seen = new Set(comparisons.map(({ label }) => label));
  return html`<p class="note">Head minus base. ${Object.entries(LABEL_WORDS)
    .filter(([label]) => seen.has(label as ComparisonLabel))
    .map(([, { icon, word }]) => html`<span class="legend">${mark(icon)} ${word}</span> `)}</p>`;
};

/**
 * Faults down, metrics across; worst faults first, and metrics in which anything got worse. On a phone each fault is a block of
 * its own (style.ts): the roles keep it a table there.
 */
const overview = (result: Result): Html => {
  const { comparisons } = result.verdict;
  const ofJob = isOfJob(result);
  const byFault = Map.groupBy(worstFirst(result), ({ scenario }) => scenario);
  const weight = (name: string): number =>
    comparisons.some((each) => metricWord(each) === name && each.label === "regressed") ? 0 : 1;
  const ranks = new Map(comparisons.map((each) => [metricWord(each), TELLING_ORDER.indexOf(each.metric)]));
  const metrics = [...ranks.keys()]
    .sort((a, b) => weight(a) - weight(b) || (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
    .slice(0, METRICS);
  const cells = new Map(comparisons.map((each) => [JSON.stringify([each.scenario, metricWord(each)]), each]));
  const row = ([fault, own]: readonly [string, readonly Comparison[]]): Html =>
    html`<tr role="row"><th role="rowheader" scope="row">${scenarioLabel(fault, ofJob)}${quietNote(own)}</th>${metrics.map(
      (metric) => gridCell(cells.get(JSON.stringify([fault, metric])), metric),
    )}</tr>
`;
  const caption = "Change of each metric under each fault";
  const titles = ["Fault", ...metrics].map((name) => html`<th role="columnheader" scope="col">${name}</th>`);
  const hidden = [
    ...(byFault.size > FAULTS ? [formatCounted(byFault.size - FAULTS, "fault")] : []),
    ...(ranks.size > METRICS ? [formatCounted(ranks.size - METRICS, "metric")] : []),
  ];
  return html`${legend(comparisons)}${scrolling(
    caption,
    html`<table class="stacks grid" role="table"><caption class="unseen">${caption}</caption><thead role="rowgroup"><tr role="row">${titles}</tr></thead><tbody role="rowgroup">${[...byFault].slice(0, FAULTS).map(row)}</tbody></table>`,
  )}${hidden.length === 0 ? null : html`<p class="note">${hidden.join(" and ")} more stand only among all comparisons.</p>`}`;
};

const everyComparison = (result: Result): Html => {
  const all = worstFirst(result);
  return html`${table({
    caption: "Every comparison, worst first",
    columns: [...COMPARISON_COLUMNS, "Could have seen", "n"],
    rows: all
      .slice(0, ROWS)
      .map((each) => [...comparisonRow(each, isOfJob(result)), formatVisible(each), each.n]),
  })}${andMore(all.length - ROWS)}`;
};

const HOLDS_CLASSES = {
  yes: "ok-cell",
  no: "regressed-cell",
  unclear: "open-cell",
} as const satisfies Readonly<Record<HypothesisResult["holds"], string>>;

const expectations = (result: Result): Html | null => {
  const all = hypothesesInOrder(result);
  if (all.length === 0) return null;
  return html`<h3>What the suite expects</h3>${table({
    caption: "Expectations, broken ones first",
    columns: ["Fault", "Expected", "Measured", "95 % CI", "Verdict"],
    stacks: true,
    rows: all.slice(0, ROWS).map(({ scenario, text, observed, interval, unit, holds }) => {
      const { icon, word } = HYPOTHESIS_WORDS[holds];
      return [
        scenarioLabel(scenario, isOfJob(result)),
        text,
        formatValue(observed, unit),
        interval === null ? "n/a" : interval.map((bound) => formatValue(bound, unit)).join(" .. "),
        html`<span class="${HOLDS_CLASSES[holds]}">${mark(icon)} ${word}</span>`,
      ];
    }),
  })}`;
};

export const matrixSection: SectionOf = ({ result }) => {
  const { comparisons, hypotheses } = result.verdict;
  if (comparisons.length === 0 && hypotheses.length === 0) return null;
  return {
    id: "matrix",
    title: "Faults and metrics",
    body: html`${
      comparisons.length === 0
        ? null
        : html`${overview(result)}${unfold(
            `All ${formatCounted(comparisons.length, "comparison")} with their figures`,
            everyComparison(result),
          )}`
    }${expectations(result)}`,
  };
};
