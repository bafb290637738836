import { describe, expect, it } from "vitest";
import { measuredScenarios } from "../../../src/core/judge/measured.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { Profile, WindowRecord } from "../../../src/core/profile.ts";
import type { MeasuredScenario } from "../../../src/core/verdict.ts";
import { METHOD_POLICY, profileOf } from "../../support/method-cases.ts";
import { attributed, CONTROL, KILL, syntheticRun } from "../../support/synthetic-runs.ts";

const window = (scenario: string, startMs: number, given: Partial<WindowRecord> = {}): WindowRecord => ({
  scenario,
  round: 0,
  phase: "load",
  startMs,
  durationMs: 3000,
  guardMs: 0,
  planned: 10,
  lagP99Ms: 0.5,
  achievedRate: 1,
  eventLoopP99Ms: 1,
  receipts: [],
  ...given,
});

const observation = (given: Partial<Observation>): Observation => ({
  window: 0,
  slot: 0,
  requestId: "a",
  repetition: 0,
  scheduledMs: 0,
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

const measured = (profile: Profile): Record<string, MeasuredScenario> =>
  Object.fromEntries(
    measuredScenarios(profile, METHOD_POLICY).map((scenario) => [scenario.scenario, scenario]),
  );

/** Calm traffic in window 0, the fault `slow` in windows 1 and 2, a kill in window 3. */
const profile = (given: Partial<Profile>): Profile =>
  profileOf({
    scenarios: [CONTROL, attributed("slow"), KILL],
    windows: [window("control", 0), window("slow", 3000), window("slow", 6000), window("kill", 9000)],
    observations: [observation({})],
    ...given,
  });

describe("what a run measured", () => {
  it("has one entry for each scenario, in their order, also for one without any window", () => {
    const all = measuredScenarios(profile({ windows: [window("control", 0)] }), METHOD_POLICY);
    expect(all.map(({ scenario, requests }) => [scenario, requests])).toEqual([
      ["control", 1],
      ["slow", 0],
      ["kill", 0],
    ]);
    expect(all[1]).toMatchObject({
      errorRate: null,
      goodput: null,
      p50Ms: null,
      ttft50Ms: null,
      recovery: null,
      calls: [],
      paths: [],
      aborts: null,
      deaths: 0,
      service: null,
    });
  });

  it("counts a failed request as slower than any, a late one as no goodput, a fallback as an answer", () => {
    const slow = [10, 20, 30, 40, 5000].map((latencyMs, slot) =>
      observation({ window: 1, slot, latencyMs, ttftMs: latencyMs / 2 }),
    );
    const profiled = profile({
      sloMs: 1000,
      observations: [
        ...slow,
        observation({ window: 1, slot: 5, outcome: "degraded", latencyMs: 15, ttftMs: 15 }),
        observation({ window: 1, slot: 6, outcome: "status", latencyMs: 1 }),
        observation({ window: 1, slot: 7, outcome: "client-abort" }),
      ],
    });
    expect(measured(profiled)["slow"]).toMatchObject({
      requests: 7,
      errorRate: 1 / 7,
      goodput: 5 / 7,
      degradedRate: 1 / 7,
      p50Ms: 30,
      p95Ms: Number.POSITIVE_INFINITY,
      ttft50Ms: 15,
    });
  });

  it("leaves out windows that do not count, and the guard of those that do", () => {
    const profiled = profile({
      windows: [
        window("control", 0, { guardMs: 500 }),
        window("slow", 3000, { invalid: "late" }),
        window("slow", 6000),
      ],
      observations: [
        observation({ scheduledMs: 499, outcome: "status" }),
        observation({ scheduledMs: 500 }),
        observation({ window: 1, outcome: "status" }),
        observation({ window: 2 }),
      ],
    });
    expect(measured(profiled)).toMatchObject({
      control: { requests: 1, errorRate: 0 },
      slow: { requests: 1, errorRate: 0 },
    });
  });

  it("tells retry amplification beside calm traffic and among the struck", () => {
    const calls = { edge: "llm", hitCalls: 0, hitRequests: 0, maxCalls: 1 };
    const profiled = profile({
      edgeCalls: [
        { ...calls, window: 0, calls: 12, clientRequests: 10 },
        { ...calls, window: 1, calls: 14, hitCalls: 6, clientRequests: 10, hitRequests: 2, maxCalls: 3 },
        { ...calls, window: 2, calls: 22, hitCalls: 8, clientRequests: 10, hitRequests: 2, maxCalls: 4 },
        { ...calls, window: 3, calls: 5, hitCalls: 5, clientRequests: 5, hitRequests: 5, maxCalls: 0 },
        { ...calls, window: 1, edge: "vector", calls: 0, clientRequests: 10 },
      ],
    });
    const { control, slow, kill } = measured(profiled);
    expect(control?.calls).toEqual([
      { edge: "llm", perRequest: 1.2, perHitRequest: null, timesCalm: null, most: 1 },
    ]);
    expect(slow?.calls).toEqual([
      { edge: "llm", perRequest: 1.8, perHitRequest: 3.5, timesCalm: 1.5, most: 4 },
      { edge: "vector", perRequest: 0, perHitRequest: null, timesCalm: null, most: 1 },
    ]);
    // Every request struck: the figure over all says it. Its calls could not be told apart.
    expect(kill?.calls[0]).toMatchObject({ perRequest: 1, perHitRequest: null, most: null });
  });

  it("tells how many good answers differ from calm, unless calm answers vary themselves", () => {
    const observations = [
      observation({}),
      observation({ window: 1, answerHash: "other" }),
      observation({ window: 1, slot: 1 }),
      observation({ window: 1, slot: 2, outcome: "status", answerHash: "other" }),
    ];
    expect(measured(profile({ observations }))["slow"]?.driftRate).toBe(0.5);
    expect(measured(profile({ observations }))["control"]?.driftRate).toBeNull();
    const varying = [
      ...observations,
      observation({ requestId: "b" }),
      observation({ requestId: "b", slot: 1, answerHash: "another" }),
    ];
    expect(measured(profile({ observations: varying }))["slow"]?.driftRate).toBeNull();
  });

  it("tells a path's lies: 2xx while most requests failed, not at the edge of an outage", () => {
    const failed = [0, 200, 2000].map((scheduledMs, slot) =>
      observation({ window: 1, slot, scheduledMs, outcome: slot === 2 ? "ok" : "status" }),
    );
    const recovered = observation({ window: 1, slot: 3, scheduledMs: 700 });
    const looks = [
      { atMs: 3100, status: 200 },
      // Between the last failure and the first answer; long after both; when nothing was asked.
      { atMs: 3450, status: 200 },
      { atMs: 5100, status: 204 },
      { atMs: 5900, status: 204 },
      { atMs: 3200, status: 503 },
      { atMs: 3300, status: 0 },
    ];
    const profiled = profile({
      observations: [observation({}), ...failed, recovered],
      health: looks.map((look) => ({ ...look, window: 1, path: "ready" })),
    });
    expect(measured(profiled)["slow"]?.paths).toEqual([{ path: "ready", looks: 6, ok: 4, falselyOk: 1 }]);
  });

  it("takes the median recovery, one that never came as the longest", () => {
    const killed = (recoveriesMs: readonly (number | null)[]) =>
      measured(syntheticRun({ seed: 1, scenarios: [CONTROL, KILL], recoveriesMs }))["kill"]?.recovery;
    expect(killed([1000, 3000, 2000])).toEqual({ kills: 3, medianMs: 2000 });
    expect(killed([1000, null, null])).toEqual({ kills: 3, medianMs: Number.POSITIVE_INFINITY });
    expect(killed([])).toBeNull();
  });

  it("counts deaths that were not ours, and work left after hang-ups", () => {
    const death = { name: "service", atMs: 0, exitCode: null, signal: "SIGKILL" };
    const profiled = profile({
      deaths: [
        { ...death, window: 3, injected: true },
        { ...death, window: 3, injected: false },
        { ...death, window: -1, injected: false },
      ],
      aborts: [
        { window: 1, aborted: 5, openAfter1s: 2, drainedMs: 1500 },
        { window: 2, aborted: 4, openAfter1s: 1, drainedMs: null },
      ],
    });
    expect(measured(profiled)).toMatchObject({
      kill: { deaths: 1, aborts: null },
      slow: { deaths: 0, aborts: { aborted: 9, openAfter1s: 3 } },
    });
  });

  it("gives the peaks of the busiest replica, of looks that lie in the scenario's windows only", () => {
    const sample = (name: string, atMs: number, cpu: number, memoryBytes: number) => ({
      name,
      atMs,
      cpu,
      memoryBytes,
    });
    const profiled = profile({
      processes: [
        sample("service", 2900, 4, 900),
        // The second that ends here began in calm traffic: its memory counts, its processor time does not.
        sample("service", 3900, 3, 100),
        sample("service", 4900, 0.5, 200),
        sample("service-2", 4000, 9, 50),
        sample("service-2", 5000, 0.7, 150),
        sample("llm", 4000, 8, 5000),
        sample("llm", 5000, 8, 5000),
      ],
    });
    expect(measured(profiled)).toMatchObject({
      control: { service: { peakCpuCores: null, peakMemoryBytes: 900 } },
      slow: { service: { peakCpuCores: 0.7, peakMemoryBytes: 200 } },
      kill: { service: null },
    });
  });
});
