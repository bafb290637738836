import type { Condition, SymptomFigure } from "../../core/recovery-policy/rule.ts";
import { type ReadQuantity, readDuration, readRatio, readShare } from "../quantities.ts";
import { type RuleReading, told, unknownWord, wordsOf, wrong } from "./words.ts";

export const CONDITION_FORM =
  'a condition: figure, "of" and a dependency where it is not the service\'s, comparator, value with its unit, "for" and a duration; such as "cpu > 90% for 3s", "p95 of llm > 2s" or "inFlight >= 40"';
const EXAMPLE = "cpu > 90% for 3s";

const LONGEST_HOLD_MS = 600_000;

const FIGURES: Readonly<Record<SymptomFigure, ReadQuantity<number>>> = {
  cpu: readShare,
  memory: readShare,
  errorRate: readShare,
  p95: readDuration,
  inFlight: readRatio,
};
const FIGURE_NAMES = Object.keys(FIGURES) as readonly SymptomFigure[];
const COMPARATORS = [">", ">=", "<", "<="] as const;

const isFigure = (word: string | undefined): word is SymptomFigure =>
  word !== undefined && Object.hasOwn(FIGURES, word);
const isComparator = (word: string | undefined): word is Condition["comparator"] =>
  COMPARATORS.some((each) => each === word);

const holdOf = (words: readonly string[] | null): RuleReading<number> => {
  if (words === null) return { ok: true, value: 0 };
  if (words.length === 0)
    return wrong('after "for" a duration is missing', { remedy: `Write "${EXAMPLE}".` });
  const reading = told('the duration after "for"', readDuration(words.join(" ")));
  if (!reading.ok || reading.value <= LONGEST_HOLD_MS) return reading;
  return wrong('the duration after "for" is longer than 10 minutes');
};

/** `cpu > 90% for 3s`. Takes anything, and never throws. */
export const readCondition = (value: unknown): RuleReading<Condition> => {
  const words = wordsOf(value, EXAMPLE);
  if (!words.ok) return words;
  const [figure, ...rest] = words.value;
  if (!isFigure(figure)) return unknownWord("figure", figure, FIGURE_NAMES);
  const named = rest[0] === "of";
  const of = named ? rest[1] : undefined;
  if (named && (of === undefined || isComparator(of)))
    return wrong('after "of" a dependency\'s name is missing');
  const [comparator, ...limit] = rest.slice(named ? 2 : 0);
  if (!isComparator(comparator)) return unknownWord("comparator", comparator, COMPARATORS);
  const place = limit.indexOf("for");
  const hold = holdOf(place === -1 ? null : limit.slice(place + 1));
  const written = (place === -1 ? limit : limit.slice(0, place)).join(" ");
  if (written === "")
    return wrong(`after "${comparator}" a value is missing`, { remedy: `Write "${EXAMPLE}".` });
  const read = told(`the value of ${figure}`, FIGURES[figure](written));
  if (!read.ok) return read;
  if (!hold.ok) return hold;
  return {
    ok: true,
    value: {
      figure,
      ...(of === undefined ? {} : { of }),
      comparator,
      limit: read.value,
      forMs: hold.value,
      text: words.value.join(" "),
    },
  };
};
