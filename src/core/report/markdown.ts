/** The pull request comment. First three lines: may I merge, what broke and how badly, can I trust it. */
import type { Comparison, Result } from "../verdict.ts";
import { codeBlock, escapeMarkdown } from "./escape-markdown.ts";
import { formatChange, formatChangeCell, formatMargin, formatValue } from "./format.ts";
import { methodSection } from "./markdown-method.ts";
import { table } from "./markdown-table.ts";
import { markerOf, writeMarker } from "./marker.ts";
import { MEASURED_NOTE, measuredTables } from "./measured-tables.ts";
import {
  changedCells,
  type FurtherFinding,
  furtherDetail,
  furtherFindings,
  hypothesesInOrder,
  leadOf,
  scenarioLabel,
  trust,
  whatBroke,
  worstFirst,
} from "./summary.ts";
import {
  HYPOTHESIS_WORDS,
  labelWord,
  metricWord,
  SEVERITY_WORDS,
  VERDICT_WORDS,
  type Word,
} from "./words.ts";

/** GitHub's limit on a comment is 65,536 characters; in bytes it holds for every server. */
const MAX_BYTES = 65_536;
const ROWS = 10;
const FINDINGS = 6;

export interface MarkdownOptions {
  /** UTF-8 bytes the text may take; at least 4,096. */
  readonly maxBytes?: number;
}

/** UTF-8 length. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length;

const word = ({ icon, word: text }: Word): string => `${icon} ${text}`;

const cells = (comparison: Comparison): readonly string[] => [
  escapeMarkdown(scenarioLabel(comparison.scenario), 80),
  escapeMarkdown(metricWord(comparison), 80),
  formatValue(comparison.base, comparison.unit),
  formatValue(comparison.head, comparison.unit),
  formatChangeCell(comparison.change, comparison.interval, comparison.unit),
  formatMargin(comparison.margin, comparison.unit),
  word(labelWord(comparison)),
];

const COLUMNS = ["Fault", "Metric", "Base", "Head", "Change (95 % CI)", "Allowed", "Verdict"];

const changedSection = (result: Result): string[] => {
  const changed = changedCells(result);
  if (changed.length === 0) return [];
  const more = changed.length - ROWS;
  return [
    table(COLUMNS, changed.slice(0, ROWS).map(cells)),
    ...(more > 0 ? [`And ${more} more ${more === 1 ? "row" : "rows"}; \`result.json\` has them all.`] : []),
  ];
};

const findingLine = ({ finding, told }: FurtherFinding): string => {
  const detail = furtherDetail(finding)
    .slice(0, 4)
    .map((line) => escapeMarkdown(line, 300));
  const { icon, word: severity } = SEVERITY_WORDS[finding.severity];
  const title = `${icon} ${severity}: ${escapeMarkdown(finding.title, 400)}`;
  return `- ${(told ? detail : [title, ...detail]).join("\\\n  ")}`;
};

const findingsSection = (result: Result): string[] => {
  // The widest comparison stands in the headline, and what settles it under "what to do".
  const findings = furtherFindings(result).filter(({ finding }) => finding.kind !== "widest");
  if (findings.length === 0) return [];
  const more = findings.length - FINDINGS;
  return [
    [
      ...findings.slice(0, FINDINGS).map(findingLine),
      ...(more > 0 ? [`- and ${more} more in \`result.json\``] : []),
    ].join("\n"),
  ];
};

/** What to do now, by verdict. */
const whatToDo = (result: Result): string[] => {
  const again = codeBlock(result.reproduce);
  switch (result.verdict.word) {
    case "regressed":
      return [
        "**See it on your machine:**",
        again,
        "**If this is meant:** merge it by whatever exception your repository allows; the next baseline measured on the default branch takes the new behaviour as normal.",
      ];
    case "inconclusive":
      return [
        "**To settle it,** measure longer (`gate.budget` in the suite) or at a higher rate. To look at the widest one here:",
        again,
      ];
    case "invalid":
      return [
        "**Run it again.** If it stays so, the findings above say what disturbed the measurement. Here:",
        again,
      ];
    case "no-baseline":
      return ["**Next:** measure the default branch once:", codeBlock("squall baseline")];
    case "pass":
      return [];
  }
};

