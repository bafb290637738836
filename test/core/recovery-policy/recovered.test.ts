/** Seconds of a window, what calm seconds stay within, and when a service was well again. */
import { describe, expect, test } from "vitest";
import type { Observation } from "../../../src/core/observation.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import {
  type CalmBand,
  type ClientSecond,
  calmBand,
  clientSeconds,
  recoveredAfterMs,
} from "../../../src/core/recovery-policy/recovered.ts";

const observation = (scheduledMs: number, latencyMs: number, outcome: Outcome = "ok"): Observation => ({
  window: 0,
  slot: 0,
  requestId: "q",
  repetition: 0,
  scheduledMs,
  lagMs: 0,
  ttftMs: latencyMs,
  latencyMs,
  outcome,
  status: 200,
  hit: true,
  maxGapMs: null,
  chunks: 1,
  bytes: 1,
  answerHash: "",
});

describe("a window's seconds", () => {
  test("hold the requests that were due in them; failed and unsent ones are slower than any", () => {
    const seconds = clientSeconds(
      [
        observation(0, 100),
        observation(999, 200),
        observation(1000, 50, "status"),
        observation(1500, 60, "unsent"),
        observation(3000, 70, "client-abort"),
      ],
      4900,
    );
    expect(seconds).toEqual([
      { requests: 2, errorRate: 0, p95Ms: 195 },
      { requests: 2, errorRate: 1, p95Ms: Number.POSITIVE_INFINITY },
      null,
      null,
    ]);
  });
});

const second = (p95Ms: number, errorRate = 0): ClientSecond => ({ requests: 30, errorRate, p95Ms });

describe("the band of calm seconds", () => {
  test("is three robust standard deviations wide", () => {
    // Median 100, deviations 60 60 0 60 60: 1.4826 * 60 * 3 = 266.868.
    const band = calmBand([40, 160, 100, 40, 160].map((p95Ms) => second(p95Ms, 0)));
    expect(band?.p95Ms).toBeCloseTo(366.868, 9);
    expect(band?.errorRate).toBe(0.05);
  });

  test("is half the median wide at least, and 20 ms", () => {
    expect(calmBand([second(100), second(100), second(100)])?.p95Ms).toBe(150);
    expect(calmBand([second(10), second(10), second(10)])?.p95Ms).toBe(30);
  });

  test("is not moved by one bad second", () => {
    const band = calmBand([second(100), second(100), second(Number.POSITIVE_INFINITY, 1), second(100)]);
    expect(band).toEqual({ errorRate: 0.05, p95Ms: 150 });
  });

  test("is told by no fewer than three seconds", () => {
    expect(calmBand([second(1), null, second(1)])).toBeNull();
  });
});

const BAND: CalmBand = { errorRate: 0.05, p95Ms: 150 };

/** "g" good, "b" bad, "_" without requests. */
const recovered = (seconds: string): number | null =>
  recoveredAfterMs(
    seconds.split("").map((each) => (each === "_" ? null : second(each === "g" ? 100 : 400))),
    BAND,
  );

describe("recovered", () => {
  test.each([
    ["ggggg", 0],
    ["gbgbg", 0],
    ["bbggg", 2000],
    ["ggbbbgggb", 5000],
    ["ggbbgbbggg", 7000],
    ["bbgg", null],
    ["bbbbb", null],
    ["bbg_gg", 2000],
    ["b_bg_bggg", 6000],
    ["gggbb", null],
  ])("%s: %s", (seconds, expected) => {
    expect(recovered(seconds)).toBe(expected);
  });

  test("takes errors as well as times for harm", () => {
    const failing = [second(100, 0.2), second(100, 0.2), second(100), second(100), second(100, 0.05)];
    expect(recoveredAfterMs(failing, BAND)).toBe(2000);
  });
});
