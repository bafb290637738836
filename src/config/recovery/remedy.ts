import type { Remedy } from "../../core/remedy/remedy.ts";
import { quoted } from "../problems.ts";
import { readDuration } from "../quantities.ts";
import { type RuleProblem, type RuleReading, told, unknownWord, wordsOf, wrong } from "./words.ts";

/** What `do` takes, by its first word. */
const FORMS = {
  cpus: "cpus x2",
  memory: "memory x2",
  replica: "replica",
  restart: "restart",
  retry: "retry x1 after 100ms on llm",
  deadline: "deadline 300ms on llm",
  hedge: "hedge after 200ms on llm",
  "retry-after": "retry-after <= 200ms on llm",
  breaker: "breaker 5 failures 1s on llm",
  cache: "cache 60s on llm",
} as const;
type Verb = keyof typeof FORMS;
export const VERBS = Object.keys(FORMS) as readonly Verb[];

export const REMEDY_FORM = `a remedy: ${Object.values(FORMS)
  .map((form) => `"${form}"`)
  .join(", ")}`;

/** Answers that a cache of the sidecar holds at most. */
const CACHE_ENTRIES = 1000;
const MOST_TIMES = 64;
const MOST_ATTEMPTS = 10;
const MOST_FAILURES = 1000;
const LONGEST_MS = 3_600_000;

const isVerb = (word: string | undefined): word is Verb => word !== undefined && Object.hasOwn(FORMS, word);

const misfit = (verb: Verb): RuleProblem =>
  wrong(`this is not how ${verb} is written`, { allowed: FORMS[verb], remedy: `Write "${FORMS[verb]}".` });

const durationOf = (text: string, least = 1): RuleReading<number> => {
  const reading = told("the duration", readDuration(text));
  if (!reading.ok) return reading;
  return reading.value >= least && reading.value <= LONGEST_MS
    ? reading
    : wrong(`the duration must be ${least === 0 ? "at most" : "1ms to"} 1h`);
};

/** "x2", "x1.5". */
const timesOf = (word: string, whole: boolean, most: number): RuleReading<number> => {
  const match = /^x(\d{1,6}(?:\.\d{1,3})?)$/.exec(word);
  const times = Number(match?.[1]);
  const fits = whole ? Number.isInteger(times) && times >= 1 : times > 1;
  if (match !== null && fits && times <= most) return { ok: true, value: times };
  return wrong(`${quoted(word.slice(0, 20))} is no multiple`, {
    allowed: whole ? `x1 to x${most}` : `x and a number above 1, at most ${most}, such as x2`,
  });
};

const countOf = (word: string): RuleReading<number> => {
  const count = /^\d{1,4}$/.test(word) ? Number(word) : 0;
  return count >= 1 && count <= MOST_FAILURES
    ? { ok: true, value: count }
    : wrong(`${quoted(word.slice(0, 20))} is no number of failures`, { allowed: `1 to ${MOST_FAILURES}` });
};

const then = <T, R>(reading: RuleReading<T>, make: (value: T) => R): RuleReading<R> =>
  reading.ok ? { ok: true, value: make(reading.value) } : reading;

/** `words` as the form has them, `null` standing for what is read; the read words, or null where they do not fit. */
const fill = (words: readonly string[], form: readonly (string | null)[]): readonly string[] | null =>
  words.length === form.length && form.every((each, place) => each === null || each === words[place])
    ? words.filter((_, place) => form[place] === null)
    : null;

const onService = (words: readonly string[]): readonly [readonly string[], string] => {
  const on = words.at(-1);
  return words.at(-2) === "on" && on !== undefined ? [words.slice(0, -2), on] : [words, "service"];
};

const more = (kind: "more-cpu" | "more-memory", words: readonly string[]): RuleReading<Remedy> | null => {
  const [rest, on] = onService(words);
  const [times] = fill(rest, [null]) ?? [];
  return times === undefined
    ? null
    : then(timesOf(times, false, MOST_TIMES), (by) => ({ kind, on, times: by }));
};

/** Of the words after the verb; null: they do not fit its form. */
const READERS: Readonly<Record<Verb, (words: readonly string[]) => RuleReading<Remedy> | null>> = {
  cpus: (words) => more("more-cpu", words),
  memory: (words) => more("more-memory", words),
  replica: (words) => (words.length === 0 ? { ok: true, value: { kind: "replica", on: "service" } } : null),
  restart: (words) => {
    const [rest, on] = onService(words);
    if (rest.length > 1 || (rest.length === 1 && on !== "service")) return null;
    return { ok: true, value: { kind: "restart", on: rest[0] ?? on } };
  },
  retry: (words) => {
    const [times, after, on] = fill(words, [null, "after", null, "on", null]) ?? [];
    if (times === undefined || after === undefined || on === undefined) return null;
    const attempts = timesOf(times, true, MOST_ATTEMPTS);
    if (!attempts.ok) return attempts;
    return then(durationOf(after, 0), (backoffMs) => ({
      kind: "retry",
      on,
      attempts: attempts.value,
      backoffMs,
    }));
  },
  deadline: (words) => {
    const [after, on] = fill(words, [null, "on", null]) ?? [];
    if (after === undefined || on === undefined) return null;
    return then(durationOf(after), (afterMs) => ({ kind: "deadline", on, afterMs }));
  },
  hedge: (words) => {
    const [after, on] = fill(words, ["after", null, "on", null]) ?? [];
    if (after === undefined || on === undefined) return null;
    return then(durationOf(after), (afterMs) => ({ kind: "hedge", on, afterMs }));
  },
  "retry-after": (words) => {
    const [most, on] = fill(words, ["<=", null, "on", null]) ?? [];
    if (most === undefined || on === undefined) return null;
    return then(durationOf(most, 0), (mostMs) => ({ kind: "retry-after-cap", on, mostMs }));
  },
  breaker: (words) => {
    const [count, open, on] = fill(words, [null, "failures", null, "on", null]) ?? [];
    if (count === undefined || open === undefined || on === undefined) return null;
    const failures = countOf(count);
    if (!failures.ok) return failures;
    return then(durationOf(open), (openMs) => ({
      kind: "circuit-breaker",
      on,
      failures: failures.value,
      openMs,
    }));
  },
  cache: (words) => {
    const [time, on] = fill(words, [null, "on", null]) ?? [];
    if (time === undefined || on === undefined) return null;
    return then(durationOf(time), (forMs) => ({ kind: "cache", on, forMs, entries: CACHE_ENTRIES }));
  },
};

/** `cpus x2`, `retry x1 after 100ms on llm`. Takes anything, and never throws. */
export const readRemedy = (value: unknown): RuleReading<Remedy> => {
  const words = wordsOf(value, FORMS.cpus);
  if (!words.ok) return words;
  const [verb, ...rest] = words.value;
  if (!isVerb(verb)) return unknownWord("remedy", verb, VERBS);
  return READERS[verb](rest) ?? misfit(verb);
};
