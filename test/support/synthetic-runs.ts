/** Small simulated runs for tests and benchmarks of the judge: seeded, so that a verdict is the same every time. */
import type { Observation } from "../../src/core/observation.ts";
import type { Profile, RecoveryRecord, Scenario, WindowRecord } from "../../src/core/profile.ts";
import { randomFor } from "../../src/core/random.ts";
import { profileOf } from "./method-cases.ts";

export interface SyntheticOptions {
  readonly seed: number;
  /** Rows of each scenario. */
  readonly rows?: number;
  readonly windows?: number;
  readonly scenarios?: readonly Scenario[];
  /** Change of one row of a named scenario; hit rows carry the fault's 300 ms already. */
  readonly alter?: (observation: Observation, scenario: string) => Observation;
  readonly alterWindow?: (window: WindowRecord) => WindowRecord;
  /** Kill recoveries, ms; null: not recovered. */
  readonly recoveriesMs?: readonly (number | null)[];
  readonly profile?: Partial<Profile>;
}

const fault = {
  kind: "http-delay",
  before: "response",
  delayMs: 300,
  jitterMs: 0,
  distribution: "constant",
} as const;

export const attributed = (name: string, fraction = 0.2): Scenario => ({
  name,
  shape: "attributed",
  scale: "additive",
  faults: [{ ...fault, on: "llm", fraction, attempts: "all" }],
  description: `llm answers 300 ms late on ${fraction * 100} % of calls (${name})`,
});

export const CONTROL: Scenario = {
  name: "control",
  shape: "control",
  scale: "additive",
  faults: [],
  description: "calm traffic",
};

export const KILL: Scenario = {
  name: "kill",
  shape: "kill",
  scale: "additive",
  faults: [
    { kind: "kill", signal: "SIGKILL", restartAfterMs: 1000, on: "service", fraction: 1, attempts: "all" },
  ],
  description: "service killed",
};

const IDS = 20;

export const syntheticRun = (options: SyntheticOptions): Profile => {
  const {
    seed,
    rows = 400,
    windows: windowCount = 8,
    scenarios = [CONTROL, attributed("slow-llm")],
  } = options;
  const windows: WindowRecord[] = [];
  const observations: Observation[] = [];
  for (const scenario of scenarios) {
    const random = randomFor(seed, scenario.name);
    const every = Math.round(1 / (scenario.faults[0]?.fraction ?? 1));
    for (let round = 0; round < windowCount; round++) {
      const window = windows.length;
      const record: WindowRecord = {
        scenario: scenario.name,
        round,
        phase: "load",
        startMs: window * 3000,
        durationMs: 3000,
        guardMs: 0,
        planned: rows / windowCount,
        lagP99Ms: 0.5,
        achievedRate: 1,
        eventLoopP99Ms: 1,
        receipts:
          scenario.shape === "attributed"
            ? [{ faultId: scenario.name, edge: "llm", seen: 50, affected: 10 }]
            : [],
      };
      windows.push(options.alterWindow?.(record) ?? record);
      const drift = 2 * random.normal();
      for (let slot = 0; slot < rows / windowCount; slot++) {
        const id = (slot * 7 + round) % IDS;
        const hit = scenario.shape === "attributed" && slot % every === 0;
        const latencyMs = 50 + 2 * id + drift + 8 * random.next() ** 2 + (hit ? 300 : 0);
        const plain: Observation = {
          window,
          slot,
          requestId: `r${id}`,
          repetition: round,
          scheduledMs: slot * 20,
          lagMs: 0,
          ttftMs: latencyMs,
          latencyMs,
          outcome: "ok",
          status: 200,
          hit,
          maxGapMs: null,
          chunks: 1,
          bytes: 10,
          answerHash: `h${id}`,
        };
        observations.push(options.alter?.(plain, scenario.name) ?? plain);
      }
    }
  }
  const recoveries = (options.recoveriesMs ?? []).map(
    (recoveryMs, round): RecoveryRecord => ({
      scenario: "kill",
      round,
      signal: "SIGKILL",
      replica: 0,
      recoveryMs,
      watchedMs: 10_000,
    }),
  );
  // Seeds differ, so do schedules unless a test says otherwise.
  return profileOf({
    windows,
    observations,
    scenarios,
    recoveries,
    scheduleHash: `s${seed}`,
    ...options.profile,
  });
};
