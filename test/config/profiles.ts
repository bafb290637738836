/** Profiles for tests of storage: every field filled, sizes as asked. */

import type { Observation } from "../../src/core/observation.ts";
import { OUTCOMES } from "../../src/core/outcome.ts";
import type { Profile } from "../../src/core/profile.ts";
import { randomFor } from "../../src/core/random.ts";

const WINDOWS = 40;

/** Requests as a run of 20/s would bring them: ids repeat, times spread, a few fail. */
export const observations = (count: number, seed = 1): readonly Observation[] => {
  const random = randomFor(seed, "observations");
  return Array.from({ length: count }, (_, index) => {
    const slot = Math.floor((index * WINDOWS) / Math.max(count, 1));
    const id = random.below(60);
    const failed = random.next() < 0.03;
    const latencyMs = Math.exp(5.5 + 0.4 * random.normal());
    return {
      window: slot,
      slot: index,
      requestId: `question-${id}`,
      repetition: Math.floor(index / 60),
      scheduledMs: (index % Math.ceil(count / WINDOWS)) * 50,
      lagMs: random.next() * 1.5,
      ttftMs: failed ? null : latencyMs * random.next(),
      latencyMs,
      outcome: failed ? (OUTCOMES[random.below(OUTCOMES.length)] ?? "status") : "ok",
      status: failed ? 503 : 200,
      hit: random.next() < 0.2,
      maxGapMs: failed ? null : random.next() * 40,
      chunks: 1 + random.below(60),
      bytes: 200 + 13 * id,
      answerHash: failed ? "" : `a${id}f0c3d${id % 7}`,
    };
  });
};

export const profile = (given: Partial<Profile> = {}, count = 50): Profile => ({
  schemaVersion: 1,
  suite: "answers",
  suiteHash: "hash-1",
  frameHash: "frame-1",
  scheduleHash: "schedule-1",
  seed: 42,
  fingerprint: {
    arch: "x64",
    platform: "linux",
    cpuModel: "cpu",
    cpus: 2,
    memoryBytes: 8e9,
    node: "v24",
    runtime: "process",
  },
  provenance: {
    commit: "abc",
    branch: "main",
    startedAt: "2026-01-01T00:00:00Z",
    durationMs: 1000,
    tool: "squall 1",
  },
  probeMs: 12.5,
  deadlines: { connectMs: 1000, headersMs: 5000, firstContentMs: 5000, silenceMs: 5000, totalMs: 10_000 },
  sloMs: 2000,
  scenarios: [
    { name: "control", shape: "control", scale: "additive", faults: [], description: "calm traffic" },
    {
      name: "llm-429",
      shape: "attributed",
      scale: "additive",
      faults: [
        {
          kind: "http-error",
          on: "llm",
          fraction: 0.2,
          attempts: 1,
          match: { method: "POST", header: { name: "x-a", value: "b" } },
          status: 429,
          headers: { "retry-after": "2" },
        },
        { kind: "dns-fail", on: "service", fraction: 1, attempts: "all", names: ["llm", "vector"] },
        {
          kind: "bandwidth",
          on: "llm",
          fraction: 1,
          attempts: "all",
          engine: "toxiproxy",
          bytesPerSecond: 1000,
          direction: "downstream",
        },
      ],
      description: "llm answers 429",
    },
  ],
  windows: Array.from({ length: WINDOWS }, (_, index) => ({
    scenario: index % 2 === 0 ? "control" : "llm-429",
    round: Math.floor(index / 2),
    phase: "load" as const,
    startMs: index * 3000.25,
    durationMs: 3000,
    guardMs: 0,
    planned: 60,
    lagP99Ms: 1.3,
    achievedRate: 1,
    eventLoopP99Ms: 2,
    receipts: [{ faultId: "f1", edge: "llm", seen: 60, affected: 12 }],
    ...(index === 3 ? { invalid: "late" } : {}),
  })),
  observations: observations(count),
  recoveries: [{ scenario: "k", round: 0, signal: "SIGKILL", replica: 0, recoveryMs: null, watchedMs: 6000 }],
  edgeCalls: [
    { window: 0, edge: "llm", calls: 70, hitCalls: 14, clientRequests: 60, hitRequests: 12, maxCalls: 2 },
  ],
  edgeSeconds: [{ edge: "llm", second: 1, calls: 20, errors: 1, meanMs: 210.5, p95Ms: 400 }],
  health: [{ window: 0, path: "ready", atMs: 100, status: 200 }],
  processes: [
    { name: "service", atMs: 100, cpu: 0.3, memoryBytes: 1e8 },
    {
      name: "vector",
      atMs: 100,
      cpu: 0.1,
      memoryBytes: 2e8,
      receivedBytesPerSecond: 1500.5,
      sentBytesPerSecond: 0,
    },
  ],
  deaths: [{ name: "service", atMs: 100, window: 0, exitCode: null, signal: "SIGKILL", injected: true }],
  aborts: [{ window: 1, aborted: 3, openAfter1s: 0, drainedMs: 12 }],
  attribution: [{ edge: "llm", calls: 10, byHeader: 1, byTrace: 2, byFingerprint: 3, byText: 2, none: 2 }],
  measuringMs: 120_000,
  notes: ["a note"],
  ...given,
});
