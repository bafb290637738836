/** The pull request comment. First three lines: may I merge, what broke and how badly, can I trust it. */
import type { Result } from "../verdict.ts";
import type { AdviceOptions } from "./advice.ts";
import { byteLength } from "./byte-length.ts";
import { detectionMarkdown } from "./detection.ts";
import { diagnosisSection } from "./diagnosis.ts";
import { codeBlock, escapeMarkdown } from "./escape-markdown.ts";
import { frontierLines, frontiersSection } from "./frontiers.ts";
import { linksLine, type ReportLinks } from "./links.ts";
import { localisationMarkdown } from "./localisation.ts";
import { whatToDo } from "./markdown-advice.ts";
import { methodSection } from "./markdown-method.ts";
import {
  changedSection,
  coverageSection,
  expectationsSection,
  findingsSection,
  folded,
  matrixSection,
  measuredSection,
  noticesSection,
  weakenedSection,
} from "./markdown-sections.ts";
import { trendSection } from "./markdown-trend.ts";
import { markerOf, writeMarker } from "./marker.ts";
import { diagramSections, textChartSection } from "./mermaid/sections.ts";
import { policiesSection, policyLines } from "./recovery-policies.ts";
import { signalsMarkdown } from "./signals.ts";
import { headlineIcon, headlineOf, leadOf, weakenedOf, whatBroke } from "./summary.ts";
import { trust } from "./trust.ts";

/** GitHub's limit on a comment is 65,536 characters; in bytes it holds for every server. */
const MAX_BYTES = 65_536;

export interface MarkdownOptions extends AdviceOptions {
  /** UTF-8 bytes the text may take; at least 4,096. */
  readonly maxBytes?: number;
  /** For a comment that is to be found again, and its labels believed; absent: no marker (marker.ts). */
  readonly marker?: {
    /** Seconds since the epoch at which this head was first reported on. */
    readonly reportedAt: number;
  };
  readonly links?: ReportLinks;
  /** What could not be posted, and why. */
  readonly notices?: readonly string[];
  /** How base and head are drawn: bars of text, folded (a comment is sent as mail too), or Mermaid. Absent: as text. */
  readonly charts?: "text" | "mermaid";
}

/** The fault in bold, then what became of it. */
const secondLine = (result: Result, most: number): string => {
  const lead = leadOf(result);
  const text = whatBroke(result);
  const bold = lead === "" ? "" : `**${escapeMarkdown(lead, most)}**`;
  return `${bold}${escapeMarkdown(text.slice(lead.length), most)}`;
};

/** Second and third line, at most so many characters each. */
export const openingLines = (result: Result, most: number): string[] => [
  secondLine(result, most * 2),
  escapeMarkdown(trust(result), most * 2),
];

const headline = (result: Result, most: number): string =>
  `### ${headlineIcon(result)} ${escapeMarkdown(headlineOf(result), most)}`;

type Step = "charts" | "full" | "changed-only" | "headline";

export const LEFT_OUT: Readonly<Record<Exclude<Step, "charts" | "full">, string>> = {
  "changed-only": "_Shortened to fit: the full matrix is in `result.json`, and so is what was measured._",
  headline: "_Shortened to fit: findings and figures are in `result.json`._",
};

/** What changed, what that means, and what to do: all that is seen without unfolding. */
export const visibleSections = (result: Result, options: MarkdownOptions): string[] => [
  ...findingsSection(result),
  ...changedSection(result),
  ...diagnosisSection(result),
  ...weakenedSection(result),
  ...coverageSection(result),
  ...frontierLines(result),
  ...policyLines(result),
  ...whatToDo(result, options),
];

/** Of weakened gates at least that there are some. */
const weakenedLine = (result: Result): string[] =>
  weakenedOf(result).length === 0 ? [] : ["**⚠️ This change weakens its own gate:** see `result.json`."];

/** All figures, folded. */
export const foldedSections = (result: Result): string[] => [
  ...expectationsSection(result),
  ...measuredSection(result),
  ...frontiersSection(result),
  ...signalsMarkdown(result),
  ...localisationMarkdown(result),
  ...detectionMarkdown(result),
  ...policiesSection(result),
  ...matrixSection(result),
  ...trendSection(result),
  folded("How this was measured", methodSection(result, "full")),
];

export const foldedMethod = (result: Result): string =>
  folded("How this was measured", methodSection(result, "short"));

const sectionsOf = (result: Result, step: Step, options: MarkdownOptions, most: number): string[] => {
  const ending = (room: number): string[] => [
    ...linksLine(options.links ?? {}),
    ...noticesSection(options.notices ?? [], room),
  ];
  switch (step) {
    case "charts":
      return [
        ...visibleSections(result, options),
        ...(options.charts === "mermaid" ? diagramSections(result) : textChartSection(result)),
        ...foldedSections(result),
        ...ending(400),
      ];
    case "full":
      return [...visibleSections(result, options), ...foldedSections(result), ...ending(400)];
    case "changed-only":
      return [...visibleSections(result, options), LEFT_OUT[step], foldedMethod(result), ...ending(400)];
    case "headline":
      return [
        ...weakenedLine(result),
        codeBlock(result.reproduce, most),
        LEFT_OUT[step],
        ...(most === MOST ? ending(100) : []),
      ];
  }
};

/** Characters of each of the first lines, where there is room. */
const MOST = 500;

const build = (result: Result, step: Step, options: MarkdownOptions, most = MOST): string => {
  const { marker, maxBytes = MAX_BYTES } = options;
  return [
    headline(result, most),
    ...openingLines(result, most),
    ...sectionsOf(result, step, options, most),
    ...(marker === undefined
      ? []
      : [writeMarker(markerOf(result, { ...marker, maxBytes: Math.floor(maxBytes / 4) }))]),
  ].join("\n\n");
};

/** The first text that fits. */
export const firstFitting = (maxBytes: number, texts: readonly (() => string)[]): string | undefined => {
  for (const text of texts) {
    const made = text();
    if (byteLength(made) <= maxBytes) return made;
  }
  return undefined;
};

/**
 * The comment's text, in the fullest of four steps that fits: full with charts, full, changed cells only, headline. Where it is given a time,
 * its last line is the marker (marker.ts). Everything that comes from names is escaped.
 *
 * @throws RangeError where maxBytes is too small for any comment
 */
export const renderMarkdown = (result: Result, options: MarkdownOptions = {}): string => {
  const { maxBytes = MAX_BYTES } = options;
  const text = firstFitting(maxBytes, [
    () => build(result, "charts", options),
    // Charts say nothing that the tables do not: the first to go, without a word.
    () => build(result, "full", options),
    () => build(result, "changed-only", options),
    ...[MOST, 120, 40].map((most) => () => build(result, "headline", options, most)),
  ]);
  if (text === undefined) throw new RangeError(`no report fits ${maxBytes} bytes; allow at least 4096`);
  return text;
};
