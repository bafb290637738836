/** Fault by metric: one look at where a change is felt, then every comparison with its figures. */
import type { Comparison, ComparisonLabel, Result } from "../../../verdict.ts";
import { formatAllowed, formatChange, formatChangeCell, formatValue } from "../../format.ts";
import { hypothesesInOrder, isOfJob, scenarioLabel, worstFirst } from "../../summary.ts";
import { HYPOTHESIS_WORDS, harmNote, labelWord, metricWord, TELLING_ORDER } from "../../words.ts";
import { type Html, type HtmlValue, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { table, unfold } from "../table.ts";

/** Faults and metrics in the overview, rows below it. */
const FAULTS = 60;
const METRICS = 16;
const ROWS = 600;

const CELL_CLASSES: Readonly<Record<ComparisonLabel, string>> = {
  regressed: "regressed-cell",
  improved: "improved-cell",
  unbounded: "open-cell",
  refused: "quiet-cell",
  ok: "ok-cell",
  advisory: "quiet-cell",
};

const shortCell = (comparison: Comparison | undefined): HtmlValue => {
  if (comparison === undefined) return "";
  const { icon, word } = labelWord(comparison);
  const change = comparison.change === null ? "" : ` ${formatChange(comparison.change, comparison.unit)}`;
  return html`<span class="${CELL_CLASSES[comparison.label]}"><span aria-hidden="true">${icon}</span><span class="unseen">${word}</span>${change}</span>`;
};

/** Faults down, metrics across; metrics where anything got worse first. */
const overview = (result: Result): Html => {
  const { comparisons } = result.verdict;
  const ofJob = isOfJob(result);
  const faults = [...new Set(comparisons.map(({ scenario }) => scenario))];
  const weight = (name: string): number =>
    comparisons.some((each) => metricWord(each) === name && each.label === "regressed") ? 0 : 1;
  const ranks = new Map(comparisons.map((each) => [metricWord(each), TELLING_ORDER.indexOf(each.metric)]));
  const metrics = [...ranks.keys()].sort(
    (a, b) => weight(a) - weight(b) || (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0),
  );
  const cells = new Map(comparisons.map((each) => [JSON.stringify([each.scenario, metricWord(each)]), each]));
  return html`<div class="grid">${table({
    caption: "Change of each metric under each fault",
    columns: ["Fault", ...metrics.slice(0, METRICS)],
    rows: faults
      .slice(0, FAULTS)
      .map((fault) => [
        scenarioLabel(fault, ofJob),
        ...metrics.slice(0, METRICS).map((metric) => shortCell(cells.get(JSON.stringify([fault, metric])))),
      ]),
  })}</div>`;
};

/** Of what is better when it is more, a loss is what could have been seen. */
const visible = ({ smallestVisible, moreIsBetter, unit }: Comparison): string =>
  formatChange(smallestVisible === null || moreIsBetter !== true ? smallestVisible : -smallestVisible, unit);

const everyComparison = (result: Result): Html => {
  const all = worstFirst(result);
  return html`${table({
    caption: "Every comparison, worst first",
    columns: [
      "Fault",
      "Metric",
      "Base",
      "Head",
      "Change (95 % CI)",
      "Allowed",
      "Verdict",
      "Could have seen",
      "n",
    ],
    rows: all.slice(0, ROWS).map((each) => {
      const { icon, word } = labelWord(each);
      return [
        scenarioLabel(each.scenario, isOfJob(result)),
        metricWord(each),
        formatValue(each.base, each.unit),
        formatValue(each.head, each.unit),
        formatChangeCell(each.change, each.interval, each.unit),
        formatAllowed(each),
        html`<span class="${CELL_CLASSES[each.label]}">${icon} ${word}${harmNote(each)}</span>`,
        visible(each),
        each.n,
      ];
    }),
  })}${all.length > ROWS ? html`<p class="note">And ${all.length - ROWS} more in <code>result.json</code>.</p>` : null}`;
};

const expectations = (result: Result): Html | null => {
  const all = hypothesesInOrder(result);
  if (all.length === 0) return null;
  return html`<h3>What the suite expects</h3>${table({
    caption: "Expectations, broken ones first",
    columns: ["Fault", "Expected", "Measured", "95 % CI", "Verdict"],
    rows: all.slice(0, ROWS).map(({ scenario, text, observed, interval, unit, holds }) => {
      const { icon, word } = HYPOTHESIS_WORDS[holds];
      return [
        scenarioLabel(scenario, isOfJob(result)),
        text,
        formatValue(observed, unit),
        interval === null ? "n/a" : interval.map((bound) => formatValue(bound, unit)).join(" .. "),
        html`<span class="${holds}-cell">${icon} ${word}</span>`,
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
        : html`<p class="note">Icons say what was decided; the number is head minus base.</p>${overview(result)}${unfold(
            `All ${comparisons.length} comparisons with their figures`,
            everyComparison(result),
            comparisons.length <= 12,
          )}`
    }${expectations(result)}`,
  };
};
