/** "Would you have noticed?": which faults the service's own signals showed, in words that every surface shares. */
import type { NoticedScenario, SignalResult } from "../signals/result.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatCounted, formatMs, formatShare } from "./format.ts";
import { folded } from "./markdown-sections.ts";
import { table } from "./markdown-table.ts";

export const NOTICED_TITLE = "Would you have noticed?";
/** Signals side by side; more make the table too wide to read. */
const COLUMNS = 6;
const ROWS = 40;

/** "after 0.8 s", "after 0.8 s, 5 of 6 windows", "never", "not told". */
const cell = ({ untold }: SignalResult, { windows, shown, medianDelayMs }: NoticedScenario): string => {
  if (untold !== undefined) return "not told";
  if (shown === 0 || medianDelayMs === null) return "never";
  const after = `after ${formatMs(medianDelayMs)}`;
  return shown === windows ? after : `${after}, ${shown} of ${windows} windows`;
};

const calmCell = ({ untold, falselyShown }: SignalResult): string => {
  if (untold !== undefined) return "not told";
  return falselyShown === 0 ? "never" : formatCounted(falselyShown, "time");
};

/** Plain text, the titles first; empty where there are no signals, or no faults. */
export const noticedRows = ({ signals = [] }: Result): readonly (readonly string[])[] => {
  const [first] = signals;
  if (first === undefined || first.scenarios.length === 0) return [];
  const columns = signals.slice(0, COLUMNS);
  const rows = first.scenarios.slice(0, ROWS).map(({ scenario, harmedShare }) => [
    scenario,
    formatShare(harmedShare),
    ...columns.map((signal) => {
      const own = signal.scenarios.find((each) => each.scenario === scenario);
      return own === undefined ? "not told" : cell(signal, own);
    }),
  ]);
  return [
    ["fault", "failed or late", ...columns.map(({ signal }) => signal)],
    ...rows,
    [`calm traffic, ${formatMs(first.calmMs)}`, "", ...columns.map(calmCell)],
  ];
};

/** What the columns are, why some tell nothing, and what is left out. */
export const noticedNotes = ({ signals = [] }: Result): readonly string[] => {
  const more = signals.length - COLUMNS;
  const further = (signals[0]?.scenarios.length ?? 0) - ROWS;
  return [
    ...signals
      .slice(0, COLUMNS)
      .map(
        ({ signal, description, untold }) =>
          `${signal}: ${description}${untold === undefined ? "" : ` (not told: ${untold})`}`,
      ),
    ...(more > 0 ? [`and ${formatCounted(more, "further signal")} in result.json`] : []),
    ...(further > 0 ? [`and ${formatCounted(further, "further fault")} in result.json`] : []),
  ];
};

/** Folded; empty where there is nothing to tell. */
export const signalsMarkdown = (result: Result): string[] => {
  const [titles, ...rows] = noticedRows(result);
  if (titles === undefined) return [];
  const escaped = (cells: readonly string[]): readonly string[] =>
    cells.map((text) => escapeMarkdown(text, 80));
  const notes = noticedNotes(result).map((note) => `- ${escapeMarkdown(note, 300)}`);
  const capital = titles.map((text, place) =>
    place < 2 ? `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` : text,
  );
  return [folded(NOTICED_TITLE, `${table(escaped(capital), rows.map(escaped))}\n\n${notes.join("\n")}`)];
};
