import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Delay } from "./fault.ts";

/** A stream of draws. Every random decision of a run comes from one of these, keyed from the run's seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  below(limit: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
}

/** FNV-1a, 32 bit: turns a key into a sub-seed. Not a checksum of content; hashes of content are sha256. */
export const subSeed = (seed: number, ...keys: readonly (string | number)[]): number => {
  let hash = 0x811c9dc5;
  const text = `${seed}/${keys.join("/")}`;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  // One avalanche round (murmur3 finaliser): neighbouring keys must not give neighbouring seeds.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
};

/** A stream of its own for every key: adding one draw somewhere never shifts the draws of another place. */
export const randomFor = (seed: number, ...keys: readonly (string | number)[]): Random => {
  const generator = xoroshiro128plus(subSeed(seed, ...keys));
  const next = (): number => uniformFloat64(generator);
  return {
    next,
    below: (limit) => uniformInt(generator, 0, limit - 1),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
};

/** A new array in seeded order (Fisher-Yates). */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    const held = result[index] as T;
    result[index] = result[other] as T;
    result[other] = held;
  }
  return result;
};

/** One delay in ms, never negative. */
export const drawDelayMs = (delay: Delay, random: Random): number => {
  if (delay.jitterMs === 0) return delay.delayMs;
  switch (delay.distribution) {
    case "constant":
      return delay.delayMs;
    case "uniform":
      return Math.max(0, delay.delayMs + (2 * random.next() - 1) * delay.jitterMs);
    case "normal":
      return Math.max(0, delay.delayMs + random.normal() * delay.jitterMs);
    case "pareto":
      // Shape 3: finite variance, a tail that real networks show. Lomax, so that the least delay is delayMs.
      return delay.delayMs + delay.jitterMs * ((1 - random.next()) ** (-1 / 3) - 1);
  }
};
