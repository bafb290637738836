import { describe, expect, it } from "vitest";
import { faultStartsOf, seriesOf } from "../../../src/core/detect/series.ts";
import { REQUESTS_A_SECOND, runOf } from "./runs.ts";

describe("a run becomes seconds in time order", () => {
  it("cuts each window into whole seconds, at least one", () => {
    const profile = runOf([
      { scenario: "control", seconds: 3 },
      { scenario: "slow", seconds: 1.5 },
      { scenario: "control", seconds: 0.3 },
    ]);
    const series = seriesOf(profile);
    expect(series.map(({ window, place, durationMs }) => [window, place, durationMs])).toEqual([
      [0, 0, 1000],
      [0, 1, 1000],
      [0, 2, 1000],
      [1, 0, 750],
      [1, 1, 750],
      [2, 0, 300],
    ]);
    expect(series.map(({ startMs }) => startMs)).toEqual([1000, 2000, 3000, 4000, 4750, 5500]);
    expect(series.reduce((sum, { calls }) => sum + calls, 0)).toBe(profile.observations.length);
  });

  it("leaves out windows that do not count, and knows of the gap", () => {
    const series = seriesOf(
      runOf([
        { scenario: "control", seconds: 1 },
        { scenario: "control", seconds: 1, invalid: "late" },
        { scenario: "control", seconds: 1, phase: "settle" },
        { scenario: "control", seconds: 1 },
        { scenario: "control", seconds: 1 },
      ]),
    );
    expect(series.map(({ window, follows }) => [window, follows])).toEqual([
      [0, false],
      [3, false],
      [4, true],
    ]);
  });

  it("orders windows by their start, not by their place in the file", () => {
    const profile = runOf([
      { scenario: "control", seconds: 1 },
      { scenario: "slow", seconds: 1 },
    ]);
    const [first, second] = profile.windows;
    const swapped = { ...profile, windows: [{ ...first, startMs: 9000 }, second] } as typeof profile;
    expect(seriesOf(swapped).map(({ window }) => window)).toEqual([1, 0]);
  });

  it("counts a request in the second in which it was scheduled", () => {
    const series = seriesOf(
      runOf([{ scenario: "control", seconds: 2 }], {
        alter: (each) =>
          each.scheduledMs < 1000 ? { ...each, latencyMs: 5000, requestId: `late${each.slot}` } : each,
      }),
    );
    expect(series.map(({ calls }) => calls)).toEqual([REQUESTS_A_SECOND, REQUESTS_A_SECOND]);
    expect(series[0]?.meanMs).toBeCloseTo(5000, 6);
    expect(series[1]?.meanMs).toBeLessThan(120);
  });

  it("does not take a service that fails at once for a fast one", () => {
    const series = seriesOf(
      runOf([{ scenario: "control" }, { scenario: "failing", seconds: 1 }], {
        alter: (each, name) => (name === "failing" ? { ...each, outcome: "refused", latencyMs: 1 } : each),
      }),
    );
    const failing = series.at(-1);
    expect(failing?.errorShare).toBe(1);
    expect(failing?.throughputRps).toBe(0);
    expect(failing?.meanMs).toBeGreaterThan(90);
  });

  it("counts a failure that took long with all of its time", () => {
    const series = seriesOf(
      runOf([{ scenario: "control" }, { scenario: "failing", seconds: 1 }], {
        alter: (each, name) =>
          name === "failing" ? { ...each, outcome: "timeout-total", latencyMs: 30_000 } : each,
      }),
    );
    expect(series.at(-1)?.meanMs).toBeGreaterThan(25_000);
  });

  it("takes each request's own speed out of the figures", () => {
    // r0 takes ten times as long as the others; the second window's requests are all r0, and none is slower than usual.
    const series = seriesOf(
      runOf([{ scenario: "control" }, { scenario: "slow", seconds: 1 }], {
        alter: (each, name) => {
          const requestId = name === "slow" ? "r0" : each.requestId;
          return { ...each, requestId, latencyMs: requestId === "r0" ? 1000 : 100 };
        },
      }),
    );
    expect(series.at(-1)?.meanMs).toBeCloseTo(100, 6);
  });

  it("knows nothing of a second without requests", () => {
    const profile = runOf([{ scenario: "control", seconds: 1 }]);
    expect(seriesOf({ ...profile, observations: [] })[0]).toMatchObject({
      calls: 0,
      meanMs: null,
      p95Ms: null,
      errorShare: 0,
    });
  });

  it("leaves out what says nothing about the service", () => {
    const [second] = seriesOf(
      runOf([{ scenario: "control", seconds: 1 }], {
        alter: (each) => (each.slot < 5 ? { ...each, outcome: "client-abort" } : each),
      }),
    );
    expect(second).toMatchObject({ calls: REQUESTS_A_SECOND - 5, errorShare: 0 });
  });

  it("stays small whatever a profile claims", () => {
    const profile = runOf([{ scenario: "control", seconds: 1 }]);
    const [window] = profile.windows;
    const claimed = { ...profile, windows: [{ ...window, durationMs: 1e15 }] } as typeof profile;
    expect(seriesOf(claimed)).toEqual([]);
  });
});

describe("seconds are labelled by the plan", () => {
  const labels = (...placed: Parameters<typeof runOf>[0]): string =>
    seriesOf(runOf(placed))
      .map(({ label }) => label[0])
      .join("");

  it("takes the first second after a fault that follows its requests for neither", () => {
    expect(labels({ scenario: "control" }, { scenario: "slow" }, { scenario: "control" })).toBe("cccfffdcc");
  });

  it("does not where there is a pause between them", () => {
    expect(labels({ scenario: "slow" }, { scenario: "control", afterMs: 2000 })).toBe("fffccc");
  });

  it("gives a service five seconds after an outage, and one before it", () => {
    expect(
      labels(
        { scenario: "control" },
        { scenario: "outage", seconds: 2 },
        { scenario: "control", seconds: 7 },
      ),
    ).toBe("ccdffdddddcc");
    expect(labels({ scenario: "outage", seconds: 2 }, { scenario: "control", afterMs: 4000 })).toBe("ffdcc");
  });

  it("lets a kill begin when the process died, not when its window did", () => {
    const profile = runOf([{ scenario: "kill", seconds: 4 }], {
      profile: {
        deaths: [
          { name: "service", atMs: 2100, window: 0, exitCode: null, signal: "SIGKILL", injected: true },
          { name: "service", atMs: 1000, window: 0, exitCode: 1, signal: null, injected: false },
        ],
      },
    });
    expect(seriesOf(profile).map(({ label }) => label)).toEqual(["disturbed", "fault", "fault", "fault"]);
    expect(faultStartsOf(profile)).toEqual(new Map([[0, 2100]]));
  });
});
