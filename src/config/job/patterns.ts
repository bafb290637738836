/** Regular expressions of a job's own log, of the suite file. RE2's syntax, for the reasons of config/log-pattern.ts. */
import { RE2JS, RE2JSSyntaxException } from "re2js";

const LONGEST_PATTERN = 200;
/** Instructions: a line costs at most so many times its characters. */
const LARGEST_PROGRAM = 1000;

/**
 * What is wrong with a pattern, as the rest of a sentence; null: nothing.
 *
 * @param needsStep it must have the named group `step`
 */
export const patternProblem = (text: string, needsStep: boolean): string | null => {
  if (text === "") return "must be a regular expression";
  if (text.length > LONGEST_PATTERN) return `is longer than ${LONGEST_PATTERN} characters`;
  try {
    const compiled = RE2JS.compile(text);
    if (compiled.programSize() > LARGEST_PROGRAM) return "repeats too much to be matched with every line";
    if (compiled.test("")) return "matches a line with nothing in it";
    if (needsStep && !Object.hasOwn(compiled.namedGroups(), "step"))
      return "has no group named step: write (?<step>\\d+) where the line has the step's number";
    return null;
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return `is no regular expression that squall takes: ${error.message.replace("error parsing regexp: ", "")}`;
  }
};
