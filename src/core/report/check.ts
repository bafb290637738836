/** A check run's three texts: the title, what a reader needs, and all the figures. */
import type { Result } from "../verdict.ts";
import { cutAtWord } from "./cut-at-word.ts";
import { codeBlock } from "./escape-markdown.ts";
import { linksLine } from "./links.ts";
import {
  firstFitting,
  foldedMethod,
  foldedSections,
  LEFT_OUT,
  type MarkdownOptions,
  openingLines,
  visibleSections,
} from "./markdown.ts";
import { expectationsSection, noticesSection } from "./markdown-sections.ts";
import { headlineOf } from "./summary.ts";

const LONGEST_TITLE = 255;
/** GitHub's limit on summary and text, each, is 65,535 characters; in bytes it holds for every server. */
const MAX_BYTES = 65_535;

export interface CheckTexts {
  /** The headline: plain text of at most 255 characters. */
  readonly title: string;
  /** Markdown of at most 65,535 bytes. */
  readonly summary: string;
  /** Markdown of at most 65,535 bytes. */
  readonly text: string;
}

export type CheckOptions = Omit<MarkdownOptions, "marker" | "maxBytes">;

const paragraphs = (parts: readonly string[]): string => parts.join("\n\n");

const summaryOf = (result: Result, options: CheckOptions): string => {
  const ending = [...linksLine(options.links ?? {}), ...noticesSection(options.notices ?? [])];
  const texts = [
    () => paragraphs([...openingLines(result, 500), ...visibleSections(result, options), ...ending]),
    () => paragraphs([...openingLines(result, 120), codeBlock(result.reproduce, 500), LEFT_OUT.headline]),
  ];
  return firstFitting(MAX_BYTES, texts) ?? LEFT_OUT.headline;
};

const textOf = (result: Result): string => {
  const texts = [
    () => paragraphs(foldedSections(result)),
    () => paragraphs([...expectationsSection(result), LEFT_OUT["changed-only"], foldedMethod(result)]),
    () => paragraphs([LEFT_OUT["changed-only"], foldedMethod(result)]),
  ];
  return firstFitting(MAX_BYTES, texts) ?? LEFT_OUT["changed-only"];
};

/** Same words as everywhere, cut to what GitHub takes. */
export const checkTexts = (result: Result, options: CheckOptions = {}): CheckTexts => ({
  title: cutAtWord(headlineOf(result), LONGEST_TITLE),
  summary: summaryOf(result, options),
  text: textOf(result),
});
