/** Small profiles whose every point is known, for series and charts. */
import type { Fault } from "../../../../src/core/fault.ts";
import type { Observation } from "../../../../src/core/observation.ts";
import type { Profile, Scenario, ScenarioShape, WindowRecord } from "../../../../src/core/profile.ts";
import { syntheticProfile } from "../../../support/synthetic-profile.ts";

const KILL: Fault = {
  on: "service",
  fraction: 1,
  attempts: "all",
  kind: "kill",
  signal: "SIGKILL",
  restartAfterMs: 0,
};

export const scenario = (name: string, shape: ScenarioShape): Scenario => ({
  name,
  shape,
  scale: "additive",
  faults: shape === "control" ? [] : [KILL],
  description: `${name} happens`,
});

export const load = (
  name: string,
  startMs: number,
  durationMs = 2000,
  given: Partial<WindowRecord> = {},
): WindowRecord => ({
  scenario: name,
  round: 0,
  phase: "load",
  startMs,
  durationMs,
  guardMs: 0,
  planned: 1,
  lagP99Ms: 0,
  achievedRate: 1,
  eventLoopP99Ms: 1,
  receipts: [],
  ...given,
});

export const request = (
  window: number,
  scheduledMs: number,
  given: Partial<Observation> = {},
): Observation => ({
  window,
  slot: 0,
  requestId: "r0",
  repetition: 0,
  scheduledMs,
  lagMs: 0,
  ttftMs: null,
  latencyMs: 100,
  outcome: "ok",
  status: 200,
  hit: false,
  maxGapMs: null,
  chunks: 1,
  bytes: 1,
  answerHash: "",
  ...given,
});

/** Nothing was measured but what is given. */
export const profileWith = (given: Partial<Profile>): Profile => ({
  ...syntheticProfile({ scheduleSeed: 1, runSeed: 1, rounds: 1 }),
  scenarios: [],
  windows: [],
  observations: [],
  edgeCalls: [],
  health: [],
  ...given,
});
