/** Profiles around signals: windows of three seconds one after another, ten requests a second, and what was looked at. */
import type { Observation } from "../../../src/core/observation.ts";
import type { Profile, Scenario, WindowRecord } from "../../../src/core/profile.ts";
import type { Signal, SignalSample, SignalSource } from "../../../src/core/signals/signal.ts";
import { profileOf } from "../../support/method-cases.ts";
import { attributed, CONTROL, KILL } from "../../support/synthetic-runs.ts";

export const WINDOW_MS = 3000;
export const SLOW = attributed("slow");
export const OTHER = attributed("other");
export const DOWN: Scenario = { ...attributed("down"), shape: "clock", description: "llm is down" };
export const SCENARIOS = [CONTROL, SLOW, OTHER, DOWN, KILL];

export const windowAt = (
  place: number,
  scenario: string,
  given: Partial<WindowRecord> = {},
): WindowRecord => ({
  scenario,
  round: 0,
  phase: "load",
  startMs: place * WINDOW_MS,
  durationMs: WINDOW_MS,
  guardMs: 0,
  planned: 30,
  lagP99Ms: 0.5,
  achievedRate: 1,
  eventLoopP99Ms: 1,
  receipts: [],
  ...given,
});

export const request = (window: number, slot: number, given: Partial<Observation> = {}): Observation => ({
  window,
  slot,
  requestId: "a",
  repetition: 0,
  scheduledMs: slot * 100,
  lagMs: 0,
  ttftMs: 5,
  latencyMs: 10,
  outcome: "ok",
  status: 200,
  hit: false,
  maxGapMs: null,
  chunks: 1,
  bytes: 10,
  answerHash: "calm",
  ...given,
});

export interface Given extends Partial<Profile> {
  /** Scenario of each window. */
  readonly order: readonly string[];
  /** Of ten requests under a fault; default: none. */
  readonly failing?: number;
}

export const profileWith = ({ order, failing = 0, ...given }: Given): Profile =>
  profileOf({
    scenarios: SCENARIOS.filter(({ name }) => order.includes(name)),
    windows: order.map((scenario, place) => windowAt(place, scenario)),
    observations: order.flatMap((scenario, window) =>
      Array.from({ length: 30 }, (_, slot) =>
        request(
          window,
          slot,
          scenario !== "control" && slot % 10 < failing ? { outcome: "status", status: 503 } : {},
        ),
      ),
    ),
    ...given,
  });

const EVERY_MS = 500;
const OFFSET_MS = 100;

/** A look each half second through `windows` windows. `value` is asked with the time, ms from the run's start. */
export const looked = (windows: number, value: (atMs: number) => number | null): readonly SignalSample[] =>
  Array.from({ length: (windows * WINDOW_MS) / EVERY_MS }, (_, look) => {
    const atMs = look * EVERY_MS + OFFSET_MS;
    return { atMs, value: value(atMs) };
  });

export const signal = (name: string, source: SignalSource): Signal => ({ name, source });
export const METRIC: Extract<SignalSource, { readonly type: "metric" }> = {
  type: "metric",
  path: "/metrics",
  metric: "m",
  labels: {},
  counter: false,
};
export const LOG: SignalSource = { type: "log", pattern: "ERROR" };
export const PATH: SignalSource = { type: "path", path: "/deep" };
