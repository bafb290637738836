/** How text stands on a terminal: colours, wrapped words, tables in columns. */
import Table from "cli-table3";
import { plainText } from "./plain-text.ts";

/** Rows of a table; what is beyond is in result.json. */
export const ROWS = 20;

const SGR = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33" } as const;
export type Style = keyof typeof SGR;
export type Paint = (text: string, style: Style) => string;

export const painter =
  (color: boolean): Paint =>
  (text, style) =>
    color ? `\u001B[${SGR[style]}m${text}\u001B[0m` : text;

/** Words wrapped to the width, each line behind the indent. A word longer than a line stands alone. */
export const wrapped = (text: string, width: number, indent: string): string => {
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

export const textTable = (rows: readonly (readonly string[])[], width: number): string => {
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

/** A table under its dimmed titles; none without rows. */
export const titledTable = (
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: Paint,
): string[] => {
  if (rows.length === 0) return [];
  const cells = rows.slice(0, ROWS).map((each) => each.map((cell) => plainText(cell, 120)));
  const titles = columns.map((title) => title.toLowerCase());
  const [head = "", ...body] = textTable([titles, ...cells], width).split("\n");
  const more = rows.length - ROWS;
  return [[paint(head, "dim"), ...body, ...(more > 0 ? [`and ${more} more in result.json`] : [])].join("\n")];
};
