import { distance } from "fastest-levenshtein";
import { SquallError } from "../../core/errors.ts";

/** One thing that is wrong in a request set. */
export interface Problem {
  /** "12" for a line, "log.entries[3].request" in a HAR file. */
  readonly at: string;
  /** What is wrong there: "x_weight". Empty for the whole line. */
  readonly key: string;
  readonly found: string;
  readonly allowed: string;
}

/** More than a person reads at once; the rest is counted. */
const LISTED = 100;

/** A value as a message shows it: short, on one line, without control characters. */
export const shown = (value: unknown): string => {
  let text: string;
  try {
    text = value === undefined ? "nothing" : JSON.stringify(value);
  } catch {
    text = "a value nested too deeply";
  }
  // Messages go to terminals: control and direction characters must not.
  const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
  return clean.length > 80 ? `${clean.slice(0, 77)}...` : clean;
};

/** ", did you mean x?" where a known name is near. */
export const nearest = (name: string, known: readonly string[]): string => {
  const best = known
    .map((candidate) => ({ candidate, apart: distance(name.slice(0, 64), candidate) }))
    .sort((a, b) => a.apart - b.apart)[0];
  return best !== undefined && best.apart <= Math.max(2, Math.floor(name.length / 3))
    ? `, did you mean ${best.candidate}?`
    : "";
};

const line = (file: string, problem: Problem): string =>
  `${file}${/^\d/.test(problem.at) ? ":" : ": "}${problem.at}${problem.key === "" ? "" : ` ${problem.key}`}: found ${problem.found}; allowed: ${problem.allowed}`;

/** All problems of a file as one error, in the order in which they stand. */
export const problemsError = (file: string, problems: readonly Problem[]): SquallError => {
  const first = problems[0];
  const rest = problems.length - LISTED;
  return new SquallError(
    "request-set-invalid",
    `${file} is not a usable request set: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`,
    {
      place: first !== undefined && /^\d/.test(first.at) ? `${file}:${first.at}` : file,
      remedy: "Correct what is named above; every line stands with what is allowed there.",
      detail: [
        ...problems.slice(0, LISTED).map((problem) => line(file, problem)),
        ...(rest > 0 ? [`and ${rest} more`] : []),
      ],
    },
  );
};
