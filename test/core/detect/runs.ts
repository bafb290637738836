/** Small runs by hand: windows of so many seconds, twenty requests in each second. */
import type { Observation } from "../../../src/core/observation.ts";
import type { Profile, Scenario, ScenarioShape, WindowRecord } from "../../../src/core/profile.ts";
import { randomFor } from "../../../src/core/random.ts";
import { profileOf } from "../../support/method-cases.ts";

const scenario = (name: string, shape: ScenarioShape): Scenario => ({
  name,
  shape,
  scale: "additive",
  faults: [],
  description: name,
});

export const SCENARIOS: readonly Scenario[] = [
  scenario("control", "control"),
  scenario("slow", "attributed"),
  scenario("failing", "attributed"),
  scenario("outage", "clock"),
  scenario("kill", "kill"),
];

export interface PlacedWindow {
  readonly scenario: string;
  readonly seconds?: number;
  /** Pause before it, ms. */
  readonly afterMs?: number;
  readonly invalid?: string;
  readonly phase?: WindowRecord["phase"];
}

export const REQUESTS_A_SECOND = 20;

export interface RunOptions {
  readonly seed?: number;
  /** What becomes of a request; as it comes: 100 ms give or take 5. */
  readonly alter?: (observation: Observation, scenario: string) => Observation;
  readonly profile?: Partial<Profile>;
}

export const runOf = (placed: readonly PlacedWindow[], options: RunOptions = {}): Profile => {
  const random = randomFor(options.seed ?? 1, "run");
  const windows: WindowRecord[] = [];
  const observations: Observation[] = [];
  let clockMs = 1000;
  for (const { scenario: name, seconds = 3, afterMs = 0, invalid, phase = "load" } of placed) {
    clockMs += afterMs;
    const window = windows.length;
    const planned = seconds * REQUESTS_A_SECOND;
    windows.push({
      scenario: name,
      round: 0,
      phase,
      startMs: clockMs,
      durationMs: seconds * 1000,
      guardMs: 0,
      planned,
      lagP99Ms: 1,
      achievedRate: 1,
      eventLoopP99Ms: 1,
      receipts: [],
      ...(invalid === undefined ? {} : { invalid }),
    });
    clockMs += seconds * 1000;
    for (let slot = 0; slot < planned; slot++) {
      const latencyMs = 100 + 5 * random.normal();
      const plain: Observation = {
        window,
        slot,
        requestId: `r${slot % 10}`,
        repetition: slot,
        scheduledMs: (slot * 1000) / REQUESTS_A_SECOND,
        lagMs: 0,
        ttftMs: latencyMs / 2,
        latencyMs,
        outcome: "ok",
        status: 200,
        hit: false,
        maxGapMs: null,
        chunks: 1,
        bytes: 10,
        answerHash: "",
      };
      observations.push(options.alter?.(plain, name) ?? plain);
    }
  }
  return profileOf({ windows, observations, scenarios: SCENARIOS, ...options.profile });
};

/** So many rounds of calm, `slow`, `failing`, as a plan lays them. */
export const rounds = (count: number, seconds = 3): readonly PlacedWindow[] =>
  Array.from({ length: count }, () =>
    ["control", "slow", "failing"].map((name) => ({ scenario: name, seconds })),
  ).flat();

/** `slow`: a fifth of the requests takes 300 ms more; `failing`: a fifth fails at once. */
export const struck = (observation: Observation, name: string): Observation => {
  const isHit = observation.slot % 5 === 0;
  if (name === "slow" && isHit) return { ...observation, latencyMs: observation.latencyMs + 300 };
  if (name === "failing" && isHit) return { ...observation, latencyMs: 4, outcome: "status", status: 500 };
  return observation;
};
