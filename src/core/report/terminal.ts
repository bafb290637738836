/** The end of a run on a terminal: the three answers, findings, what changed, and the command that repeats it. */
import type { Comparison, Result, VerdictWord } from "../verdict.ts";
import { fileLines, type ReportFiles } from "./files.ts";
import { formatAllowed, formatChangeCell, formatSeed, formatValue } from "./format.ts";
import { measuredCount, measuredNote, measuredTables } from "./measured-tables.ts";
import { plainText } from "./plain-text.ts";
import {
  changedCells,
  furtherDetail,
  furtherFindings,
  headlineIcon,
  headlineOf,
  hypothesesInOrder,
  isOfJob,
  scenarioLabel,
  whatBroke,
} from "./summary.ts";
import { diagnosisOnTerminal, explanationsOnTerminal } from "./terminal-explanations.ts";
import { type Paint, painter, ROWS, type Style, textTable, wrapped } from "./terminal-layout.ts";
import { methodSentence, trust } from "./trust.ts";
import { classNote, HYPOTHESIS_WORDS, harmNote, labelWord, metricWord, SEVERITY_WORDS } from "./words.ts";

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  readonly files?: ReportFiles;
}

const FINDINGS = 20;

const VERDICT_STYLES: Readonly<Record<VerdictWord, Style>> = {
  pass: "green",
  regressed: "red",
  inconclusive: "yellow",
  invalid: "yellow",
  "no-baseline": "yellow",
};

const row = (comparison: Comparison, ofJob: boolean): readonly string[] => {
  const { icon, word } = labelWord(comparison);
  return [
    plainText(scenarioLabel(comparison.scenario, ofJob), 40),
    plainText(metricWord(comparison), 60),
    formatValue(comparison.base, comparison.unit),
    formatValue(comparison.head, comparison.unit),
    formatChangeCell(comparison.change, comparison.interval, comparison.unit),
    formatAllowed(comparison),
    `${icon} ${word}${harmNote(comparison)}`,
  ];
};

const changedTable = (result: Result, width: number, paint: Paint): string[] => {
  const changed = changedCells(result);
  if (changed.length === 0) return [];
  const header = ["fault", "metric", "base", "head", "change (95 % CI)", "allowed", "verdict"];
  const more = changed.length - ROWS;
  const [head = "", ...body] = textTable(
    [header, ...changed.slice(0, ROWS).map((each) => row(each, isOfJob(result)))],
    width,
  ).split("\n");
  return [[paint(head, "dim"), ...body, ...(more > 0 ? [`and ${more} more in result.json`] : [])].join("\n")];
};

const findings = (result: Result, width: number): string[] => {
  const all = furtherFindings(result);
  if (all.length === 0) return [];
  const told = all.slice(0, FINDINGS).map(({ finding, told: known }) => {
    const { icon, word } = SEVERITY_WORDS[finding.severity];
    const title = wrapped(
      `${icon} ${word}${classNote(finding)}: ${plainText(finding.title, 400)}`,
      width,
      "  ",
    );
    const detail = furtherDetail(finding).map((line) =>
      wrapped(plainText(line, 400), width, known ? "  " : "     "),
    );
    return (known ? detail : [title, ...detail]).join("\n");
  });
  const more = all.length - FINDINGS;
  return [[...told, ...(more > 0 ? [`  and ${more} more in result.json`] : [])].join("\n")];
};

const expectations = (result: Result, width: number): string[] => {
  const all = hypothesesInOrder(result);
  if (all.length === 0) return [];
  const rows = all.slice(0, ROWS).map((hypothesis) => {
    const { icon, word } = HYPOTHESIS_WORDS[hypothesis.holds];
    return [
      plainText(scenarioLabel(hypothesis.scenario, isOfJob(result)), 40),
      plainText(hypothesis.text, 60),
      `measured ${formatValue(hypothesis.observed, hypothesis.unit)}`,
      `${icon} ${word}`,
    ];
  });
  const more = all.length - ROWS;
  return [
    ["Expectations", textTable(rows, width), ...(more > 0 ? [`and ${more} more in result.json`] : [])].join(
      "\n",
    ),
  ];
};

const measured = (result: Result, width: number, paint: Paint): string[] => {
  const tables = measuredTables(result, ROWS);
  if (tables.length === 0) return [];
  const more = measuredCount(result) - ROWS;
  return [
    paint(wrapped(measuredNote(result), width, ""), "dim"),
    ...tables.map(({ title, columns, rows }) => {
      const plain = [columns, ...rows].map((cells) => cells.map((cell) => plainText(cell, 40)));
      return `${title}\n${textTable(plain, width)}`;
    }),
    ...(more > 0 ? [`and ${more} more in result.json`] : []),
  ];
};

/**
 * A CI's log is read for commands, and a name may stand at a line's start: "::error::", "##[group]" (GitHub), "##vso[" (Azure),
 * "##teamcity[".
 */
const withoutCommands = (text: string): string =>
  text.replace(/^(\s*):(?=:)/gm, "$1: ").replace(/##(?=\[|vso\[|teamcity\[)/gi, "# #");

/** The result as a person reads it at the end of a run. Ends without a line break. */
export const renderTerminal = (result: Result, options: TerminalOptions): string => {
  const width = Math.max(60, Math.min(options.width, 160));
  const paint = painter(options.color);
  const { verdict } = result;
  const headline = `${headlineIcon(result)} ${plainText(headlineOf(result), 500)}`;
  const text = [
    paint(paint(wrapped(headline, width, ""), VERDICT_STYLES[verdict.word]), "bold"),
    [
      wrapped(plainText(whatBroke(result), 800), width, ""),
      wrapped(plainText(trust(result), 800), width, ""),
      ...(result.method === "none" ? [] : [paint(wrapped(methodSentence(result), width, ""), "dim")]),
    ].join("\n"),
    ...findings(result, width),
    ...changedTable(result, width, paint),
    ...diagnosisOnTerminal(result, width, paint),
    ...expectations(result, width),
    ...explanationsOnTerminal(result, width, paint),
    ...measured(result, width, paint),
    [
      `Again: ${plainText(result.reproduce, 2000)}`,
      `Seed:  ${formatSeed(result.seed)}`,
      ...fileLines(options.files ?? {}).map((line) => plainText(line, 500)),
    ].join("\n"),
  ].join("\n\n");
  return withoutCommands(text);
};
