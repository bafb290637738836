import { describe, expect, test } from "vitest";
import type { Profile, WindowRecord } from "../../../src/core/profile.ts";
import { timelineOf } from "../../../src/core/timeline/timeline.ts";
import { syntheticProfile } from "../../support/synthetic-profile.ts";

const profile = syntheticProfile({ scheduleSeed: 5, runSeed: 1, rateRps: 20 });
const template = profile.windows[0] as WindowRecord;
const window = (given: Partial<WindowRecord>): WindowRecord => {
  const { invalid: _, ...valid } = template;
  return { ...valid, scenario: "kill", phase: "load", round: 0, startMs: 1000, durationMs: 4000, ...given };
};
const empty: Profile = { ...profile, windows: [], recoveries: [], deaths: [] };
const death = { name: "service", exitCode: null, signal: "SIGKILL", injected: true } as const;
const recovery = { scenario: "kill", round: 0, signal: "SIGKILL", replica: 0, watchedMs: 9000 } as const;

describe("a run's timeline", () => {
  test("has the windows under faults in order of time, and no calm ones", () => {
    const timeline = timelineOf(profile);
    const times = timeline?.entries.map(({ atMs }) => atMs) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const named = new Set(timeline?.entries.map(({ scenario }) => scenario));
    expect(named).toEqual(
      new Set(profile.scenarios.filter(({ shape }) => shape !== "control").map(({ name }) => name)),
    );
  });

  test("puts a kill at the moment of the death that it caused, and tells of other deaths by themselves", () => {
    const timeline = timelineOf({
      ...empty,
      windows: [window({}), window({ phase: "settle", startMs: 6000, invalid: "not at rest" })],
      recoveries: [{ ...recovery, recoveryMs: 1200 }],
      deaths: [
        { ...death, atMs: 2100, window: 0 },
        { ...death, atMs: 4000, window: 0, injected: false, signal: null, exitCode: 3 },
        { ...death, atMs: 10, window: -1, injected: false, signal: null, exitCode: 1 },
      ],
    });
    expect(timeline?.entries).toMatchObject([
      { event: "death", scenario: null, atMs: 10, exitCode: 1 },
      { event: "fault", scenario: "kill", atMs: 1000 },
      { event: "kill", atMs: 2100, recoveryMs: 1200, watchedMs: 9000 },
      { event: "death", scenario: "kill", atMs: 4000, exitCode: 3 },
      { event: "not-settled", scenario: "kill", atMs: 6000 },
    ]);
  });

  test("puts a kill whose death was not seen at its window's start", () => {
    const timeline = timelineOf({
      ...empty,
      windows: [window({}), window({ round: 1, startMs: 20_000 })],
      recoveries: [{ ...recovery, round: 1, recoveryMs: null }],
      deaths: [{ ...death, atMs: 2100, window: 0 }],
    });
    expect(timeline?.entries.find(({ event }) => event === "kill")).toMatchObject({
      atMs: 20_000,
      recoveryMs: null,
    });
  });

  test("takes no death of a window's first try for the kill of the one that counts", () => {
    const timeline = timelineOf({
      ...empty,
      windows: [window({ startMs: 9000 })],
      recoveries: [{ ...recovery, recoveryMs: 700 }],
      deaths: [
        { ...death, atMs: 2100, window: 0 },
        { ...death, atMs: 10_100, window: 0 },
      ],
    });
    expect(timeline?.entries.find(({ event }) => event === "kill")?.atMs).toBe(10_100);
  });

  test("is bounded, keeps what happened and each experiment's first rounds, and counts the rest", () => {
    const windows = Array.from({ length: 60 }, (_, round) => round).flatMap((round) =>
      ["a", "b", "c", "d", "e"].map((scenario) => window({ scenario, round, startMs: round * 100 })),
    );
    const timeline = timelineOf({
      ...empty,
      windows: windows.toReversed(),
      deaths: [{ ...death, atMs: 99_999, window: 0, injected: false }],
    });
    expect(timeline?.entries).toHaveLength(200);
    expect(timeline?.leftOut).toBe(101);
    expect(timeline?.entries.at(-1)).toMatchObject({ event: "death" });
    const rounds = timeline?.entries.flatMap((entry) => (entry.event === "fault" ? [entry.round] : []));
    expect(Math.max(...(rounds ?? []))).toBe(39);
  });

  test("tells from when to when remedies were tried, and of each run under a policy", () => {
    const figures = {} as NonNullable<Profile["trials"]>[number]["figures"];
    const trial = { scenario: "kill", phase: "fault", remedy: null, figures, receipt: null } as const;
    const timeline = timelineOf({
      ...empty,
      trials: [
        { ...trial, startMs: 50_000, durationMs: 4000 },
        { ...trial, startMs: 60_000, durationMs: 5000 },
      ],
      policyRuns: [
        {
          scenario: "kill",
          policy: "rules",
          startMs: 70_000,
          durationMs: 20_000,
          recoveryMs: null,
          actions: [],
          symptoms: [],
          requests: 1,
          errors: 0,
        },
      ],
    });
    expect(timeline?.entries).toEqual([
      { event: "trials", scenario: "kill", atMs: 50_000, durationMs: 15_000, windows: 2 },
      { event: "policy", scenario: "kill", policy: "rules", atMs: 70_000, durationMs: 20_000, actions: 0 },
    ]);
    expect(timelineOf(empty)).toBeNull();
  });
});
