import { describe, expect, it } from "vitest";
import { clientSeries } from "../../../../../src/core/report/page/series/clients.ts";
import { syntheticProfile } from "../../../../support/synthetic-profile.ts";
import { load, profileWith, request } from "../profiles.ts";

describe("what clients saw over time", () => {
  it("puts each request into the second of the run in which it was due", () => {
    const { points, stepS } = clientSeries(
      profileWith({
        windows: [load("control", 10_000), load("slow", 15_500)],
        observations: [
          request(0, 100, { latencyMs: 40 }),
          request(0, 900, { latencyMs: 60 }),
          request(0, 1000, { latencyMs: 5000 }),
          request(1, 600, { latencyMs: 7 }),
        ],
      }),
    );
    expect(stepS).toBe(1);
    expect(points).toEqual([
      { atS: 10.5, requests: 2, errorShare: 0, medianMs: 50, p95Ms: 59, segment: 0 },
      { atS: 11.5, requests: 1, errorShare: 0, medianMs: 5000, p95Ms: 5000, segment: 0 },
      { atS: 16.5, requests: 1, errorShare: 0, medianMs: 7, p95Ms: 7, segment: 1 },
    ]);
  });

  it("takes latency of answers alone, failures of all, and nothing of what our side did not send", () => {
    const { points } = clientSeries(
      profileWith({
        windows: [load("control", 0)],
        observations: [
          request(0, 0, { latencyMs: 80 }),
          request(0, 10, { latencyMs: 90, outcome: "degraded" }),
          request(0, 20, { latencyMs: 9000, outcome: "timeout-total" }),
          request(0, 30, { latencyMs: 1, outcome: "refused" }),
          request(0, 40, { latencyMs: 1, outcome: "unsent" }),
          request(0, 50, { latencyMs: 1, outcome: "client-abort" }),
        ],
      }),
    );
    expect(points).toEqual([
      { atS: 0.5, requests: 4, errorShare: 0.5, medianMs: 85, p95Ms: 89.5, segment: 0 },
    ]);
  });

  it("has no latency where all failed", () => {
    const { points } = clientSeries(
      profileWith({
        windows: [load("down", 0)],
        observations: [request(0, 0, { outcome: "status" })],
      }),
    );
    expect(points).toEqual([
      { atS: 0.5, requests: 1, errorShare: 1, medianMs: null, p95Ms: null, segment: 0 },
    ]);
  });

  it("leaves out requests of windows that are not there or not of this world, and counts them", () => {
    const { points, leftOut } = clientSeries(
      profileWith({
        windows: [load("control", 0), load("control", 1e12), load("control", -5000)],
        observations: [request(0, 0), request(1, 0), request(2, 0), request(7, 0), request(0, 1e300)],
      }),
    );
    expect({ points: points.length, leftOut }).toEqual({ points: 1, leftOut: 4 });
  });

  it("has no more points than a line shows, however long the run", () => {
    const profile = syntheticProfile({ scheduleSeed: 1, runSeed: 2, rateRps: 29, rounds: 170 });
    const { points, stepS } = clientSeries(profile);
    expect(profile.observations.length).toBeGreaterThan(59_000);
    expect(points.length).toBeLessThanOrEqual(450);
    expect(stepS).toBe(5);
    expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(profile.observations.length);
  });
});
