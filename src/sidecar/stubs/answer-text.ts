import type { Draws } from "./timing.ts";

/** What a request holds that an answer can speak of. */
export interface Prompt {
  /** Last text of the user. */
  readonly question: string;
  /** System text, tool results and earlier turns, in order. */
  readonly context: readonly string[];
}

/** Words that say nothing about a topic. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about all also am an and any are as at be been but by can could did do does for from get give had has have how i if in into is it its " +
    "just may me more my no not of on one only or our out please should so some tell than that the their them then there these they this to " +
    "too up use user us very was we were what when where which who why will with would you your answer question text customer"
  ).split(" "),
);

const MAX_CONTEXT_CHARACTERS = 200_000;

/** Lower-case words of a text, in order, without those that say nothing. */
export const keyWords = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !STOP_WORDS.has(word));

/** "passwords" and "password" are near each other: a crude stem, enough for a stub. */
export const stem = (word: string): string =>
  word.length > 4 ? word.replace(/(?:ings?|edly|ed|ies|es|s|ly)$/u, "") : word;

/**
 * A deterministic answer that stays on topic: the context's sentences that share most words with the question, best first,
 * then the question's own key words. Exactly `draws.tokens` tokens, which when joined are the text.
 */
export const answerTokens = (prompt: Prompt, draws: Draws): string[] => {
  const asked = new Set(keyWords(prompt.question).map(stem));
  const sentences = prompt.context
    .flatMap((text) => text.slice(0, MAX_CONTEXT_CHARACTERS).split(/(?<=[.!?])\s+|\n+/u))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
  const ranked = sentences
    .map((sentence, index) => ({ sentence, index, score: overlap(sentence, asked) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ sentence }) => sentence);
  const source = ranked.length > 0 ? ranked : [`About this: ${firstSentence(prompt.question)}`];
  const words = source.join(" ").split(/\s+/u);
  const topics = keyWords(`${prompt.question} ${source[0] ?? ""}`);
  while (words.length < draws.tokens) words.push(...filler(topics, draws));
  return words.slice(0, draws.tokens).map((word, index) => (index === 0 ? word : ` ${word}`));
};

const firstSentence = (text: string): string => text.trim().split(/(?<=[.!?])\s|\n/u, 1)[0] ?? "";

const overlap = (sentence: string, asked: ReadonlySet<string>): number => {
  const words = new Set(keyWords(sentence).map(stem));
  let shared = 0;
  for (const word of words) if (asked.has(word)) shared++;
  // Longer sentences share more by chance.
  return shared / Math.sqrt(4 + words.size);
};

const FILLERS = ["This also concerns", "Please note", "In short:", "See also", "More on"] as const;

const filler = (topics: readonly string[], draws: Draws): string[] => {
  const opening = FILLERS[draws.words.below(FILLERS.length)] ?? FILLERS[0];
  const topic = topics.length === 0 ? "that" : (topics[draws.words.below(topics.length)] ?? "that");
  return `${opening} ${topic}.`.split(" ");
};

/** Tokens as bills count them, near enough: words. */
export const countTokens = (...texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + (text.match(/\S+/gu)?.length ?? 0), 0);
