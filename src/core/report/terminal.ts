/** The end of a run on a terminal: the three answers, findings, what changed, and the command that repeats it. */
import Table from "cli-table3";
import type { Comparison, Result, VerdictWord } from "../verdict.ts";
import { formatAllowed, formatChangeCell, formatSeed, formatValue } from "./format.ts";
import { FRONTIER_COLUMNS, frontierRows } from "./frontiers.ts";
import { MEASURED_NOTE, measuredTables } from "./measured-tables.ts";
import { plainText } from "./plain-text.ts";
import { POLICY_COLUMNS, policyRows } from "./recovery-policies.ts";
import {
  changedCells,
  furtherDetail,
  furtherFindings,
  headlineIcon,
  headlineOf,
  hypothesesInOrder,
  scenarioLabel,
  whatBroke,
} from "./summary.ts";
import { methodSentence, trust } from "./trust.ts";
import { HYPOTHESIS_WORDS, labelWord, metricWord, SEVERITY_WORDS } from "./words.ts";

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const ROWS = 20;
const FINDINGS = 20;

const SGR = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33" } as const;
type Style = keyof typeof SGR;
type Paint = (text: string, style: Style) => string;

const painter =
  (color: boolean): Paint =>
  (text, style) =>
    color ? `\u001B[${SGR[style]}m${text}\u001B[0m` : text;

const VERDICT_STYLES: Readonly<Record<VerdictWord, Style>> = {
  pass: "green",
  regressed: "red",
  inconclusive: "yellow",
  invalid: "yellow",
  "no-baseline": "yellow",
};

/** Words wrapped to the width, each line behind the indent. A word longer than a line stands alone. */
const wrapped = (text: string, width: number, indent: string): string => {
  const lines: string[] = [];
  let line = "";
  for (const part of text.split(/ (?!%|ms\b|s\b|min\b|points?\b)/)) {
    if (line !== "" && line.length + 1 + part.length > width - indent.length) {
      lines.push(indent + line);
      line = part;
    } else line = line === "" ? part : `${line} ${part}`;
  }
  return [...lines, indent + line].join("\n");
};

const GAP = 2;
const LEAST_COLUMN = 12;

/** An icon takes two columns, whatever its length in code units. */
const columnsOf = (text: string): number =>
  Array.from(text).reduce(
    (sum, character) => sum + (/\p{Emoji_Presentation}|\uFE0F/u.test(character) ? 2 : 1),
    0,
  );

/** Natural widths; where they do not fit, the widest columns give way first, the first one (names) last of all. */
const columnWidths = (rows: readonly (readonly string[])[], width: number): number[] => {
  const widths = (rows[0] ?? []).map(
    (_, column) => Math.max(...rows.map((cells) => columnsOf(cells[column] ?? ""))) + GAP,
  );
  let over = widths.reduce((sum, each) => sum + each, 0) - width;
  while (over > 0) {
    const others = Math.max(0, ...widths.slice(1));
    const widest = others > LEAST_COLUMN ? widths.indexOf(others, 1) : 0;
    const now = widths[widest] ?? 0;
    if (now <= LEAST_COLUMN) break;
    widths[widest] = now - 1;
    over--;
  }
  return widths;
};

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

const textTable = (rows: readonly (readonly string[])[], width: number): string => {
  const layout = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colWidths: columnWidths(rows, width),
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  layout.push(...rows.map((row) => [...row]));
  return layout
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
};

const row = (comparison: Comparison): readonly string[] => {
  const { icon, word } = labelWord(comparison);
  return [
    plainText(scenarioLabel(comparison.scenario), 40),
    plainText(metricWord(comparison), 60),
    formatValue(comparison.base, comparison.unit),
    formatValue(comparison.head, comparison.unit),
    formatChangeCell(comparison.change, comparison.interval, comparison.unit),
    formatAllowed(comparison),
    `${icon} ${word}`,
  ];
};

const changedTable = (result: Result, width: number, paint: Paint): string[] => {
  const changed = changedCells(result);
  if (changed.length === 0) return [];
  const header = ["fault", "metric", "base", "head", "change (95 % CI)", "allowed", "verdict"];
  const more = changed.length - ROWS;
  const [head = "", ...body] = textTable([header, ...changed.slice(0, ROWS).map(row)], width).split("\n");
  return [[paint(head, "dim"), ...body, ...(more > 0 ? [`and ${more} more in result.json`] : [])].join("\n")];
};

const findings = (result: Result, width: number): string[] => {
  const all = furtherFindings(result);
  if (all.length === 0) return [];
  const told = all.slice(0, FINDINGS).map(({ finding, told: known }) => {
    const { icon, word } = SEVERITY_WORDS[finding.severity];
    const title = wrapped(`${icon} ${word}: ${plainText(finding.title, 400)}`, width, "  ");
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
      plainText(scenarioLabel(hypothesis.scenario), 40),
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
  const more = result.measured.length - ROWS;
  return [
    paint(wrapped(MEASURED_NOTE, width, ""), "dim"),
    ...tables.map(({ title, columns, rows }) => {
      const plain = [columns, ...rows].map((cells) => cells.map((cell) => plainText(cell, 40)));
      return `${title}\n${textTable(plain, width)}`;
    }),
    ...(more > 0 ? [`and ${more} more in result.json`] : []),
  ];
};

const frontiers = (result: Result, width: number, paint: Paint): string[] => {
  const rows = frontierRows(result);
  if (rows.length === 0) return [];
  const cells = rows.slice(0, ROWS).map((each) => each.map((cell) => plainText(cell, 60)));
  const titles = FRONTIER_COLUMNS.map((title) => title.toLowerCase());
  const [head = "", ...body] = textTable([titles, ...cells], width).split("\n");
  const more = rows.length - ROWS;
  return [[paint(head, "dim"), ...body, ...(more > 0 ? [`and ${more} more in result.json`] : [])].join("\n")];
};

const policies = (result: Result, width: number, paint: Paint): string[] => {
  const rows = policyRows(result);
  if (rows.length === 0) return [];
  const cells = rows.slice(0, ROWS).map((each) => each.map((cell) => plainText(cell, 300)));
  const titles = POLICY_COLUMNS.map((title) => title.toLowerCase());
  const [head = "", ...body] = textTable([titles, ...cells], width).split("\n");
  const more = rows.length - ROWS;
  return [[paint(head, "dim"), ...body, ...(more > 0 ? [`and ${more} more in result.json`] : [])].join("\n")];
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
      ...(result.method === "none" ? [] : [paint(wrapped(methodSentence(result.method), width, ""), "dim")]),
    ].join("\n"),
    ...findings(result, width),
    ...changedTable(result, width, paint),
    ...expectations(result, width),
    ...frontiers(result, width, paint),
    ...policies(result, width, paint),
    ...measured(result, width, paint),
    `Again: ${plainText(result.reproduce, 2000)}\nSeed:  ${formatSeed(result.seed)}`,
  ].join("\n\n");
  return withoutCommands(text);
};
