import { distance } from "fastest-levenshtein";

/** What is wrong with one place of a file. Values are quoted short; secrets never appear (they are named, not shown). */
export type ProblemCode =
  | "syntax"
  | "too-large"
  | "unknown-key"
  | "missing-key"
  | "wrong-type"
  | "wrong-value"
  | "wrong-unit"
  | "conflict"
  | "unknown-name"
  | "reserved-name"
  | "duplicate"
  | "unsupported"
  | "unsafe"
  | "dropped";

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `experiments[0].faults[1].delay`; "" for the whole file. */
  readonly path: string;
  readonly code: ProblemCode;
  /** The value found, quoted short; "nothing" where a key is missing. */
  readonly found: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** What may stand here, in words. */
  readonly allowed: string;
  /** The known key, kind or name that was probably meant. */
  readonly nearest?: string;
  /** What to do now, as an imperative sentence. */
  readonly remedy?: string;
  /** The source line may hold a secret and is not shown. */
  readonly hideSource?: true;
}

export type PathPart = string | number;

/** A problem before its place in the text is known. `at: "key"` points at the key instead of its value. */
export interface RawProblem {
  readonly path: readonly PathPart[];
  readonly at: "key" | "value";
  readonly code: ProblemCode;
  readonly found: string;
  readonly message: string;
  readonly allowed: string;
  readonly nearest?: string;
  readonly remedy?: string;
  readonly hideSource?: true;
}

const LONGEST_QUOTE = 60;

/** Control characters would let a hostile file write to the terminal that shows the problem. */
const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );

/** A value as a message quotes it: one line, at most about 60 characters, never an exception. */
export const quoted = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "null (nothing after the colon)";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return "a map";
  const text = typeof value === "string" ? `"${printable(value)}"` : `${value as number | boolean}`;
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1)}…` : text;
};

/** The candidate that was probably meant: at most a third of its letters differ, or one contains the other. */
export const nearestOf = (word: string, candidates: readonly string[]): string | undefined => {
  const wanted = word.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const contained = wanted.length >= 3 && (known.includes(wanted) || wanted.includes(known));
    const edits = distance(wanted, known);
    const limit = Math.max(1, Math.floor(Math.max(known.length, wanted.length) / 3));
    if (edits > limit && !contained) continue;
    const score = edits > limit ? limit + edits / 100 : edits;
    if (score < bestDistance) [best, bestDistance] = [candidate, score];
  }
  return best;
};

/** `experiments[0].faults[1].delay`; keys that are no plain words are quoted in brackets. */
export const pathText = (path: readonly PathPart[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${text}[${quoted(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");

/** A line that holds a secret is shown for none of its problems. */
export const withoutSecrets = (problems: readonly Problem[], secretLines: ReadonlySet<number>): Problem[] =>
  problems.map((problem) =>
    secretLines.has(problem.line) ? { ...problem, hideSource: true as const } : problem,
  );

/** More than anyone reads at once: the rest is counted. */
const MOST_PROBLEMS = 100;

/** By place; of very many the first, and how many more there are. */
export const inOrder = (problems: readonly Problem[]): Problem[] => {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const next = sorted[MOST_PROBLEMS];
  if (next === undefined) return sorted;
  const rest: Problem = {
    file: next.file,
    line: next.line,
    column: next.column,
    path: "",
    code: next.code,
    found: "",
    message: `${sorted.length - MOST_PROBLEMS} further problems begin here`,
    allowed: "",
  };
  return [...sorted.slice(0, MOST_PROBLEMS), rest];
};

const sourceLines = (problem: Problem, lines: readonly string[]): string[] => {
  const line = problem.hideSource === true ? undefined : lines[problem.line - 1];
  if (line === undefined || line.trim() === "") return [];
  const number = String(problem.line);
  // A long line is shown around the column only.
  const start = problem.column > 100 ? problem.column - 60 : 0;
  const shown = printable(line.slice(start, start + 140).replaceAll("\t", " "));
  const before = printable(line.slice(start, problem.column - 1).replaceAll("\t", " ")).length;
  return [`  ${number} | ${shown}`, `  ${" ".repeat(number.length)} | ${" ".repeat(before)}^`];
};

const problemLines = (problem: Problem, lines: readonly string[]): string[] => {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const hint = problem.nearest === undefined ? "" : ` (did you mean ${problem.nearest}?)`;
  const words = [
    problem.path === "" ? place : `${place}  ${problem.path}`,
    `  ${problem.message}${hint}`,
    ...(problem.found === "" ? [] : [`  found:   ${problem.found}`]),
    ...(problem.allowed === "" ? [] : [`  allowed: ${problem.allowed}`]),
    ...(problem.remedy === undefined ? [] : [`  remedy:  ${problem.remedy}`]),
  ];
  return [...words.map(printable), ...sourceLines(problem, lines)];
};

/**
 * Problems as a person reads them: `file:line:column  path`, what is wrong, what was found, what is allowed, what to
 * do, and the source line with a caret. Blocks are separated by an empty line; no trailing newline.
 */
export const formatProblems = (problems: readonly Problem[], source: string): string => {
  const lines = source.split(/\r\n|\r|\n/);
  return problems.map((problem) => problemLines(problem, lines).join("\n")).join("\n\n");
};