const folded = (title: string, body: string): string =>
  `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;

const expectationsSection = (result: Result): string[] => {
  const all = hypothesesInOrder(result);
  if (all.length === 0) return [];
  const rows = all.map((hypothesis) => [
    escapeMarkdown(scenarioLabel(hypothesis.scenario), 80),
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

const matrixSection = (result: Result): string[] => {
  const { comparisons } = result.verdict;
  if (comparisons.length === 0) return [];
  const rows = worstFirst(result).map((comparison) => [
    ...cells(comparison),
    formatChange(comparison.smallestVisible, comparison.unit),
    String(comparison.n),
  ]);
  return [folded(`All ${comparisons.length} comparisons`, table([...COLUMNS, "Could have seen", "n"], rows))];
};

const MEASURED_ROWS = 60;

const measuredSection = (result: Result): string[] => {
  const tables = measuredTables(result, MEASURED_ROWS);
  if (tables.length === 0) return [];
  const more = result.measured.length - MEASURED_ROWS;
  const body = [
    escapeMarkdown(MEASURED_NOTE, 500),
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

/** The fault in bold, then what became of it. */
const secondLine = (result: Result, most: number): string => {
  const lead = leadOf(result);
  const text = whatBroke(result);
  const bold = lead === "" ? "" : `**${escapeMarkdown(lead, most)}**`;
  return `${bold}${escapeMarkdown(text.slice(lead.length), most)}`;
};

/** The first three lines, at most so many characters each. */
const head = (result: Result, most: number): string[] => [
  `### ${VERDICT_WORDS[result.verdict.word].icon} ${escapeMarkdown(result.verdict.headline, most)}`,
  secondLine(result, most * 2),
  escapeMarkdown(trust(result), most * 2),
];

type Step = "full" | "changed-only" | "headline";

const LEFT_OUT: Readonly<Record<Exclude<Step, "full">, string>> = {
  "changed-only": "_Shortened to fit: the full matrix is in `result.json`, and so is what was measured._",
  headline: "_Shortened to fit: findings and figures are in `result.json`._",
};

const build = (result: Result, step: Step, most = 500): string => {
  const marker = writeMarker(markerOf(result));
  const sections = (): string[] => {
    switch (step) {
      case "full":
        return [
          ...findingsSection(result),
          ...changedSection(result),
          ...whatToDo(result),
          ...expectationsSection(result),
          ...measuredSection(result),
          ...matrixSection(result),
          folded("How this was measured", methodSection(result, "full")),
        ];
      case "changed-only":
        return [
          ...findingsSection(result),
          ...changedSection(result),
          ...whatToDo(result),
          LEFT_OUT[step],
          folded("How this was measured", methodSection(result, "short")),
        ];
      case "headline":
        return [codeBlock(result.reproduce, most), LEFT_OUT[step]];
    }
  };
  return [...head(result, most), ...sections(), marker].join("\n\n");
};

/**
 * The comment's text, in the fullest of three steps that fits: full, changed cells only, headline. Its last line is the
 * marker (marker.ts). Everything that comes from names is escaped.
 *
 * @throws RangeError where maxBytes is too small for any comment
 */
export const renderMarkdown = (result: Result, options: MarkdownOptions = {}): string => {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const fits = (text: string): boolean => byteLength(text) <= maxBytes;
  for (const step of ["full", "changed-only"] as const) {
    const text = build(result, step);
    if (fits(text)) return text;
  }
  for (const most of [500, 120, 40]) {
    const text = build(result, "headline", most);
    if (fits(text)) return text;
  }
  throw new RangeError(`no report fits ${maxBytes} bytes; allow at least 4096`);
};
