/** The texts of a rule, word by word: read without a grammar tool, so that every problem has a place and an answer. */
import { nearestOf, quoted } from "../problems.ts";
import type { Reading } from "../quantities.ts";

/** As `Reading`, with the word that was probably meant and what may stand there. */
export type RuleReading<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly message: string;
      readonly allowed?: string;
      readonly nearest?: string;
      readonly remedy?: string;
    };

export type RuleProblem = Extract<RuleReading<never>, { readonly ok: false }>;

const LONGEST_RULE = 200;

export const wrong = (message: string, rest: Omit<RuleProblem, "ok" | "message"> = {}): RuleProblem => ({
  ok: false,
  message,
  ...rest,
});

/** A word that is none of those known. */
export const unknownWord = (
  what: string,
  word: string | undefined,
  known: readonly string[],
): RuleProblem => {
  const nearest = word === undefined ? undefined : nearestOf(word, known);
  return wrong(word === undefined ? `${what} is missing` : `${quoted(word)} is no ${what}`, {
    allowed: known.join(", "),
    ...(nearest === undefined ? {} : { nearest }),
  });
};

/** Words of a text, comparators apart; a problem where it is none or too long. */
export const wordsOf = (value: unknown, example: string): RuleReading<readonly string[]> => {
  if (typeof value !== "string")
    return wrong("this must be a text", { remedy: `Write for example "${example}".` });
  if (value.length > LONGEST_RULE) return wrong(`this is longer than ${LONGEST_RULE} characters`);
  const words = value
    .replaceAll(/[<>]=?/g, (comparator) => ` ${comparator} `)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return wrong("this is empty", { remedy: `Write for example "${example}".` });
  return { ok: true, value: words };
};

/** A quantity's reading, with what it is of in front. */
export const told = <T>(what: string, reading: Reading<T>): RuleReading<T> =>
  reading.ok
    ? reading
    : wrong(`${what}: ${reading.message}`, reading.remedy === undefined ? {} : { remedy: reading.remedy });
