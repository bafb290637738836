import { describe, expect, test } from "vitest";
import type { Fault } from "../../../src/core/fault.ts";
import type { Scenario } from "../../../src/core/profile.ts";
import type { Arrivals, Workload } from "../../../src/core/workload.ts";
import { loopRequests, windowArrivals } from "../../../src/run/plan/arrivals.ts";
import type { TimetableWindow } from "../../../src/run/plan/timetable.ts";
import { suiteWith, templates } from "../../support/suites.ts";

const WINDOW: TimetableWindow = {
  scenario: "x",
  shape: "clock",
  round: 0,
  look: 3,
  place: 0,
  durationMs: 3000,
  guardMs: 0,
};
const TARGET = { on: "client", fraction: 1, attempts: 1 } as const;
const OVERLOAD: Fault = { ...TARGET, kind: "overload", times: 3 };
const BURST: Fault = { ...TARGET, kind: "burst", requests: 50 };
const scenario = (...faults: Fault[]): Scenario => ({
  name: "x",
  shape: "clock",
  scale: "multiplicative",
  faults,
  description: "x",
});
/** Four requests in half a second; the trace wraps around after 500 + 250 ms. */
const RECORDED = templates(4).map((each, index) => ({ ...each, atMs: [0, 100, 120, 500][index] ?? 0 }));
const LAP_MS = 750;

interface Asked {
  readonly faults?: readonly Fault[];
  readonly seed?: number;
  readonly window?: Partial<TimetableWindow>;
  readonly workload?: Partial<Workload>;
}

const arrive = (arrivals: Arrivals, { faults = [], seed = 1, window = {}, workload = {} }: Asked = {}) =>
  windowArrivals(
    { ...suiteWith([]).workload, arrivals, rateRps: 20, concurrency: 4, ...workload },
    RECORDED,
    { ...WINDOW, ...window },
    scenario(...faults),
    seed,
  );

const gaps = (times: readonly number[]): number[] =>
  times.slice(1).map((time, place) => time - (times[place] ?? 0));

describe.each(["constant", "poisson", "recorded"] as const)("%s arrivals", (arrivals) => {
  test("are the same every time, ascending, inside the window, and of no loop", () => {
    const { timesMs, looped, concurrency } = arrive(arrivals);
    expect(arrive(arrivals).timesMs).toEqual(timesMs);
    expect([looped, concurrency]).toEqual([0, 0]);
    expect(gaps(timesMs).every((gap) => gap >= 0)).toBe(true);
    expect(timesMs[0]).toBeGreaterThanOrEqual(0);
    expect(timesMs.at(-1)).toBeLessThan(3000);
  });

  test("overload multiplies how many there are", () => {
    const calm = arrive(arrivals).timesMs.length;
    const overloaded = arrive(arrivals, { faults: [OVERLOAD] }).timesMs;
    expect(Math.abs(overloaded.length - 3 * calm)).toBeLessThanOrEqual(2);
    expect(overloaded.at(-1)).toBeGreaterThan(2700);
  });

  test("a burst comes on top, at one instant", () => {
    const { timesMs } = arrive(arrivals, { faults: [BURST] });
    expect(timesMs).toHaveLength(arrive(arrivals).timesMs.length + 50);
    expect(timesMs.filter((time) => time === 1000).length).toBeGreaterThanOrEqual(50);
    expect(gaps(timesMs).every((gap) => gap >= 0)).toBe(true);
  });
});

describe("constant arrivals", () => {
  test("are one gap apart, also from window to window", () => {
    const { timesMs } = arrive("constant");
    expect(timesMs).toHaveLength(60);
    expect(gaps(timesMs).every((gap) => Math.abs(gap - 50) < 1e-9)).toBe(true);
    expect((timesMs[0] ?? 0) + 3000 - (timesMs.at(-1) ?? 0)).toBeCloseTo(50);
  });
});

describe("Poisson arrivals", () => {
  test("are as many as constant ones, drawn anew by seed, round and place", () => {
    const { timesMs } = arrive("poisson");
    expect(timesMs).toHaveLength(60);
    for (const other of [{ seed: 2 }, { window: { round: 1 } }, { window: { place: 1 } }])
      expect(arrive("poisson", other).timesMs).not.toEqual(timesMs);
  });

  test("have gaps spread as those of a Poisson process are", () => {
    const all = Array.from({ length: 40 }, (_, round) =>
      gaps(arrive("poisson", { window: { round } }).timesMs),
    );
    const flat = all.flat();
    const mean = flat.reduce((sum, gap) => sum + gap, 0) / flat.length;
    const variance = flat.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / flat.length;
    expect(mean).toBeGreaterThan(46);
    expect(mean).toBeLessThan(52);
    // Exponential gaps: standard deviation and mean are one.
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.9);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.1);
  });
});

describe("recorded arrivals", () => {
  test("keep the recorded gaps, lap after lap", () => {
    const { timesMs } = arrive("recorded");
    expect(timesMs.slice(0, 6)).toEqual([0, 100, 120, 500, LAP_MS, LAP_MS + 100]);
    expect(timesMs).toHaveLength(16);
  });

  test("start elsewhere in the trace each round", () => {
    const [first, second] = [0, 1].map((round) => arrive("recorded", { window: { round, durationMs: 400 } }));
    expect(first?.timesMs).toEqual([0, 100, 120]);
    expect(second?.timesMs).toEqual([100, 350]);
  });

  test("an overload makes the trace denser, gap by gap", () => {
    const { timesMs } = arrive("recorded", { faults: [OVERLOAD] });
    expect(timesMs.slice(0, 5).map((time) => Math.round(3 * time))).toEqual([0, 100, 120, 500, LAP_MS]);
  });

  test("of nothing are none", () => {
    expect(
      windowArrivals({ ...suiteWith([]).workload, arrivals: "recorded" }, [], WINDOW, scenario(), 1).timesMs,
    ).toEqual([]);
  });
});

describe("closed arrivals", () => {
  test("are a loop of more requests than a service will answer, the same in every run", () => {
    const { timesMs, looped, concurrency } = arrive("closed");
    expect(concurrency).toBe(4);
    expect(looped).toBe(timesMs.length);
    expect(looped).toBe(loopRequests(3000, 4));
    // One answer in 5 ms at each place.
    expect(looped).toBe(2400);
    expect(timesMs.every((time) => time === 0)).toBe(true);
  });

  test("an overload is more places at once, not more of the same loop", () => {
    expect(arrive("closed", { faults: [OVERLOAD] }).concurrency).toBe(12);
    expect(arrive("closed", { faults: [{ ...OVERLOAD, times: 0.1 }] }).concurrency).toBe(1);
  });

  test("a burst is of no loop", () => {
    const { timesMs, looped } = arrive("closed", { faults: [BURST] });
    expect(timesMs.length - looped).toBe(50);
    expect(timesMs.slice(looped)).toEqual(Array(50).fill(1000));
  });
});
