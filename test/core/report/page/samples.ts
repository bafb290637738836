/** Profiles for tests of the page's charts: any latencies, any number of scenarios, any names. */
import type { Observation } from "../../../../src/core/observation.ts";
import type { Outcome } from "../../../../src/core/outcome.ts";
import type { Profile, Scenario, WindowRecord } from "../../../../src/core/profile.ts";
import { SYNTHETIC_SCENARIOS, syntheticProfile } from "../../../support/synthetic-profile.ts";

export interface Measured {
  readonly latencyMs: number;
  readonly outcome?: Outcome;
}

const SLOW = SYNTHETIC_SCENARIOS[1] as Scenario;
const EMPTY = syntheticProfile({ scheduleSeed: 1, runSeed: 1, rounds: 0 });
const WINDOW: WindowRecord = {
  scenario: "",
  round: 0,
  phase: "load",
  startMs: 0,
  durationMs: 1000,
  guardMs: 0,
  planned: 1,
  lagP99Ms: 0,
  achievedRate: 1,
  eventLoopP99Ms: 0,
  receipts: [],
};

/** One window a scenario; `control` is calm, everything else an attributed fault. */
export const profileOf = (
  samples: ReadonlyMap<string, readonly Measured[]>,
  over: Partial<Profile> = {},
): Profile => {
  const names = [...samples.keys()];
  const observation = (
    window: number,
    slot: number,
    { latencyMs, outcome = "ok" }: Measured,
  ): Observation => ({
    window,
    slot,
    requestId: "r1",
    repetition: slot,
    scheduledMs: slot,
    lagMs: 0,
    ttftMs: null,
    latencyMs,
    outcome,
    status: 200,
    hit: false,
    maxGapMs: null,
    chunks: 1,
    bytes: 1,
    answerHash: "",
  });
  return {
    ...EMPTY,
    scenarios: names.map((name) =>
      name === "control"
        ? (SYNTHETIC_SCENARIOS[0] as Scenario)
        : { ...SLOW, name, description: `what ${name} does` },
    ),
    windows: names.map((scenario) => ({ ...WINDOW, scenario })),
    observations: [...samples.values()].flatMap((all, window) =>
      all.map((each, slot) => observation(window, slot, each)),
    ),
    edgeCalls: [],
    health: [],
    ...over,
  };
};

export const at = (startedAt: string, commit: string): Pick<Profile, "provenance"> => ({
  provenance: { ...EMPTY.provenance, startedAt, commit },
});
