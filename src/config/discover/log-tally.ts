/** Lines of a log told apart by pattern, counted and forgotten. */
import { LOG_PATTERNS, type LogPattern } from "./log-patterns.ts";
import type { LogFinding } from "./observed.ts";

const PATTERNS: readonly (readonly [string, LogPattern])[] = Object.entries(LOG_PATTERNS);

/** How log lines write a status: access logs, clients' errors, JSON. */
const STATUS_FORMS = [
  "status ",
  "status=",
  "status: ",
  "status:",
  'status":',
  'status": ',
  "status code ",
  "status_code=",
  "statuscode: ",
  "statuscode=",
  "error code: ",
  "http/1.1 ",
  'http/1.1" ',
  'http/1.0" ',
  'http/2" ',
  'http/2.0" ',
  "http ",
  "error ",
];

const LONGEST_FORM = Math.max(...STATUS_FORMS.map((form) => form.length));

/** Longest part of a line that is looked at. */
export const LONGEST_LINE = 4096;

const isWordCharacter = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 95;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** At least once as a word of its own. Both lower case; one pass over the line. */
const holdsWord = (line: string, word: string): boolean => {
  if (word === "") return false;
  for (let at = line.indexOf(word); at >= 0; at = line.indexOf(word, at + 1)) {
    const before = at === 0 ? Number.NaN : line.charCodeAt(at - 1);
    const after = line.charCodeAt(at + word.length);
    if (!isWordCharacter(before) && !isWordCharacter(after)) return true;
  }
  return false;
};

/** Is there a status as logs write one? "status 503" is not in "status 5031". */
const holdsStatus = (line: string, status: string): boolean => {
  for (let at = line.indexOf(status); at >= 0; at = line.indexOf(status, at + 1)) {
    const before = line.slice(Math.max(0, at - LONGEST_FORM), at);
    if (!isDigit(line.charCodeAt(at + status.length)) && STATUS_FORMS.some((form) => before.endsWith(form)))
      return true;
  }
  return false;
};

const fits = (line: string, { texts, statuses = [] }: LogPattern): boolean =>
  texts.some((text) => line.includes(text)) || statuses.some((status) => holdsStatus(line, String(status)));

/** The first pattern that a line fits; null for none. */
export const patternOf = (lower: string): string | null =>
  PATTERNS.find(([, pattern]) => fits(lower, pattern))?.[0] ?? null;

/** Lines that squall wrote into a log itself: "<ISO time> squall ...". */
const isOurs = (line: string): boolean =>
  line.charCodeAt(4) === 45 && line.charCodeAt(10) === 84 && line.slice(24, 32) === " squall ";

/** Counts the lines of one log by pattern, and forgets them. */
export class LogTally {
  readonly #log: string;
  readonly #names: readonly (readonly [name: string, lower: string])[];
  readonly #found = new Map<string, { lines: number; naming: Map<string, number> }>();

  /** @param names dependencies, told where a line names them */
  constructor(log: string, names: readonly string[]) {
    this.#log = log;
    this.#names = names.map((name) => [name, name.toLowerCase()] as const);
  }

  add(line: string): void {
    if (isOurs(line)) return;
    const lower = line.slice(0, LONGEST_LINE).toLowerCase();
    const pattern = patternOf(lower);
    if (pattern === null) return;
    const found = this.#found.get(pattern) ?? { lines: 0, naming: new Map<string, number>() };
    this.#found.set(pattern, found);
    found.lines++;
    for (const [name, word] of this.#names)
      if (holdsWord(lower, word)) found.naming.set(name, (found.naming.get(name) ?? 0) + 1);
  }

  findings(): LogFinding[] {
    return [...this.#found].map(([pattern, { lines, naming }]) => ({
      log: this.#log,
      pattern,
      lines,
      naming: Object.fromEntries(naming),
    }));
  }
}
