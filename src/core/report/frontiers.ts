/** "tolerates a delay of 1.9 s": what frontiers were found, in words that every surface shares. */
import type { FrontierResult } from "../frontier/result.ts";
import type { Comparison, Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatValue, NOT_MEASURED } from "./format.ts";
import { folded } from "./markdown-sections.ts";
import { table } from "./markdown-table.ts";
import { labelWord } from "./words.ts";

/** "1.9 s", "less than 160 ms", "5 s and more". */
const toleratedText = ({ unit, head, from, to }: FrontierResult): string => {
  const descending = to < from;
  if (head.windows === 0) return NOT_MEASURED;
  switch (head.reach) {
    case "none":
      return `${descending ? "needs more than" : "less than"} ${formatValue(head.interval[1], unit)}`;
    case "all":
      return `${formatValue(to, unit)} and ${descending ? "less" : "more"}`;
    case "between":
      return formatValue(head.tolerated, unit);
  }
};

const intervalText = ({ unit, head }: FrontierResult): string =>
  head.windows === 0 ? NOT_MEASURED : head.interval.map((end) => formatValue(end, unit)).join(" .. ");

const comparisonOf = ({ verdict }: Result, { name }: FrontierResult): Comparison | undefined =>
  verdict.comparisons.find(({ metric, scenario }) => metric === "frontier" && scenario === name);

export const FRONTIER_COLUMNS = [
  "Frontier",
  "Still holds",
  "Tolerates",
  "95 % CI",
  "Base",
  "Verdict",
] as const;

/** One row a frontier, plain text. */
export const frontierRows = (result: Result): readonly (readonly string[])[] =>
  (result.frontiers ?? []).map((frontier) => {
    const comparison = comparisonOf(result, frontier);
    const label = comparison === undefined ? undefined : labelWord(comparison);
    return [
      frontier.description,
      frontier.expect.join(", "),
      toleratedText(frontier),
      intervalText(frontier),
      formatValue(comparison?.base ?? null, frontier.unit),
      label === undefined ? "" : `${label.icon} ${label.word}`,
    ];
  });

/** The strongest that was tolerated of each, for a line of its own: "llm latency: tolerates delay 1.9 s (1.7 s .. 2.1 s)". */
const frontierSentences = (result: Result): readonly string[] =>
  (result.frontiers ?? []).map((frontier) =>
    frontier.head.windows === 0
      ? `${frontier.description}: ${NOT_MEASURED}`
      : `${frontier.description}: tolerates ${toleratedText(frontier)} (95 % CI ${intervalText(frontier)}) while ${frontier.expect.join(", ")}`,
  );

const ROWS = 40;
const LINES = 6;

/** Seen without unfolding. */
export const frontierLines = (result: Result): string[] => {
  const sentences = frontierSentences(result);
  if (sentences.length === 0) return [];
  const more = sentences.length - LINES;
  return [
    [
      ...sentences.slice(0, LINES).map((line) => `- ${escapeMarkdown(line, 400)}`),
      ...(more > 0 ? [`- and ${more} more below`] : []),
    ].join("\n"),
  ];
};

export const frontiersSection = (result: Result): string[] => {
  const rows = frontierRows(result);
  if (rows.length === 0) return [];
  const escaped = rows.slice(0, ROWS).map((cells) => cells.map((cell) => escapeMarkdown(cell, 120)));
  return [
    folded(
      `Frontiers: how much of ${rows.length === 1 ? "a fault" : `${rows.length} faults`} is tolerated`,
      table(FRONTIER_COLUMNS, escaped),
    ),
  ];
};
