/** A service that computes, on a slower machine: its queues are not held against the change. */
import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Profile } from "../../../src/core/profile.ts";
import type { Comparison } from "../../../src/core/verdict.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";

const QUIET = { stallEveryS: Infinity, neighbourEveryS: Infinity, speedSpread: 0 };
const run = (runSeed: number, probeMs: number): Profile => ({
  ...syntheticProfile({ scheduleSeed: 7, runSeed, rateRps: 25, ...QUIET }),
  probeMs,
});

/** Calm answers so many times slower; of those under faults every fourth waits in a queue. */
const queued = (profile: Profile, calmTimes: number): Profile => ({
  ...profile,
  observations: profile.observations.map((row, place) => {
    const calm = profile.windows[row.window]?.scenario === "control";
    const latencyMs = row.latencyMs * calmTimes + (!calm && place % 4 === 0 ? 900 : 0);
    return { ...row, latencyMs, ttftMs: row.ttftMs === null ? null : Math.min(row.ttftMs, latencyMs) };
  }),
});

const slowAnswers = (head: Profile, paired = false): readonly Comparison[] =>
  judge({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles: [run(2, 10)] },
    policy: SYNTHETIC_POLICY,
    experiments: [],
    paired,
  }).comparisons.filter(({ metric }) => metric === "slow-share");

const worse = (comparisons: readonly Comparison[]): number =>
  comparisons.filter(({ label }) => label === "regressed").length;

describe("slow answers", () => {
  test("on a machine of the same speed are worse", () => {
    expect(worse(slowAnswers(queued(run(1, 10), 1)))).toBeGreaterThan(0);
  });

  test("on a slower machine that slows the service with it stay open, and say why", () => {
    const comparisons = slowAnswers(queued(run(1, 13), 1.25));
    expect(worse(comparisons)).toBe(0);
    expect(comparisons.some(({ label, primary }) => label === "unbounded" && primary)).toBe(true);
    expect(comparisons[0]?.details["slowerMachine"]).toBeCloseTo(1.3, 9);
  });

  test("on a slower machine of a service that waits are worse all the same", () => {
    expect(worse(slowAnswers(queued(run(1, 13), 1)))).toBeGreaterThan(0);
  });

  test("side by side are worse: both met the same machine", () => {
    expect(worse(slowAnswers(queued(run(1, 13), 1.25), true))).toBeGreaterThan(0);
  });
});
