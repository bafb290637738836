/** Base against head as a table with bars of text: read by mail, by every forge, and without any renderer. */
import type { Comparison } from "../../verdict.ts";
import { escapeMarkdown } from "../escape-markdown.ts";
import { formatValue } from "../format.ts";
import { table } from "../markdown-table.ts";
import { scenarioLabel } from "../summary.ts";
import { labelWord, METRIC_WORDS } from "../words.ts";
import { type BaseHead, isDrawable } from "./base-head.ts";
import type { FaultKeys } from "./fault-keys.ts";

/** Of the longest bar, in characters. */
const WIDTH = 20;
/** An eighth to seven eighths of a character. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar's characters; never empty: a dot for 0, a dash where nothing was measured, an arrow where no scale is long enough. */
export const textBar = (value: number | null, largest: number): string => {
  if (!isDrawable(value)) return value === Number.POSITIVE_INFINITY ? `${"█".repeat(WIDTH)}→` : "-";
  if (value === 0) return "·";
  const eighths = Math.max(1, Math.round((value / largest) * WIDTH * 8));
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ""}`;
};

interface TableOptions {
  readonly ofJob: boolean;
  /** Where a diagram stands beside that knows faults by their keys only. */
  readonly keys?: FaultKeys;
}

const rowsOf = (comparison: Comparison, largest: number, options: TableOptions): readonly string[][] => {
  const { scenario, unit } = comparison;
  const key = options.keys?.(scenario) ?? "";
  const name = `${key.startsWith("F") ? `${key} ` : ""}${scenarioLabel(scenario, options.ofJob)}`;
  const { icon, word } = labelWord(comparison);
  return (["base", "head"] as const).map((side) => [
    escapeMarkdown(name, 80),
    side,
    formatValue(comparison[side], unit),
    `\`${textBar(comparison[side], largest)}\``,
    side === "base" ? "" : `${icon} ${word}`,
  ]);
};

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

export const barTable = ({ worst, rows, largest }: BaseHead, options: TableOptions): string =>
  table(
    ["Fault", "Run", capitalised(METRIC_WORDS[worst.metric]), "One scale for all bars", "Verdict"],
    rows.flatMap((each) => rowsOf(each, largest, options)),
  );
