/** Where each fault was suspected, and whether it was there: words that every surface shares. */
import type { LocalisationResult } from "../localise/result.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { folded } from "./markdown-sections.ts";
import { table } from "./markdown-table.ts";

const ROWS = 60;
const REASONS = 3;

const accuracyOf = (results: readonly LocalisationResult[]): string =>
  `right in ${results.filter(({ right }) => right).length} of ${results.length}`;

const rowOf = ({ scenario, truth, suspects, right, propagation }: LocalisationResult): readonly string[] => {
  const [first] = suspects;
  return [
    escapeMarkdown(scenario, 80),
    first === undefined ? "nothing deviated" : escapeMarkdown(first.place, 80),
    escapeMarkdown(
      [...(first?.reasons.slice(0, REASONS) ?? []), ...propagation.map(({ text }) => text)].join("; "),
      400,
    ),
    right ? "✅ right" : `❌ it was ${escapeMarkdown(truth.join(", "), 80)}`,
  ];
};

/** Folded: one row a fault. */
export const localisationMarkdown = ({ localisation = [] }: Result): string[] => {
  if (localisation.length === 0) return [];
  const more = localisation.length - ROWS;
  const rows = table(["Fault", "First suspect", "Because", "Found"], localisation.slice(0, ROWS).map(rowOf));
  return [
    folded(
      `Where the faults were suspected: ${accuracyOf(localisation)}`,
      more > 0 ? `${rows}\n\nand ${more} more in \`result.json\`` : rows,
    ),
  ];
};

/** One line. */
export const localisationLines = ({ localisation = [] }: Result): string[] => {
  if (localisation.length === 0) return [];
  const missed = localisation.filter(({ right }) => !right).map(({ scenario }) => scenario);
  return [
    `Where the faults were, told from traffic and processes alone: ${accuracyOf(localisation)}${missed.length === 0 ? "" : `; missed: ${missed.join(", ")}`}`,
  ];
};
