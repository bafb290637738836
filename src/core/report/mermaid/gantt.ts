/** The run's course, in Mermaid: when which fault was there, and what happened by itself. */
import type { TimelineEntry } from "../../timeline/entry.ts";
import type { Result } from "../../verdict.ts";
import { isDrawable } from "./base-head.ts";
import { type FaultKeys, faultKeys } from "./fault-keys.ts";
import { diagramNumber, diagramWords, mermaidBlock } from "./fence.ts";

export const MOST_ENTRIES = 20;

/** What is kept where there is no room for all: what went wrong, then what there is little of, then rounds from the first on. */
const rank = (entry: TimelineEntry): number => {
  switch (entry.event) {
    case "death":
    case "not-settled":
      return 0;
    case "trials":
    case "policy":
      return 1;
    case "fault":
      return entry.invalid === undefined ? 1 + entry.round : 0;
    case "kill":
      return 1 + entry.round;
  }
};

/** At most `MOST_ENTRIES` that can be drawn, by time. */
export const drawnEntries = ({ timeline }: Result): readonly TimelineEntry[] =>
  (timeline?.entries ?? [])
    .filter(({ atMs }) => isDrawable(atMs))
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => rank(a.entry) - rank(b.entry) || a.index - b.index)
    .slice(0, MOST_ENTRIES)
    .map(({ entry }) => entry)
    .sort((a, b) => a.atMs - b.atMs);

interface Task {
  readonly words: string;
  /** Mermaid's own words for how it looks; `milestone`: a moment. */
  readonly look: readonly ("crit" | "milestone")[];
  readonly durationMs: number;
}

const taskOf = (entry: TimelineEntry): Task => {
  switch (entry.event) {
    case "fault":
      return entry.invalid === undefined
        ? { words: `round ${entry.round}`, look: [], durationMs: entry.durationMs }
        : { words: `round ${entry.round}, not scored`, look: ["crit"], durationMs: entry.durationMs };
    case "not-settled":
      return { words: `round ${entry.round}, no rest`, look: ["crit"], durationMs: entry.durationMs };
    case "kill":
      return entry.recoveryMs === null
        ? { words: `kill ${entry.round}, no answer`, look: ["crit"], durationMs: entry.watchedMs }
        : { words: `kill ${entry.round}, answers again`, look: [], durationMs: entry.recoveryMs };
    case "death":
      return { words: "a process died", look: ["crit", "milestone"], durationMs: 0 };
    case "trials":
      return { words: "remedies tried", look: [], durationMs: entry.durationMs };
    case "policy":
      return { words: `policy ${entry.policy}`, look: [], durationMs: entry.durationMs };
  }
};

const taskLine = (entry: TimelineEntry): string => {
  const { words, look, durationMs } = taskOf(entry);
  const from = Math.round(entry.atMs);
  const until = from + Math.round(isDrawable(durationMs) ? durationMs : 0);
  return `    ${diagramWords(words)} :${[...look, diagramNumber(from), diagramNumber(until)].join(", ")}`;
};

/** By fault, in the order in which they first came. */
const sections = (entries: readonly TimelineEntry[], keys: FaultKeys): readonly string[] => {
  const bySection = new Map<string, string[]>();
  for (const entry of entries) {
    const title = entry.scenario === null ? "start" : keys(entry.scenario);
    bySection.set(title, [...(bySection.get(title) ?? []), taskLine(entry)]);
  }
  return [...bySection].flatMap(([title, lines]) => [`  section ${title}`, ...lines]);
};

/**
 * Times are written as ms since the epoch, and the axis as seconds since it (`%s`): a clock's hours and minutes would be moved by
 * the reader's time zone.
 *
 * @returns null where there is nothing to draw
 */
export const gantt = (result: Result): string | null => {
  const entries = drawnEntries(result);
  if (entries.length === 0) return null;
  return mermaidBlock([
    "gantt",
    "  title Seconds from the start of the run",
    "  dateFormat x",
    "  axisFormat %s",
    "  todayMarker off",
    ...sections(entries, faultKeys(result)),
  ]);
};
