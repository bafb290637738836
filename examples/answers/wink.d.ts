/** What we use of the vectorizer, which ships without types. */
declare module "wink-nlp/utilities/bm25-vectorizer.js" {
  export interface Bm25Vectorizer {
    learn(tokens: readonly string[]): void;
    out(its: unknown): string[];
    vectorOf(tokens: readonly string[]): number[];
  }
  export default function bm25Vectorizer(): Bm25Vectorizer;
}
