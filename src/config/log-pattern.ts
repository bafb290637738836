/**
 * Regular expressions of a suite file, for log lines. They come from whoever wrote the suite and meet whatever the service wrote, so the
 * engine is RE2's (https://github.com/google/re2/wiki/Syntax): time linear in the line, no backtracking, and therefore neither
 * look-around nor back-references.
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { Reading } from "./quantities.ts";

const LONGEST_PATTERN = 200;
/** Longer lines are matched by their beginning. */
export const LONGEST_LINE = 2000;
/** Instructions: a line costs at most so many times its characters. */
const LARGEST_PROGRAM = 1000;

/** Does the line match anywhere in its first 2,000 characters? */
export type MatchesLine = (line: string) => boolean;

const refused = (message: string, remedy?: string): Reading<MatchesLine> =>
  remedy === undefined ? { ok: false, message } : { ok: false, message, remedy };

/** Compiles a pattern; upper and lower case differ, unless it begins with `(?i)`. */
export const readLogPattern = (value: unknown): Reading<MatchesLine> => {
  if (typeof value !== "string" || value === "") return refused("must be a regular expression");
  if (value.length > LONGEST_PATTERN)
    return refused(`is longer than ${LONGEST_PATTERN} characters`, "Name several signals instead.");
  try {
    const compiled = RE2JS.compile(value);
    if (compiled.programSize() > LARGEST_PROGRAM)
      return refused(
        "repeats too much to be matched with every line",
        "Write smaller counts in { }, or * and +.",
      );
    if (compiled.test(""))
      return refused("matches a line with nothing in it", "Name a word that only lines of trouble hold.");
    return { ok: true, value: (line) => compiled.test(line.slice(0, LONGEST_LINE)) };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return refused(
      `is no regular expression that squall takes: ${error.message.replace("error parsing regexp: ", "")}`,
      "RE2's syntax holds: no look-around, no back-references.",
    );
  }
};
