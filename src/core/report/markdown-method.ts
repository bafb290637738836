/** The folded part on method and provenance. */
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatMs, formatSeed, formatValue } from "./format.ts";
import { table } from "./markdown-table.ts";
import { howDecided, provenanceTable } from "./provenance.ts";
import { sizeOf } from "./trust.ts";

const NOTES = 20;
const SCENARIOS = 60;

const whence = (result: Result): string => {
  const { columns, rows } = provenanceTable(result);
  return table(
    columns,
    rows.map(([name = "", ...cells]) => [name, ...cells.map((cell) => escapeMarkdown(cell, 120))]),
  );
};

/** @param size `short` leaves out the list of faults and the notes */
export const methodSection = (result: Result, size: "full" | "short"): string => {
  const run = `Seed ${formatSeed(result.seed)}, suite ${escapeMarkdown(result.suite, 80)} (${escapeMarkdown(result.suiteHash.slice(0, 12), 12)}), ${sizeOf(result)} in ${formatMs(result.head.measuringMs)} of measuring, machine probe ${formatMs(result.head.probeMs)}.`;
  const faults = [
    ...result.scenarios.filter((scenario) => scenario.shape !== "control"),
    ...(result.frontiers ?? []).map(({ name, description, unit, from, to, head }) => ({
      name,
      description: `${description} from ${formatValue(from, unit)} to ${formatValue(to, unit)}, searched in ${head.windows} windows`,
    })),
  ]
    .slice(0, SCENARIOS)
    .map(({ name, description }) => `- ${escapeMarkdown(name, 80)}: ${escapeMarkdown(description, 200)}`);
  const notes = result.notes.slice(0, NOTES).map((note) => `- ${escapeMarkdown(note, 300)}`);
  const lists =
    size === "full"
      ? [
          ...(faults.length > 0 ? [`Faults:\n\n${faults.join("\n")}`] : []),
          ...(notes.length > 0 ? [`Notes:\n\n${notes.join("\n")}`] : []),
        ]
      : [];
  return [howDecided(result), run, whence(result), ...lists].join("\n\n");
};
