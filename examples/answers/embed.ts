/** Sparse text vectors: lemmas by wink-nlp's English model, weighted by BM25 over the FAQ. */

import model from "wink-eng-lite-web-model";
import winkNLP from "wink-nlp";
import bm25Vectorizer from "wink-nlp/utilities/bm25-vectorizer.js";
import faq from "./faq.json" with { type: "json" };

export interface FaqEntry {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
}

/** Term -> weight, of unit length. */
export type SparseVector = Readonly<Record<string, number>>;

const nlp = winkNLP(model, ["sbd", "pos"]);
// wink's `its` and `as` are tables of functions that are handed back to it, never called with a `this`.
const { its, as } = nlp;

const lemmas = (text: string): string[] =>
  nlp
    .readDoc(text)
    .tokens()
    .filter((token) => token.out(its.type) === "word" && !token.out(its.stopWordFlag))
    .out(its.lemma as typeof its.value, as.array);

export const ENTRIES: readonly FaqEntry[] = faq;

const vectorizer = bm25Vectorizer();
for (const { question, answer } of ENTRIES) vectorizer.learn(lemmas(`${question} ${question} ${answer}`));
const TERMS = vectorizer.out(its.terms);

/** Only terms of the FAQ count: others have no weight. */
export const embed = (text: string): SparseVector => {
  const weights = vectorizer.vectorOf(lemmas(text));
  return Object.fromEntries(
    weights.flatMap((weight, index) => (weight === 0 ? [] : [[TERMS[index] ?? "", weight]])),
  );
};

export const similarity = (a: SparseVector, b: SparseVector): number =>
  Object.entries(a).reduce((sum, [term, weight]) => sum + weight * (b[term] ?? 0), 0);
