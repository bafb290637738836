import { randomFor } from "../../core/random.ts";
import { keyWords, stem } from "./answer-text.ts";

/** Directions each word is spread over: enough that two words hardly ever collide. */
const SPREAD = 8;

/**
 * A unit vector of the text's words (feature hashing, Weinberger et al. 2009): texts that share words are near each other,
 * so retrieval over stub vectors finds what it should.
 */
export const embed = (text: string, dimensions: number): number[] => {
  const vector = new Float64Array(dimensions);
  const words = keyWords(text);
  for (const word of words.length === 0 ? [text] : words) {
    const random = randomFor(0, "embedding", stem(word));
    for (let index = 0; index < SPREAD; index++) {
      const at = random.below(dimensions);
      vector[at] = (vector[at] ?? 0) + (random.next() < 0.5 ? -1 : 1);
    }
  }
  // Opposite draws may cancel out, in few dimensions.
  if (vector.every((value) => value === 0)) vector[0] = 1;
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Array.from(vector, (value) => value / length);
};

/** Little-endian 32 bit floats in base64: what `encoding_format: "base64"` asks for. */
export const embeddingBase64 = (vector: readonly number[]): string => {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
};
