/**
 * `postmortem.md`: what happened, what it meant, who noticed, why as far as shown, what restored it, what to do, how to see it again.
 *
 *   Result -> sections of statements, each with its sources in result.json -> Markdown
 */
import type { Result } from "../../verdict.ts";
import { codeBlock, escapeMarkdown } from "../escape-markdown.ts";
import { firstFitting } from "../markdown.ts";
import { actionsSection } from "./actions.ts";
import { causeSection } from "./cause.ts";
import { timelineSection } from "./course.ts";
import { detectionSection } from "./detection.ts";
import { failedExperiments } from "./failed.ts";
import { impactSection } from "./impact.ts";
import { limitsSection } from "./limits.ts";
import { restoredSection } from "./restored.ts";
import type { Section, Statement } from "./statement.ts";
import { reproductionSection, summarySection } from "./summary.ts";

/** Sections that have nothing to say are left out. Null: nothing failed. */
export const postmortemOf = (result: Result): readonly Section[] | null => {
  const failed = failedExperiments(result);
  if (failed.length === 0) return null;
  return [
    summarySection(result, failed),
    impactSection(result, failed),
    timelineSection(result, failed),
    detectionSection(result, failed),
    causeSection(result, failed),
    restoredSection(result, failed),
    actionsSection(result, failed),
    reproductionSection(result),
    limitsSection(result, failed),
  ].filter(({ statements }) => statements.length > 0);
};

interface Room {
  /** Statements of a section. */
  readonly statements: number;
  /** Characters of each. */
  readonly characters: number;
}

const ROOMS: readonly Room[] = [
  { statements: 80, characters: 600 },
  { statements: 20, characters: 200 },
  { statements: 6, characters: 80 },
];
const MAX_BYTES = 256 * 1024;

const laidOut = ({ text, as }: Statement, { characters }: Room): string => {
  switch (as) {
    case "heading":
      return `\n### ${escapeMarkdown(text, characters)}\n`;
    case "line":
      return `- ${escapeMarkdown(text, characters)}`;
    case "task":
      return `- [ ] ${escapeMarkdown(text, characters)} Owner:`;
    case "command":
      return `${codeBlock(text)}\n`;
  }
};

const sectionText = ({ title, statements }: Section, room: Room): string => {
  const shown = statements.slice(0, room.statements);
  return [
    `## ${title}`,
    "",
    ...shown.map((statement) => laidOut(statement, room)),
    ...(shown.length < statements.length ? ["- The rest is in `result.json`."] : []),
  ]
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n");
};

/** Markdown of at most 256 KiB; ends in a line break. Null: nothing failed. */
export const renderPostmortem = (result: Result): string | null => {
  const sections = postmortemOf(result);
  if (sections === null) return null;
  const build = (room: Room): string =>
    `${[
      `# Post-mortem: ${escapeMarkdown(result.suite, 100)}`,
      "Every sentence rests on a figure in `result.json`, beside this file; names and times are the run's.",
      ...sections.map((section) => sectionText(section, room).trimEnd()),
    ].join("\n\n")}\n`;
  const [roomiest, ...smaller] = ROOMS;
  const texts = [roomiest, ...smaller].flatMap((room) => (room === undefined ? [] : [() => build(room)]));
  return firstFitting(MAX_BYTES, texts) ?? null;
};
