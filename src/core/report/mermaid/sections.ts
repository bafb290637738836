/** Charts as parts of a report in Markdown, each with its figures beside it; none where there is nothing to draw. */
import type { ComparisonLabel, Result } from "../../verdict.ts";
import { escapeMarkdown } from "../escape-markdown.ts";
import { formatCount, formatMs, formatValue } from "../format.ts";
import { folded } from "../markdown-sections.ts";
import { table } from "../markdown-table.ts";
import { happened } from "../postmortem/course.ts";
import { isOfJob, scenarioLabel } from "../summary.ts";
import { METRIC_WORDS, metricWord } from "../words.ts";
import { barChart } from "./bar-chart.ts";
import { type BaseHead, baseAgainstHead, isDrawable } from "./base-head.ts";
import { faultKeys } from "./fault-keys.ts";
import { drawnEntries, gantt } from "./gantt.ts";
import { barTable } from "./text-bars.ts";

/** A comment is read among others: the worst few. */
const COMMENT_FAULTS = 5;
const SUMMARY_FAULTS = 10;

const CHANGE_WORDS: Partial<Record<ComparisonLabel, string>> = { regressed: "Worst", improved: "Better" };

const sentence = ({ worst, leftOut }: BaseHead, ofJob: boolean): string => {
  const { scenario, base, head, unit, label } = worst;
  const figures = `${formatValue(base, unit)} in the base, ${formatValue(head, unit)} in the head`;
  const first = `${CHANGE_WORDS[label] ?? "Not settled"}: ${scenarioLabel(scenario, ofJob).slice(0, 200)}, ${metricWord(worst)}: ${figures}.`;
  const more = leftOut === 0 ? "" : ` ${formatCount(leftOut)} more below the worst are left out.`;
  return `${escapeMarkdown(first, 400)}${more}`;
};

const titleOf = ({ worst }: BaseHead): string => `Base against head: ${METRIC_WORDS[worst.metric]}`;

/** For the comment: bars of text, folded. */
export const textChartSection = (result: Result): string[] => {
  const figures = baseAgainstHead(result, COMMENT_FAULTS);
  if (figures === null) return [];
  const ofJob = isOfJob(result);
  return [folded(titleOf(figures), `${sentence(figures, ofJob)}\n\n${barTable(figures, { ofJob })}`)];
};

const barSection = (result: Result): string[] => {
  const figures = baseAgainstHead(result, SUMMARY_FAULTS);
  if (figures === null) return [];
  const ofJob = isOfJob(result);
  const keys = faultKeys(result);
  const undrawn = figures.rows.flatMap(({ base, head }) => [base, head]).filter((each) => !isDrawable(each));
  const note =
    undrawn.length === 0
      ? ""
      : ` ${formatCount(undrawn.length)} of the figures cannot be bars of the diagram; the table has them.`;
  return [
    `#### ${titleOf(figures)}`,
    `${sentence(figures, ofJob)}${note} Below the diagram the same in a table, which names F1, F2 and so on.`,
    barChart(figures, keys),
    barTable(figures, { ofJob, keys }),
  ];
};

const courseSection = (result: Result): string[] => {
  const chart = gantt(result);
  if (chart === null) return [];
  const entries = drawnEntries(result);
  const keys = faultKeys(result);
  const { entries: all, leftOut } = result.timeline ?? { entries, leftOut: 0 };
  const more = all.length - entries.length + leftOut;
  const rows = entries.map((entry) => [
    `+${formatMs(entry.atMs)}`,
    entry.scenario === null ? "" : keys(entry.scenario),
    escapeMarkdown(happened(entry), 300),
  ]);
  const told =
    more === 0 ? "" : ` ${formatCount(more)} more events of the run are left out, later rounds first.`;
  return [
    "#### The course of the run",
    `When which fault was there; what went wrong by itself is red.${told} The table below names F1, F2 and so on.`,
    chart,
    folded("The same in words", table(["At", "In the diagram", "What happened"], rows)),
  ];
};

/** For the job summary: Mermaid, and beside each diagram the same in a table. */
export const diagramSections = (result: Result): string[] => [
  ...barSection(result),
  ...courseSection(result),
];
