/** Samples as a run of a training job leaves them, without the run: the plan's own strikes, with made-up progress. */
import { NO_REQUESTS } from "../../src/config/request-set/load.ts";
import type { JobRun, JobStrike } from "../../src/core/job/run.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Suite } from "../../src/core/suite.ts";
import { makeJobPlan, type PlannedJobRun } from "../../src/run/job/plan.ts";
import { measuredFrameHash, measuredHash, suiteSeed } from "../../src/run/run-suite.ts";

const strikesOf = ({ scenario, strikes }: PlannedJobRun): JobStrike[] => {
  const ofEachSave = scenario.trigger?.type === "save" && scenario.trigger.nth === "each";
  const planned = ofEachSave ? [1, 2].map((at) => ({ at, faults: [at % scenario.faults.length] })) : strikes;
  return planned.map(({ at, faults }) => ({
    at,
    faults,
    atMs: at * 10,
    lastStep: at,
    clearedAtMs: at * 10 + 5,
    receipts: [],
  }));
};

const runOf =
  (suite: Suite) =>
  (planned: PlannedJobRun, place: number): JobRun => ({
    scenario: planned.scenario.name,
    repeat: planned.repeat,
    startMs: place * 2000,
    durationMs: 1000,
    outcome: "completed",
    attempts: Array.from({ length: suite.job?.workers ?? 1 }, (_, worker) => ({
      worker,
      startedAtMs: 0,
      endedAtMs: 1000,
      exitCode: 0,
      signal: null,
      end: "own" as const,
    })),
    steps: { step: [1, 2, 3], atMs: [10, 20, 30], loss: [3, 2, 1] },
    events: [],
    strikes: strikesOf(planned),
    plannedStrikes: planned.strikes.map(({ at }) => at),
    orphans: 0,
  });

export const jobProfile = (suite: Suite, commit: string): Profile => {
  const seed = suiteSeed(suite, NO_REQUESTS);
  const plan = makeJobPlan(suite, seed);
  return {
    schemaVersion: 1,
    suite: suite.name,
    suiteHash: measuredHash(suite, NO_REQUESTS),
    frameHash: measuredFrameHash(suite, NO_REQUESTS),
    scheduleHash: "of the plan",
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
    provenance: { commit, startedAt: "2026-11-20T12:00:00.000Z", durationMs: 60_000, tool: "squall test" },
    probeMs: 10,
    deadlines: suite.workload.deadlines,
    sloMs: suite.workload.sloMs,
    scenarios: plan.scenarios,
    windows: [],
    observations: [],
    recoveries: [],
    edgeCalls: [],
    edgeSeconds: [],
    health: [],
    processes: [],
    deaths: [],
    aborts: [],
    attribution: [],
    jobRuns: plan.runs.map(runOf(suite)),
    measuringMs: 1000,
    notes: [],
  };
};
