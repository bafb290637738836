/**
 * Which look belongs to which fault. A window is a stretch of the clock, but what a service says of a request comes when the request
 * ends, so each fault has a tail.
 *
 *   calm | fault: from its start (a kill: from the kill) ... window's end ... tail | calm
 */
import { isFailure, isUnscored } from "../outcome.ts";
import type { Profile, ScenarioShape } from "../profile.ts";
import type { Look } from "./calm-limits.ts";

/** How long after a window, or after its last harmed request, a signal may still speak of it. */
const LAG_MS = 1000;

/** One load window. ms from the run's start. */
export interface Span {
  readonly scenario: string;
  readonly calm: boolean;
  /** False: invalid, counted nowhere; what it did is still not calm's. */
  readonly counts: boolean;
  /** Of calm: after its guard. */
  readonly startMs: number;
  readonly endMs: number;
  readonly tailEndMs: number;
  /** Scored requests, and those that failed or were late. */
  readonly requests: number;
  readonly harmed: number;
}

/**
 * Outages and kills are replayed by themselves, and the next window waits for a calm second of good answers: their tails end with what
 * that second is of.
 */
const clipped = (spans: readonly Span[], shapes: ReadonlyMap<string, ScenarioShape>): readonly Span[] =>
  spans.map((span, place) => {
    const shape = shapes.get(span.scenario);
    const next = spans[place + 1];
    if (next === undefined || (shape !== "clock" && shape !== "kill")) return span;
    return { ...span, tailEndMs: Math.max(span.endMs, Math.min(span.tailEndMs, next.startMs - LAG_MS)) };
  });

/** Load windows in the order of their starts. */
export const spansOf = ({ windows, scenarios, observations, deaths, sloMs }: Profile): readonly Span[] => {
  const shapes = new Map(scenarios.map(({ name, shape }) => [name, shape]));
  const sums = windows.map(() => ({ requests: 0, harmed: 0, lastMs: 0 }));
  for (const { window, scheduledMs, lagMs, latencyMs, outcome } of observations) {
    const sum = sums[window];
    const guardMs = windows[window]?.guardMs ?? 0;
    if (sum === undefined || isUnscored(outcome)) continue;
    const harmed = isFailure(outcome) || latencyMs > sloMs;
    if (harmed) sum.lastMs = Math.max(sum.lastMs, scheduledMs + lagMs + latencyMs);
    if (scheduledMs < guardMs) continue;
    sum.requests += 1;
    if (harmed) sum.harmed += 1;
  }
  const killMs = new Map<number, number>();
  for (const { window, atMs, injected } of deaths)
    if (injected) killMs.set(window, Math.min(atMs, killMs.get(window) ?? atMs));
  const spans = windows
    .flatMap((window, index): readonly Span[] => {
      if (window.phase !== "load") return [];
      const { scenario, startMs, durationMs, guardMs, invalid } = window;
      const isCalm = shapes.get(scenario) === "control";
      const endMs = startMs + durationMs;
      const { requests = 0, harmed = 0, lastMs = 0 } = sums[index] ?? {};
      return [
        {
          scenario,
          calm: isCalm,
          counts: invalid === undefined,
          startMs: isCalm ? startMs + guardMs : Math.max(startMs, killMs.get(index) ?? startMs),
          endMs,
          tailEndMs: Math.max(endMs, startMs + lastMs) + LAG_MS,
          requests,
          harmed,
        },
      ];
    })
    .sort((a, b) => a.startMs - b.startMs);
  return clipped(spans, shapes);
};

/** What a look can speak of. */
export interface Belonging {
  /** The fault it is counted for; null: none, or it cannot be told which. */
  readonly fault: Span | null;
  /** All faults that it may speak of. */
  readonly touched: readonly Span[];
  /** The calm window that it lies in, its guard left out. */
  readonly calm: Span | null;
}

const isInside = ({ fromMs, atMs }: Look, { startMs, endMs }: Span): boolean =>
  startMs <= fromMs && atMs <= endMs;

/** Finds the spans near a look without walking over all of them. */
export class Spans {
  readonly all: readonly Span[];
  /** The latest end of a tail among the spans up to each place. */
  readonly #latestMs: readonly number[];

  /** @param all in the order of their starts */
  constructor(all: readonly Span[]) {
    this.all = all;
    let latest = Number.NEGATIVE_INFINITY;
    this.#latestMs = all.map(({ tailEndMs }) => (latest = Math.max(latest, tailEndMs)));
  }

  /** Those that begin by the look's time and whose tail reaches what it speaks of. */
  #near({ fromMs, atMs }: Look): readonly Span[] {
    const near: Span[] = [];
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.startMs ?? Number.POSITIVE_INFINITY) <= atMs) low = middle + 1;
      else high = middle;
    }
    for (let place = low - 1; place >= 0 && (this.#latestMs[place] ?? fromMs) >= fromMs; place--) {
      const span = this.all[place];
      if (span !== undefined && span.tailEndMs >= fromMs) near.push(span);
    }
    return near;
  }

  /**
   * A look inside a fault's window is that fault's, whatever came before it. One in a tail, or across a window's edge, is the fault's
   * that it touches, where that is a single one.
   */
  belonging(look: Look): Belonging {
    const near = this.#near(look);
    const touched = near.filter(({ calm }) => !calm);
    const inside = touched.find((span) => isInside(look, span));
    return {
      fault: inside ?? (touched.length === 1 ? (touched[0] ?? null) : null),
      touched,
      calm: near.find((span) => span.calm && span.counts && isInside(look, span)) ?? null,
    };
  }
}
