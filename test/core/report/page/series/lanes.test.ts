import { describe, expect, it } from "vitest";
import { lanesOf } from "../../../../../src/core/report/page/series/lanes.ts";
import { trial } from "../../../../support/trials.ts";
import { load, profileWith, scenario } from "../profiles.ts";

const scenarios = [scenario("control", "control"), scenario("slow", "attributed")];

describe("lanes of faults", () => {
  it("are a span a window, in the order in which faults came, calm ones marked", () => {
    const { lanes, joinedS } = lanesOf(
      profileWith({
        scenarios,
        windows: [
          load("slow", 1000),
          load("control", 4000),
          load("slow", 9000),
          load("slow", 11_500, 0, { phase: "settle" }),
        ],
      }),
    );
    expect(joinedS).toBe(0);
    expect(lanes).toEqual([
      {
        scenario: "slow",
        what: "fault",
        faults: 1,
        spans: [
          { fromS: 1, toS: 3, isScored: true },
          { fromS: 9, toS: 11, isScored: true },
        ],
      },
      { scenario: "control", what: "calm", faults: 1, spans: [{ fromS: 4, toS: 6, isScored: true }] },
    ]);
  });

  it("join windows that follow each other, but not one that counts with one that does not", () => {
    const { lanes } = lanesOf(
      profileWith({
        scenarios,
        windows: [
          load("slow", 0),
          load("slow", 2000),
          load("slow", 4000, 2000, { invalid: "the machine was slow" }),
        ],
      }),
    );
    expect(lanes[0]?.spans).toEqual([
      { fromS: 0, toS: 4, isScored: true },
      { fromS: 4, toS: 6, isScored: false },
    ]);
  });

  it("close gaps where there are more windows than can be drawn, and say so", () => {
    const windows = Array.from({ length: 1000 }, (_, place) =>
      load(place % 2 === 0 ? "slow" : "control", place * 3000),
    );
    const { lanes, joinedS } = lanesOf(profileWith({ scenarios, windows }));
    expect(lanes.reduce((sum, { spans }) => sum + spans.length, 0)).toBeLessThanOrEqual(300);
    expect(joinedS).toBeGreaterThan(4);
    expect(lanes[0]?.spans[0]).toMatchObject({ fromS: 0, isOnAndOff: true });
  });

  it("are few of ten thousand faults: those that matter, and one for all others", () => {
    const many = Array.from({ length: 10_000 }, (_, place) => scenario(`f${place}`, "attributed"));
    const { lanes } = lanesOf(
      profileWith({ scenarios: many, windows: many.map(({ name }, place) => load(name, place * 10, 5)) }),
      new Set(["f9000"]),
    );
    expect(lanes.length).toBe(16);
    expect(lanes.map((lane) => lane.scenario)).toContain("f9000");
    expect(lanes.at(-1)).toMatchObject({ scenario: null, what: "other-faults", faults: 9985 });
    expect(lanes.reduce((sum, { spans }) => sum + spans.length, 0)).toBeLessThanOrEqual(300);
  });

  it("have no window that ends beyond all runs", () => {
    const { lanes } = lanesOf(
      profileWith({ scenarios, windows: [load("slow", 1e12), load("control", 0, 1e300), load("slow", -1)] }),
    );
    expect(lanes).toEqual([]);
  });

  it("tell when remedies were tried", () => {
    const tried = trial(null, {});
    const { lanes } = lanesOf(profileWith({ trials: [{ ...tried, startMs: 5000, durationMs: 1000 }] }));
    expect(lanes).toEqual([
      { scenario: null, what: "trials", faults: 0, spans: [{ fromS: 5, toS: 6, isScored: true }] },
    ]);
  });
});
