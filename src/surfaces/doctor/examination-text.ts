/** An examination as lines: what there is, aligned; what to do about it, indented below. */

import { plainText } from "../../core/report/plain-text.ts";
import { type Paint, painter, type Style, wrapped } from "../../core/report/terminal-layout.ts";
import type { Check, CheckState } from "../../run/doctor/check.ts";
import type { Examination } from "./examine.ts";

/** Icons of two columns each; never without the word. */
const STATES: Readonly<Record<CheckState, { readonly icon: string; readonly style: Style }>> = {
  ok: { icon: "✅", style: "green" },
  warn: { icon: "⚠️", style: "yellow" },
  missing: { icon: "❌", style: "red" },
};
const WORD_COLUMNS = 7;

const linesOf = (check: Check, nameColumns: number, width: number, paint: Paint): string[] => {
  const { icon, style } = STATES[check.state];
  // Painted after it was measured: colours take no columns.
  const head = `${icon} ${paint(check.state.padEnd(WORD_COLUMNS), style)}  ${check.name.padEnd(nameColumns)}  `;
  const indent = " ".repeat(3 + WORD_COLUMNS + 2 + nameColumns + 2);
  const lines = [head + wrapped(check.found, width, indent).slice(indent.length)];
  if (check.state === "ok") return lines;
  lines.push(wrapped(`needed for: ${check.neededFor}`, width, indent));
  if (check.remedy !== undefined) lines.push(wrapped(`what to do: ${check.remedy}`, width, indent));
  return lines;
};

export const examinationText = (
  { checks, line, ready }: Examination,
  { color, width }: { readonly color: boolean; readonly width: number },
): string => {
  const paint = painter(color);
  const nameColumns = Math.max(...checks.map(({ name }) => name.length));
  const body = checks.flatMap((check) => linesOf(check, nameColumns, width, paint));
  return [...body, "", paint(plainText(line), ready ? "green" : "red")].join("\n");
};
