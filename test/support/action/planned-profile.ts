/** Samples as a run of a suite leaves them, without the run: the plan's own requests, with made-up answers. */
import type { Observation } from "../../../src/core/observation.ts";
import type { Profile, WindowRecord } from "../../../src/core/profile.ts";
import { randomFor } from "../../../src/core/random.ts";
import type { Suite } from "../../../src/core/suite.ts";
import type { RequestSet } from "../../../src/core/workload.ts";
import { makePlan, type Plan } from "../../../src/run/plan/plan.ts";
import { measuredFrameHash, measuredHash, suiteSeed } from "../../../src/run/run-suite.ts";

export interface MadeUp {
  readonly suite: Suite;
  readonly requestSet: RequestSet;
  readonly commit: string;
  readonly startedAt?: string;
  /** Seed of what happened; runs with different ones are as alike as two of one service. */
  readonly noise?: number;
  /** Share of struck requests that fail. */
  readonly hitErrors?: number;
}

const rows = (plan: Plan, { noise = 1, hitErrors = 0 }: MadeUp): Observation[] => {
  const random = randomFor(noise, "made up");
  return plan.stretches.flatMap(({ windows, requests }) =>
    windows.flatMap((window) =>
      requests.slice(window.firstSlot, window.endSlot).map((request, slot): Observation => {
        const failed = request.hit && random.next() < hitErrors;
        const latencyMs = 40 + 4 * random.next() + (request.hit ? 20 : 0);
        return {
          window: window.index,
          slot,
          requestId: request.requestId,
          repetition: request.repetition,
          scheduledMs: request.atMs - window.offsetMs,
          lagMs: random.next(),
          ttftMs: failed ? null : latencyMs - 1,
          latencyMs,
          outcome: failed ? "status" : "ok",
          status: failed ? 503 : 200,
          hit: request.hit,
          maxGapMs: null,
          chunks: 1,
          bytes: 100,
          answerHash: failed ? "" : request.requestId,
        };
      }),
    ),
  );
};

const records = (plan: Plan): WindowRecord[] => {
  let startMs = 1000;
  return plan.windows.map((window) => {
    const record: WindowRecord = {
      scenario: window.scenario,
      round: window.round,
      phase: "load",
      startMs,
      durationMs: window.durationMs,
      guardMs: window.guardMs,
      planned: window.endSlot - window.firstSlot,
      lagP99Ms: 1,
      achievedRate: 1,
      eventLoopP99Ms: 1,
      receipts: [],
    };
    startMs += window.durationMs;
    return record;
  });
};

export const madeUpProfile = (made: MadeUp): Profile => {
  const { suite, requestSet, commit, startedAt = "2026-11-20T12:00:00.000Z" } = made;
  const seed = suiteSeed(suite, requestSet);
  const plan = makePlan({ suite, requests: requestSet.requests, seed, attributable: () => true });
  return {
    schemaVersion: 1,
    suite: suite.name,
    suiteHash: measuredHash(suite, requestSet),
    frameHash: measuredFrameHash(suite, requestSet),
    scheduleHash: "of the schedule",
    seed,
    fingerprint: {
      arch: "x64",
      platform: "linux",
      cpuModel: "cpu",
      cpus: 2,
      memoryBytes: 8e9,
      node: "v24",
      runtime: "process",
    },
    provenance: { commit, startedAt, durationMs: 60_000, tool: "squall test" },
    probeMs: 10,
    deadlines: suite.workload.deadlines,
    sloMs: suite.workload.sloMs,
    scenarios: plan.scenarios,
    windows: records(plan),
    observations: rows(plan, made),
    recoveries: [],
    edgeCalls: [],
    edgeSeconds: [],
    health: [],
    processes: [],
    deaths: [],
    aborts: [],
    attribution: [],
    measuringMs: plan.loadMs,
    notes: [],
  };
};
