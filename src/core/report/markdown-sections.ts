/** The parts of a report in Markdown below its first three lines; each bounded, each empty where it has nothing to say. */
import type { Comparison, Finding, Result } from "../verdict.ts";
import { coverageSentences } from "./coverage.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatAllowed, formatChangeCell, formatValue, formatVisible } from "./format.ts";
import { table } from "./markdown-table.ts";
import { measuredCount, measuredNote, measuredTables } from "./measured-tables.ts";
import {
  changedCells,
  type FurtherFinding,
  furtherDetail,
  furtherFindings,
  hypothesesInOrder,
  isOfJob,
  scenarioLabel,
  weakenedOf,
  worstFirst,
} from "./summary.ts";
import {
  classNote,
  HYPOTHESIS_WORDS,
  harmNote,
  labelWord,
  metricWord,
  SEVERITY_WORDS,
  type Word,
} from "./words.ts";

const ROWS = 10;
const FINDINGS = 6;

const word = ({ icon, word: text }: Word): string => `${icon} ${text}`;

const cells = (comparison: Comparison, ofJob: boolean): readonly string[] => [
  escapeMarkdown(scenarioLabel(comparison.scenario, ofJob), 80),
  escapeMarkdown(metricWord(comparison), 80),
  formatValue(comparison.base, comparison.unit),
  formatValue(comparison.head, comparison.unit),
  formatChangeCell(comparison.change, comparison.interval, comparison.unit),
  formatAllowed(comparison),
  `${word(labelWord(comparison))}${harmNote(comparison)}`,
];

const COLUMNS = ["Fault", "Metric", "Base", "Head", "Change (95 % CI)", "Allowed", "Verdict"];

export const changedSection = (result: Result): string[] => {
  const changed = changedCells(result);
  if (changed.length === 0) return [];
  const more = changed.length - ROWS;
  return [
    table(
      COLUMNS,
      changed.slice(0, ROWS).map((each) => cells(each, isOfJob(result))),
    ),
    ...(more > 0 ? [`And ${more} more ${more === 1 ? "row" : "rows"}; \`result.json\` has them all.`] : []),
  ];
};

const findingLine = ({ finding, told }: FurtherFinding): string => {
  const detail = furtherDetail(finding)
    .slice(0, 4)
    .map((line) => escapeMarkdown(line, 300));
  const { icon, word: severity } = SEVERITY_WORDS[finding.severity];
  const title = `${icon} ${severity}${classNote(finding)}: ${escapeMarkdown(finding.title, 400)}`;
  return `- ${(told ? detail : [title, ...detail]).join("\\\n  ")}`;
};

/**
 * Told in another place: the widest comparison in the headline, and what settles it under "what to do"; weakened gates and
 * faults that were not compared in sections of their own.
 */
const ELSEWHERE: ReadonlySet<Finding["kind"]> = new Set<Finding["kind"]>([
  "widest",
  "weakened-gate",
  "new-scenario",
  "missing-scenario",
]);

export const findingsSection = (result: Result): string[] => {
  const findings = furtherFindings(result).filter(({ finding }) => !ELSEWHERE.has(finding.kind));
  if (findings.length === 0) return [];
  const more = findings.length - FINDINGS;
  return [
    [
      ...findings.slice(0, FINDINGS).map(findingLine),
      ...(more > 0 ? [`- and ${more} more in \`result.json\``] : []),
    ].join("\n"),
  ];
};

const WEAKENED = 20;

/** Right below what changed: a reviewer must not merge by a gate that this change made easier to pass, unawares. */
export const weakenedSection = (result: Result): string[] => {
  const findings = weakenedOf(result);
  if (findings.length === 0) return [];
  const line = ({ title, detail }: Finding): string =>
    `- ${[escapeMarkdown(title, 400), ...detail.slice(0, 3).map((text) => escapeMarkdown(text, 300))].join("\\\n  ")}`;
  const more = findings.length - WEAKENED;
  return [
    "#### ⚠️ This change weakens its own gate",
    [
      ...findings.slice(0, WEAKENED).map(line),
      ...(more > 0 ? [`- and ${more} more in \`result.json\``] : []),
    ].join("\n"),
  ];
};

/** Faults that are new, removed or untested, by name. */
export const coverageSection = (result: Result): string[] => {
  const lines = coverageSentences(result);
  return lines.length === 0 ? [] : [lines.map((line) => `- ${escapeMarkdown(line, 2000)}`).join("\n")];
};

const NOTICES = 10;

/** What could not be posted, and the like. */
export const noticesSection = (notices: readonly string[], most = 400): string[] => {
  if (notices.length === 0) return [];
  const more = notices.length - NOTICES;
  return [
    "**Notices**",
    [
      ...notices.slice(0, NOTICES).map((line) => `- ${escapeMarkdown(line, most)}`),
      ...(more > 0 ? [`- and ${more} more in the log`] : []),
    ].join("\n"),
  ];
};

export const folded = (title: string, body: string): string =>
  `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;

export const expectationsSection = (result: Result): string[] => {
  const all = hypothesesInOrder(result);
  if (all.length === 0) return [];
  const rows = all.map((hypothesis) => [
    escapeMarkdown(scenarioLabel(hypothesis.scenario, isOfJob(result)), 80),
    escapeMarkdown(hypothesis.text, 80),
    formatValue(hypothesis.observed, hypothesis.unit),
    hypothesis.interval === null
      ? "n/a"
      : hypothesis.interval.map((bound) => formatValue(bound, hypothesis.unit)).join(" .. "),
    word(HYPOTHESIS_WORDS[hypothesis.holds]),
  ]);
  const failed = all.filter(({ holds }) => holds === "no").length;
  const title = `Expectations: ${failed === 0 ? "none" : failed} of ${all.length} broken`;
  return [folded(title, table(["Fault", "Expected", "Measured", "95 % CI", "Verdict"], rows))];
};

export const matrixSection = (result: Result): string[] => {
  const { comparisons } = result.verdict;
  if (comparisons.length === 0) return [];
  const rows = worstFirst(result).map((comparison) => [
    ...cells(comparison, isOfJob(result)),
    formatVisible(comparison),
    String(comparison.n),
  ]);
  return [folded(`All ${comparisons.length} comparisons`, table([...COLUMNS, "Could have seen", "n"], rows))];
};

const MEASURED_ROWS = 60;

export const measuredSection = (result: Result): string[] => {
  const tables = measuredTables(result, MEASURED_ROWS);
  if (tables.length === 0) return [];
  const more = measuredCount(result) - MEASURED_ROWS;
  const body = [
    escapeMarkdown(measuredNote(result), 500),
    ...tables.map(({ title, columns, rows }) => {
      const escaped = (texts: readonly string[]): readonly string[] =>
        texts.map((text) => escapeMarkdown(text, 80));
      const titles = columns.map((text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`);
      return `${title}:\n\n${table(escaped(titles), rows.map(escaped))}`;
    }),
    ...(more > 0 ? [`And ${more} more in \`result.json\`.`] : []),
  ];
  return [folded("What this run measured", body.join("\n\n"))];
};
