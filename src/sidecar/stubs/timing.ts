import { drawDelayMs, type Random, randomFor } from "../../core/random.ts";
import type { StubModel } from "../../core/suite.ts";

/** Draws of one request: the same request gets the same ones in base and head, and again in a retry. */
export interface Draws {
  /** Hash of the request: hex, for ids. */
  readonly id: string;
  readonly tokens: number;
  readonly firstTokenMs: number;
  /** Time from one token to the next. */
  nextTokenMs(): number;
  /** For choices of words. */
  readonly words: Random;
}

/** @param fingerprint of the request, without nonces */
export const drawsFor = (stub: StubModel, seed: number, fingerprint: string): Draws => {
  const uniform = (delayMs: number, jitterMs: number, random: Random): number =>
    drawDelayMs({ delayMs, jitterMs, distribution: "uniform" }, random);
  const perToken = randomFor(seed, "per-token", fingerprint);
  const span = Math.max(0, stub.maxTokens - stub.minTokens);
  return {
    id: Buffer.from(fingerprint, "base64").toString("hex").slice(0, 24),
    tokens: Math.max(1, stub.minTokens + randomFor(seed, "tokens", fingerprint).below(span + 1)),
    firstTokenMs: uniform(
      stub.firstTokenMs,
      stub.firstTokenJitterMs,
      randomFor(seed, "first-token", fingerprint),
    ),
    nextTokenMs: () => uniform(stub.perTokenMs, stub.perTokenJitterMs, perToken),
    words: randomFor(seed, "words", fingerprint),
  };
};

/** Instants of `count` tokens, ms from the start. */
export const tokenInstants = (draws: Draws, count: number): number[] => {
  let atMs = draws.firstTokenMs;
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) atMs += draws.nextTokenMs();
    return atMs;
  });
};
