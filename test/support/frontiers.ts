/** Searches over services that give way at a known place, without a service. */
import type { Fault } from "../../src/core/fault.ts";
import type { FrontierRange, FrontierStep } from "../../src/core/frontier/range.ts";
import { nextStep } from "../../src/core/frontier/search.ts";
import { randomFor } from "../../src/core/random.ts";

/** An llm that is so far away, for every call. */
export const latency = (delayMs: number): Fault => ({
  kind: "latency",
  delayMs,
  jitterMs: 0,
  distribution: "constant",
  direction: "downstream",
  on: "llm",
  fraction: 1,
  attempts: "all",
});

/** 0 to 5 s in 32 levels, as the suite's door makes them. */
export const delayRange = (toMs = 5000): FrontierRange => ({
  parameter: "delay",
  unit: "ms",
  from: 0,
  levels: Array.from({ length: 32 }, (_, place) => Number((((place + 1) * toMs) / 32).toPrecision(3))),
});

/** Share of the requests that miss what is expected, at a value of the parameter. */
export type Missing = (value: number) => number;

export const sharp =
  (edge: number): Missing =>
  (value) =>
    value <= edge ? 0.002 : 1;

/** A service whose edge is drawn: few misses below it, all above, in a logistic of this width. */
export const smooth = (
  seed: number,
  widthMs: number,
  allowed: number,
): { readonly missing: Missing; readonly edgeMs: number } => {
  const middleMs = 300 + 4000 * randomFor(seed, "edge").next();
  const [least, rise] = [0.003, 0.99];
  return {
    missing: (value) => least + rise / (1 + Math.exp(-(value - middleMs) / widthMs)),
    edgeMs: Math.max(0, middleMs - widthMs * Math.log(rise / (allowed - least) - 1)),
  };
};

const REQUESTS = 60;
/** Windows whose misses are spread more than chance spreads them, and now and then a stall of the machine. */
const SPREAD = 0.3;
const STALL = 0.01;

/** All steps of one search. */
export const searched = (
  range: FrontierRange,
  allowed: number,
  missing: Missing,
  seed: number,
): readonly FrontierStep[] => {
  const random = randomFor(seed, "search");
  const steps: FrontierStep[] = [];
  for (;;) {
    const level = nextStep(range, [allowed], steps);
    if (level === null) return steps;
    const stalled = random.next() < STALL ? 0.3 : 0;
    const share = (missing(range.levels[level] ?? 0) + stalled) * Math.exp(SPREAD * random.normal());
    let misses = 0;
    for (let request = 0; request < REQUESTS; request++) if (random.next() < share) misses++;
    steps.push({ level, startMs: 0, durationMs: 2000, requests: REQUESTS, beyond: [misses] });
  }
};
