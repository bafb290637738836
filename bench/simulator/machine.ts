/** A machine that is never quite the same twice: its speed, drift, stalls and neighbours (METHOD.md, head of the document). */
import { type Random, randomFor } from "../../src/core/random.ts";

export interface MachineOptions {
  /** Speed is drawn from 1 - spread .. 1 + spread for every run. */
  readonly speedSpread: number;
  /** Mean seconds between stalls (garbage collection, the host) and between noisy neighbours. */
  readonly stallEveryS: number;
  readonly neighbourEveryS: number;
}

export const HOSTED: MachineOptions = { speedSpread: 0.3, stallEveryS: 20, neighbourEveryS: 60 };

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Machine {
  /** Factor on processor time at this instant: speed, drift, neighbours. */
  slowdown(atMs: number): number;
  /** Work begun at this instant waits so long for the end of a stall. */
  waitMs(atMs: number): number;
  readonly speed: number;
}

export const exponential = (random: Random): number => -Math.log(1 - random.next());

const spans = (
  random: Random,
  durationMs: number,
  everyS: number,
  lengthMs: () => number,
): readonly Span[] => {
  const found: Span[] = [];
  for (let at = 1000 * everyS * exponential(random); at < durationMs; ) {
    const toMs = at + lengthMs();
    found.push({ fromMs: at, toMs });
    at = toMs + 1000 * everyS * exponential(random);
  }
  return found;
};

/** A run's time goes on: the span at hand is never far from the last one asked for. */
const finder = (all: readonly Span[]): ((atMs: number) => Span | null) => {
  let place = 0;
  return (atMs) => {
    while (place > 0 && (all[place]?.fromMs ?? Number.POSITIVE_INFINITY) > atMs) place -= 1;
    while (place < all.length && (all[place]?.toMs ?? 0) < atMs) place += 1;
    const span = all[place];
    return span !== undefined && span.fromMs <= atMs ? span : null;
  };
};

export const drawMachine = (seed: number, durationMs: number, options: MachineOptions): Machine => {
  const random = randomFor(seed, "machine");
  const speed = 1 + options.speedSpread * (2 * random.next() - 1);
  const drift = 0.06 * random.normal();
  const phase = 2 * Math.PI * random.next();
  const stallAt = finder(
    spans(random, durationMs, options.stallEveryS, () => 60 + 240 * exponential(random)),
  );
  const neighbourAt = finder(
    spans(random, durationMs, options.neighbourEveryS, () => 2000 + 4000 * random.next()),
  );
  const crowding = 1.3 + 0.7 * random.next();
  return {
    speed,
    slowdown: (atMs) => {
      const drifted =
        1 + drift * (atMs / durationMs) + 0.02 * Math.sin((2 * Math.PI * atMs) / 40_000 + phase);
      return speed * drifted * (neighbourAt(atMs) === null ? 1 : crowding);
    },
    waitMs: (atMs) => {
      const stall = stallAt(atMs);
      return stall === null ? 0 : stall.toMs - atMs;
    },
  };
};
