/** Recoveries on machines of different speed: what is told of the change holds no change. */
import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Profile } from "../../../src/core/profile.ts";
import type { Comparison, Metric } from "../../../src/core/verdict.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";

const KILLS = 6;

/** A run whose outage is a kill; recoveries that take so long, on a machine whose probe takes so long. */
const killed = (seed: number, recoveryMs: number, probeMs: number): Profile => {
  const profile = syntheticProfile({ scheduleSeed: 3, runSeed: seed, rateRps: 20 });
  const windows = profile.windows.filter(({ scenario }) => scenario === "outage");
  return {
    ...profile,
    probeMs,
    scenarios: profile.scenarios.map((each) => (each.name === "outage" ? { ...each, shape: "kill" } : each)),
    // So much of each window is lost as the recovery takes of it.
    observations: profile.observations.map((row) => {
      const window = profile.windows[row.window];
      if (window?.scenario !== "outage") return row;
      const dead = row.scheduledMs < (recoveryMs / 6000) * window.durationMs;
      return { ...row, outcome: dead ? "refused" : "ok" };
    }),
    recoveries: Array.from({ length: KILLS }, (_, round) => ({
      scenario: "outage",
      round: round % windows.length,
      signal: "SIGKILL" as const,
      replica: 1,
      recoveryMs: recoveryMs * (1 + 0.02 * (round - 2.5)),
      watchedMs: 5000,
    })),
  };
};

const compared = (head: Profile, base: Profile, metric: Metric): Comparison =>
  judge({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles: [base] },
    policy: SYNTHETIC_POLICY,
    experiments: [],
  }).comparisons.find((each) => each.scenario === "outage" && each.metric === metric) as Comparison;

const holds = ({ interval }: Comparison, change: number): boolean =>
  interval !== null && interval[0] <= change && change <= interval[1];

describe("a recovery that is all work", () => {
  test.each([
    ["a faster", 1400, 7],
    ["a slower", 2600, 13],
  ])("on %s machine is no change", (_, recoveryMs, probeMs) => {
    const comparison = compared(killed(1, recoveryMs, probeMs), killed(2, 2000, 10), "recovery");
    expect(holds(comparison, 0)).toBe(true);
    expect(["ok", "unbounded"]).toContain(comparison.label);
  });

  test.each([
    ["a faster", 1400, 7],
    ["a slower", 2600, 13],
  ])("on %s machine: the errors of its dead seconds are none", (_, recoveryMs, probeMs) => {
    const comparison = compared(killed(1, recoveryMs, probeMs), killed(2, 2000, 10), "error-rate");
    expect(holds(comparison, 0)).toBe(true);
    expect(comparison.label).not.toBe("regressed");
  });
});

describe("a recovery that is all waiting", () => {
  test("is no change either, whatever the machine", () => {
    for (const probeMs of [7, 13])
      expect(holds(compared(killed(1, 2000, probeMs), killed(2, 2000, 10), "recovery"), 0)).toBe(true);
  });
});

test("a recovery that takes twice as long is worse on a machine of the same speed", () => {
  const comparison = compared(killed(1, 4000, 10), killed(2, 2000, 10), "recovery");
  expect(holds(comparison, 0)).toBe(false);
  expect(comparison.label).toBe("regressed");
});
