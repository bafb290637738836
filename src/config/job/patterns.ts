/** A suite's own patterns over a job's output: the steps and marks that a line tells. */
import type { RE2JS } from "re2js";
import { SquallError } from "../../core/errors.ts";
import { lossOf, stepOf } from "../../core/job/progress/numbers.ts";
import type { JobMatchers, MatchMark } from "../../core/job/progress/read-line.ts";
import type { JobPatterns } from "../../core/job/workload.ts";
import { compileLinePattern, type LinePattern } from "../line-pattern.ts";

const LONGEST_PATTERN = 300;
const GROUPS: readonly string[] = ["step", "loss"];

type Compiled =
  | { readonly ok: true; readonly value: RE2JS }
  | { readonly ok: false; readonly problem: string };

const groupProblem = (names: readonly string[], needsStep: boolean): string | null => {
  if (needsStep && !names.includes("step"))
    return String.raw`has no group named step, such as step (?<step>\d+)`;
  const strange = names.find((name) => !GROUPS.includes(name));
  return strange === undefined ? null : `has a group named ${strange}: only step and loss are read`;
};

const problemOf = (pattern: Extract<LinePattern, { readonly ok: false }>): string => {
  switch (pattern.why) {
    case "empty":
      return "is empty";
    case "long":
      return `is longer than ${LONGEST_PATTERN} characters`;
    case "costly":
      return "repeats too much to be matched with every line: write smaller counts in { }, or * and +";
    case "matches-nothing":
      return "matches a line with nothing in it";
    case "syntax":
      return `is no regular expression that squall takes: ${pattern.message} (RE2's syntax holds: no look-around, no back-references)`;
  }
};

const compile = (text: string, needsStep: boolean): Compiled => {
  const pattern = compileLinePattern(text, LONGEST_PATTERN);
  if (!pattern.ok) return { ok: false, problem: problemOf(pattern) };
  const problem = groupProblem(Object.keys(pattern.value.namedGroups()), needsStep);
  return problem === null ? pattern : { ok: false, problem };
};

/**
 * @param needsStep the pattern of steps; marks may do without
 * @returns what is wrong with a pattern, to be read after its name ("patterns.step has no group named step ..."); null: nothing
 */
export const patternProblem = (text: string, needsStep: boolean): string | null => {
  const compiled = compile(text, needsStep);
  return compiled.ok ? null : compiled.problem;
};

/** Groups of the first match by name: null where it took no part, and where there is none. */
type Groups = Readonly<Record<"step" | "loss", string | null>>;

const groupsOf = (name: keyof JobPatterns, text: string): ((line: string) => Groups | null) => {
  const compiled = compile(text, name === "step");
  if (!compiled.ok)
    throw new SquallError("suite-invalid", `A pattern ${compiled.problem}.`, {
      place: `workload.job.patterns.${name}`,
    });
  const names = compiled.value.namedGroups();
  return (line) => {
    const matcher = compiled.value.matcher(line);
    if (!matcher.find()) return null;
    const group = (wanted: string): string | null => (wanted in names ? matcher.group(wanted) : null);
    return { step: group("step"), loss: group("loss") };
  };
};

const mark = (name: keyof JobPatterns, text: string): MatchMark => {
  const read = groupsOf(name, text);
  return (line) => {
    const found = read(line);
    return found === null ? null : { step: stepOf(found.step) };
  };
};

const stepMatcher = (text: string): NonNullable<JobMatchers["step"]> => {
  const read = groupsOf("step", text);
  return (line) => {
    const found = read(line);
    const step = stepOf(found?.step);
    return step === null ? null : { step, loss: lossOf(found?.loss) };
  };
};

const MARKS = ["saving", "saved", "loaded", "skipped"] as const;

/** @throws SquallError `suite-invalid` for a pattern that {@link patternProblem} finds wrong */
export const jobMatchers = (patterns: JobPatterns): JobMatchers => {
  const marks = MARKS.flatMap((name) => {
    const text = patterns[name];
    return text === undefined ? [] : [[name, mark(name, text)] as const];
  });
  return {
    ...(patterns.step === undefined ? {} : { step: stepMatcher(patterns.step) }),
    ...Object.fromEntries(marks),
  };
};
