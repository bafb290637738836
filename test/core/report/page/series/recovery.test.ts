import { describe, expect, it } from "vitest";
import type { ProcessDeath, Profile, RecoveryRecord } from "../../../../../src/core/profile.ts";
import { recoverySeries } from "../../../../../src/core/report/page/series/recovery.ts";
import { load, profileWith, request, scenario } from "../profiles.ts";

const recovery = (recoveryMs: number | null, given: Partial<RecoveryRecord> = {}): RecoveryRecord => ({
  scenario: "killed",
  round: 0,
  signal: "SIGKILL",
  replica: 0,
  recoveryMs,
  watchedMs: 4000,
  ...given,
});

const death = (atMs: number, window = 0): ProcessDeath => ({
  name: "service",
  atMs,
  window,
  exitCode: null,
  signal: "SIGKILL",
  injected: true,
});

/** Killed a second into its window; good again `backAfterMs` later. */
const killed = (backAfterMs: number, given: Partial<Profile> = {}): Profile =>
  profileWith({
    scenarios: [scenario("control", "control"), scenario("killed", "kill")],
    windows: [load("killed", 50_000, 5000)],
    deaths: [death(51_000)],
    recoveries: [recovery(backAfterMs)],
    observations: Array.from({ length: 200 }, (_, place) => {
      const scheduledMs = place * 25;
      const isGood = scheduledMs < 1000 || scheduledMs >= 1000 + backAfterMs;
      return request(0, scheduledMs, { outcome: isGood ? "ok" : "refused" });
    }),
    ...given,
  });

describe("recovery", () => {
  it("counts seconds from the kill itself, in the finest bins that have enough requests", () => {
    const [series] = recoverySeries(killed(500));
    expect(series?.stepS).toBe(0.5);
    expect(series?.head.points.slice(0, 5).map(({ sinceS, goodShare }) => [sinceS, goodShare])).toEqual([
      [-0.75, 1],
      [-0.25, 1],
      [0.25, 0],
      [0.75, 1],
      [1.25, 1],
    ]);
  });

  it("takes rounds and runs of the baseline together", () => {
    const [series] = recoverySeries(killed(1000), [killed(1000), killed(2000)]);
    expect(series?.base?.rounds).toBe(2);
    expect(series?.base?.kills).toEqual({ kills: 2, censored: 0, medianMs: 1500, watchedMs: null });
    const at = series?.base?.points.find(({ sinceS }) => sinceS === 1.25 || sinceS === 1.125);
    expect(at?.goodShare).toBe(0.5);
    expect(series?.head.points.find(({ sinceS }) => sinceS === at?.sinceS)?.goodShare).toBe(1);
  });

  it("starts at the window of an outage, and leaves out windows that do not count", () => {
    const [series, ...others] = recoverySeries(
      profileWith({
        scenarios: [scenario("down", "clock"), scenario("slow", "attributed")],
        windows: [load("down", 9000), load("down", 20_000, 2000, { invalid: "no" }), load("slow", 30_000)],
        observations: [
          request(0, 100, { outcome: "status" }),
          request(0, 1100),
          request(1, 100),
          request(2, 100),
        ],
      }),
    );
    expect(others).toEqual([]);
    expect(series).toMatchObject({ scenario: "down", shape: "clock", stepS: 1, base: null });
    expect(series?.head).toEqual({
      rounds: 1,
      kills: null,
      points: [
        { sinceS: 0.5, requests: 1, goodShare: 0, segment: 0 },
        { sinceS: 1.5, requests: 1, goodShare: 1, segment: 0 },
      ],
    });
  });

  it("knows a kill that was not recovered from as longer than any other", () => {
    const records = [recovery(1000), recovery(null, { watchedMs: 4500 }), recovery(null)];
    const [series] = recoverySeries(killed(1000, { recoveries: records }));
    expect(series?.head.kills).toEqual({
      kills: 3,
      censored: 2,
      medianMs: Number.POSITIVE_INFINITY,
      watchedMs: 4000,
    });
  });

  it("takes no kill of a first try for that of the window that was repeated", () => {
    const [series] = recoverySeries(killed(500, { deaths: [death(40_000), death(51_000)] }));
    expect(series?.head.points[0]?.sinceS).toBe(-0.75);
  });

  it("has kills before outages, and none of a run without either", () => {
    const both = killed(500, {
      scenarios: [scenario("down", "clock"), scenario("killed", "kill")],
      windows: [load("killed", 50_000, 5000), load("down", 60_000)],
      observations: [request(0, 0), request(1, 0)],
    });
    expect(recoverySeries(both).map(({ scenario: name }) => name)).toEqual(["killed", "down"]);
    expect(recoverySeries(profileWith({ scenarios: [scenario("slow", "attributed")] }))).toEqual([]);
  });
});
