/** Patterns of log signals: which lines tell of trouble. */
import { compileLinePattern, type LinePattern } from "./line-pattern.ts";
import type { Reading } from "./quantities.ts";

const LONGEST_PATTERN = 200;
/** Longer lines are matched by their beginning. */
export const LONGEST_LINE = 2000;

/** Does the line match anywhere in its first 2,000 characters? */
export type MatchesLine = (line: string) => boolean;

const refused = (message: string, remedy?: string): Reading<MatchesLine> =>
  remedy === undefined ? { ok: false, message } : { ok: false, message, remedy };

const refusedFor = (pattern: Extract<LinePattern, { readonly ok: false }>): Reading<MatchesLine> => {
  switch (pattern.why) {
    case "empty":
      return refused("must be a regular expression");
    case "long":
      return refused(`is longer than ${LONGEST_PATTERN} characters`, "Name several signals instead.");
    case "costly":
      return refused(
        "repeats too much to be matched with every line",
        "Write smaller counts in { }, or * and +.",
      );
    case "matches-nothing":
      return refused("matches a line with nothing in it", "Name a word that only lines of trouble hold.");
    case "syntax":
      return refused(
        `is no regular expression that squall takes: ${pattern.message}`,
        "RE2's syntax holds: no look-around, no back-references.",
      );
  }
};

/** Compiles a pattern; upper and lower case differ, unless it begins with `(?i)`. */
export const readLogPattern = (value: unknown): Reading<MatchesLine> => {
  const pattern = compileLinePattern(typeof value === "string" ? value : "", LONGEST_PATTERN);
  if (!pattern.ok) return refusedFor(pattern);
  return { ok: true, value: (line) => pattern.value.test(line.slice(0, LONGEST_LINE)) };
};
