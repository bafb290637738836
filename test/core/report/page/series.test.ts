/** What the charts of distributions, frontiers and history draw, as plain data. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shortPath } from "../../../../src/core/report/page/chart.ts";
import { comparedRuns } from "../../../../src/core/report/page/series/compared-runs.ts";
import { distributionOf, scenarioLatencies } from "../../../../src/core/report/page/series/distributions.ts";
import { ecdfOf, thinnedPlaces } from "../../../../src/core/report/page/series/ecdf.ts";
import { frontierPlots } from "../../../../src/core/report/page/series/frontiers.ts";
import { historyOf } from "../../../../src/core/report/page/series/history.ts";
import { latencyAxis, latencyTick, onAxis } from "../../../../src/core/report/page/series/latency-axis.ts";
import type { Result } from "../../../../src/core/verdict.ts";
import { resultFor } from "../results.ts";
import { frontierInput } from "./frontier-input.ts";
import { at, type Measured, profileOf } from "./samples.ts";

const many = (count: number, latencyMs: number, over: Partial<Measured> = {}): readonly Measured[] =>
  Array.from({ length: count }, () => ({ latencyMs, ...over }));

describe("an ECDF of censored latencies", () => {
  /*
   * SciPy 1.17.1, NumPy 2.4.6 (pip install numpy scipy):
   *   i = np.arange(200); x = 50 + (i * i * 37 % 1009) / 10; f = i % 8 == 3
   *   r = stats.ecdf(stats.CensoredData(uncensored=x[~f], right=np.full(f.sum(), 1e6)))
   *   r.cdf.evaluate([60, 75.5, 100, 125, 150, 200]); np.quantile(np.where(f, np.inf, x), [.5, .75, .95])
   */
  const LATENCIES = Array.from({ length: 200 }, (_, i) =>
    i % 8 === 3 ? Number.POSITIVE_INFINITY : 50 + ((i * i * 37) % 1009) / 10,
  );

  test("has SciPy's shares and NumPy's quantiles, and ends below 1 by what failed", () => {
    const ecdf = ecdfOf(LATENCIES, 1000);
    const shareAt = (ms: number): number =>
      ecdf?.points.findLast(({ latencyMs }) => latencyMs <= ms)?.share ?? 0;
    expect([60, 75.5, 100, 125, 150, 200].map(shareAt)).toEqual([0.11, 0.25, 0.42, 0.625, 0.865, 0.875]);
    expect(ecdf?.p50Ms).toBeCloseTo(110.9, 9);
    expect(ecdf?.p95Ms).toBe(Number.POSITIVE_INFINITY);
    expect([ecdf?.n, ecdf?.failed, ecdf?.points.at(-1)?.share]).toEqual([200, 25, 0.875]);
  });

  test("is null of nothing, and has no point where everything failed", () => {
    expect(ecdfOf([], 10)).toBeNull();
    expect(ecdfOf([Number.POSITIVE_INFINITY], 10)).toMatchObject({ n: 1, failed: 1, points: [] });
  });

  test("is thinned to points of the whole curve, both ends among them, closer in the tails", () => {
    const thin = ecdfOf(
      Array.from({ length: 60_000 }, (_, i) => i + 1),
      200,
    );
    const shares = thin?.points.map(({ share }) => share) ?? [];
    expect(shares.length).toBeLessThanOrEqual(200);
    expect(shares.length).toBeGreaterThan(150);
    expect([shares[0], shares.at(-1), shares.at(-2)]).toEqual([1 / 60_000, 1, 59_999 / 60_000]);
    expect(thin?.points.every(({ latencyMs, share }) => share === latencyMs / 60_000)).toBe(true);
    const widest = Math.max(...shares.map((share, place) => share - (shares[place - 1] ?? 0)));
    expect(widest).toBeLessThan(0.02);
  });

  test("counts equal times together, however it is thinned", () => {
    const ties = [...Array.from({ length: 5000 }, () => 10), ...Array.from({ length: 5000 }, () => 20)];
    expect(ecdfOf(ties, 20)?.points).toEqual([
      { latencyMs: 10, share: 0.5 },
      { latencyMs: 20, share: 1 },
    ]);
  });

  test("draws no more places than asked for, each once and in order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 8, max: 300 }), (count, most) => {
        const places = thinnedPlaces(count, most);
        expect(places.length).toBeLessThanOrEqual(most);
        expect([places[0], places.at(-1)]).toEqual([0, count - 1]);
        expect(places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a latency axis", () => {
  test("has round ends around all times, and a few ticks that can be read", () => {
    expect(latencyAxis([81, 3000])).toEqual({
      domain: [50, 5000],
      ticks: [50, 100, 200, 500, 1000, 2000, 5000],
    });
    expect([0.5, 50, 2000, 120_000, 7.2e6, 1e12].map(latencyTick)).toEqual([
      "0.5 ms",
      "50 ms",
      "2 s",
      "2 min",
      "2 h",
      "11600 d",
    ]);
  });

  test("holds any times: its ends are positive and apart, ticks inside, at most nine", () => {
    const time = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(0, 1e12, -1, 1e-300, Number.POSITIVE_INFINITY, Number.NaN),
    );
    fc.assert(
      fc.property(fc.array(time, { maxLength: 6 }), (times) => {
        const axis = latencyAxis(times);
        const [low, high] = axis.domain;
        expect(low).toBeGreaterThan(0);
        expect(high).toBeGreaterThan(low);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(9);
        expect(axis.ticks.every((tick) => tick >= low && tick <= high)).toBe(true);
        expect(times.filter(Number.isFinite).every((each) => onAxis(each, axis) >= low)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("distributions", () => {
  const samples = new Map([
    ["control", many(4, 10)],
    ["quiet", many(4, 20)],
    ["llm-rate-limited", [...many(3, 30), ...many(1, 5, { outcome: "status" })]],
    ["vector-slow", many(4, 40)],
  ]);
  const head = profileOf(samples);

  test("stand with the worst first, then what changed, calm last", () => {
    const all = scenarioLatencies({ result: resultFor("regressed"), head, baselines: [] });
    expect(all.map(({ scenario }) => scenario.name)).toEqual([
      "llm-rate-limited",
      "vector-slow",
      "quiet",
      "control",
    ]);
  });

  test("are of scored rows alone: valid windows, after the guard, failures without an end", () => {
    const windows = head.windows.map((window) =>
      window.scenario === "quiet"
        ? { ...window, invalid: "busy" }
        : { ...window, guardMs: window.scenario === "vector-slow" ? 1 : 0 },
    );
    const all = scenarioLatencies({
      result: resultFor("regressed"),
      head: { ...head, windows },
      baselines: [],
    });
    const counts = Object.fromEntries(all.map((each) => [each.scenario.name, each.head.length]));
    expect(counts).toEqual({ "llm-rate-limited": 4, "vector-slow": 3, control: 4 });
    expect(all[0] === undefined ? null : distributionOf(all[0], 10).head?.failed).toBe(1);
  });

  test("follow a stricter policy where there is one", () => {
    const late = { ...head, windows: head.windows.map((window) => ({ ...window, lagP99Ms: 8 })) };
    const input = { result: resultFor("regressed"), head: late, baselines: [] };
    expect(scenarioLatencies(input)).toHaveLength(4);
    const policy = { maxLagP99Ms: 5, minAchievedRate: 0.99, pooledRuns: 8 };
    expect(scenarioLatencies({ ...input, policy })).toEqual([]);
  });

  test("pool as many base runs as were judged, the newest, and none of another suite", () => {
    const base = (latencyMs: number): typeof head => profileOf(new Map([["control", many(2, latencyMs)]]));
    const result = resultFor("regressed");
    const judged: Result = {
      ...result,
      baseline: result.baseline === null ? null : { ...result.baseline, runs: 2 },
    };
    const baselines = [base(1), base(2), base(3), { ...base(4), suite: "other" }];
    const calm = scenarioLatencies({ result: judged, head, baselines }).at(-1);
    expect([...(calm?.base ?? [])]).toEqual([2, 2, 3, 3]);
    expect(comparedRuns({ result: judged, head: null, baselines })).toBeNull();
  });
});

describe("a frontier's plot", () => {
  test("tells of every window whether it held, on the scale by which its range was divided", () => {
    const { input, record } = frontierInput();
    const [plot] = frontierPlots(input);
    expect(plot).toMatchObject({ scale: "linear", domain: [0, 5000], ticks: [0, 1250, 2500, 3750, 5000] });
    expect(plot?.windows).toHaveLength(record.steps.length);
    for (const { value, outcome, window } of plot?.windows ?? [])
      expect(outcome).toBe(window === 2 ? "unscored" : value <= 900 ? "held" : "not-held");
    expect(new Set(plot?.windows.map(({ outcome }) => outcome)).size).toBe(3);
    expect(plot?.base).toBe(1880);
  });

  test("is logarithmic where the ends are many times apart, and harmless end first", () => {
    const { input } = frontierInput({ from: 4, levels: [2, 1, 0.5, 0.25] });
    expect(frontierPlots(input)[0]).toMatchObject({
      scale: "log",
      domain: [0.25, 4],
      ticks: [4, 2, 1, 0.5, 0.25],
    });
  });

  test("is left out where its range has no ends that can be drawn", () => {
    expect(frontierPlots(frontierInput({ from: 0, levels: [1e300] }).input)).toEqual([]);
    expect(frontierPlots(frontierInput({ from: 1, levels: [1] }).input)).toEqual([]);
  });
});

describe("history", () => {
  const run = (day: number, latencyMs: number, errors: number): ReturnType<typeof profileOf> =>
    profileOf(
      new Map([
        ["control", many(40, latencyMs)],
        [
          "llm-rate-limited",
          [...many(40 - errors, 2 * latencyMs), ...many(errors, 1, { outcome: "status" })],
        ],
      ]),
      at(`2026-01-0${day}T00:00:00.000Z`, `${day}`.repeat(40)),
    );
  const head = run(1, 70, 20);

  test("is of runs by their time with the head last, whenever it was measured", () => {
    const history = historyOf({
      result: resultFor("regressed"),
      head,
      baselines: [run(4, 40, 0), run(3, 30, 4)],
    });
    expect(history?.calm.points.map(({ value, isHead, commit }) => [value, isHead, commit])).toEqual([
      [30, false, "3333333"],
      [40, false, "4444444"],
      [70, true, "1111111"],
    ]);
    const [worst, calm] = history?.scenarios ?? [];
    expect(worst?.lines.map(({ name, points }) => [name, points.map(({ value }) => value)])).toEqual([
      ["errors", [0.1, 0, 0.5]],
      ["median latency over calm", [2, 2, null]],
    ]);
    expect(calm?.lines.map(({ name }) => name)).toEqual(["errors"]);
  });

  test("takes main's calm runs and its changes from the trend, without samples too", () => {
    const runs = [1, 2, 3, 4].map((day) => ({ startedAt: `2026-01-0${day}`, calmMs: day }));
    const change = {
      run: 2,
      scenario: "control",
      figure: "errors",
      unit: "share" as const,
      from: 0,
      to: 0.2,
    };
    const result: Result = { ...resultFor("pass"), trend: { runs, changes: [change] } };
    const history = historyOf({ result, head: null, baselines: [] });
    expect(history?.calm.points.map(({ value }) => value)).toEqual([1, 2, 3, 4]);
    expect(history).toMatchObject({ changes: [change], scenarios: [] });
  });

  test("is none of a single run", () => {
    expect(historyOf({ result: resultFor("no-baseline"), head, baselines: [] })).toBeNull();
  });
});

test("a path of stairs is written by the coordinate that moves; other paths stay as they are", () => {
  expect(shortPath("M0,0L5,0L5,2.5L7,3L7,9")).toBe("M0,0H5V2.5L7,3V9");
  expect(shortPath("M0,0C1,1,2,2,3,3L3,4")).toBe("M0,0C1,1,2,2,3,3L3,4");
  expect(shortPath("M0,0l5,0L5,0")).toBe("M0,0l5,0L5,0");
});
