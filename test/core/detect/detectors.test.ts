import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arma } from "../../../src/core/detect/arma.ts";
import { confirmed, type Detector } from "../../../src/core/detect/detector.ts";
import { type FeatureTable, featureTable } from "../../../src/core/detect/features.ts";
import { farFromUsual, meanVariance, ROBUST, TEXTBOOK } from "../../../src/core/detect/mean-variance.ts";
import { randomForest } from "../../../src/core/detect/random-forest.ts";
import { seriesOf } from "../../../src/core/detect/series.ts";
import { svm } from "../../../src/core/detect/svm/index.ts";
import { rounds, runOf, struck } from "./runs.ts";

const tableOf = (seed: number, alter = struck): FeatureTable => {
  const table = featureTable(seriesOf(runOf(rounds(8), { seed, alter })));
  if (table === null) throw new Error("too little calm");
  return table;
};

describe("far from the usual", () => {
  it("flags nothing of 10, 12, 11, 9, 8 by three sigma", () => {
    const values = [10, 12, 11, 9, 8];
    expect(farFromUsual(values, values, TEXTBOOK)).toEqual([false, false, false, false, false]);
  });

  it("lets an outlier hide itself by mean and deviation, and not by median and MAD", () => {
    const values = [10, 12, 11, 9, 8, 100];
    expect(farFromUsual(values, values, TEXTBOOK).some(Boolean)).toBe(false);
    expect(farFromUsual(values, values, ROBUST)).toEqual([false, false, false, false, false, true]);
  });

  it("measures by the sample's deviation, n - 1", () => {
    // Standard deviation 1.5811 by n - 1, 1.4142 by n: 14.5 lies 2.85 and 3.18 of them from 10.
    expect(farFromUsual([14.5], [10, 12, 11, 9, 8], TEXTBOOK)).toEqual([false]);
    expect(farFromUsual([14.8], [10, 12, 11, 9, 8], TEXTBOOK)).toEqual([true]);
  });

  it("flags both directions, and nothing that is not known", () => {
    const reference = [10, 12, 11, 9, 8];
    expect(farFromUsual([-50, 10, 70, Number.NaN], reference, ROBUST)).toEqual([true, false, true, false]);
  });
});

describe("an alarm needs two of three seconds", () => {
  const of = (anomalies: string, follows = anomalies.replace(/./g, "-").replace(/^./, "|")): string =>
    confirmed(
      Array.from(anomalies, (each) => each === "x"),
      Array.from(follows, (each) => each === "-"),
    )
      .map((flag) => (flag ? "x" : "."))
      .join("");

  it.each([
    ["...x...", "......."],
    ["...xx..", "....x.."],
    ["..x.x..", "....x.."],
    ["..x..x.", "......."],
    ["..xxx..", "...xx.."],
  ])("%s -> %s", (anomalies, flags) => {
    expect(of(anomalies)).toBe(flags);
  });

  it("does not look over a gap", () => {
    expect(of("xxxx", "|-|-")).toBe(".x.x");
    expect(of("x.x", "|-|")).toBe("...");
    expect(of("x.x", "||-")).toBe("...");
  });
});

describe("features", () => {
  it("are z, three-second means and differences, begun anew after a gap", () => {
    const profile = runOf([...rounds(8), { scenario: "slow", seconds: 3, afterMs: 2000 }], { alter: struck });
    const table = featureTable(seriesOf(profile));
    const last = table?.features.slice(-3) ?? [];
    const z = last.map((row) => row[0] ?? 0);
    const mean = (...values: number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(last[0]?.length).toBe(12);
    expect(last[0]?.[4]).toBeCloseTo(z[0] ?? 0, 12);
    expect(last[1]?.[4]).toBeCloseTo(mean(...z.slice(0, 2)), 12);
    expect(last[2]?.[4]).toBeCloseTo(mean(...z), 12);
    expect(last[0]?.[8]).toBe(0);
    expect(last[2]?.[8]).toBeCloseTo((z[2] ?? 0) - (z[1] ?? 0), 12);
  });

  it("are taken against the first thirty calm seconds alone", () => {
    const table = featureTable(seriesOf(runOf([{ scenario: "control", seconds: 50 }])));
    expect(table?.reference).toEqual(Array.from({ length: 30 }, (_, row) => row));
  });

  it("do not depend on the machine's speed", () => {
    const slower = tableOf(1, (each, name) => {
      const own = struck(each, name);
      return { ...own, latencyMs: own.latencyMs * 3 };
    });
    const usual = tableOf(1);
    for (const [row, features] of usual.features.entries())
      for (const [column, value] of features.entries())
        expect(slower.features[row]?.[column]).toBeCloseTo(value, 6);
  });

  it("are refused where there are not ten seconds of calm", () => {
    expect(featureTable(seriesOf(runOf([{ scenario: "control", seconds: 9 }])))).toBeNull();
    expect(featureTable(seriesOf(runOf([{ scenario: "control", seconds: 10 }])))).not.toBeNull();
  });

  it("are finite, whatever was measured", () => {
    const extreme = fc.constantFrom(0, 1e-9, 1, 1e9, Number.MAX_VALUE);
    fc.assert(
      fc.property(fc.array(extreme, { minLength: 40, maxLength: 40 }), (latencies) => {
        const profile = runOf(
          [
            { scenario: "control", seconds: 12 },
            { scenario: "slow", seconds: 2 },
          ],
          {
            alter: (each) => ({ ...each, latencyMs: latencies[(each.slot * 7) % 40] ?? 1 }),
          },
        );
        const table = featureTable(seriesOf(profile));
        for (const row of table?.features ?? []) expect(row.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

const shareOf = (flags: readonly boolean[], table: FeatureTable, label: string): number => {
  const own = flags.filter((_, row) => table.labels[row] === label);
  return own.filter(Boolean).length / own.length;
};

const EIGHT = Array.from({ length: 8 }, (_, index) => tableOf(100 + index));

describe.each<[string, Detector, readonly FeatureTable[], string]>([
  ["mean-variance", meanVariance(), [], "median/MAD, k = 6"],
  ["arma", arma, [], "ARMA(1,1) of the run's first calm seconds, k = 6"],
  ["arma that was trained", arma, EIGHT, "ARMA(1,1) of calm of 8 runs, k = 6"],
  ["one-class svm", svm, [], "one-class of the run's first calm seconds, nu = 0.01"],
  ["two-class svm", svm, EIGHT, "two-class, trained on 8 runs"],
  ["random-forest", randomForest, EIGHT, "100 trees, trained on 8 runs"],
])("%s", (_, detector, earlier, form) => {
  const own = tableOf(1);
  const fitted = detector({ own, earlier, seed: 1 });

  it("says what it is", () => {
    expect(fitted.form).toBe(form);
  });

  it("finds faults that are plain to see, and leaves calm alone", () => {
    expect(shareOf(fitted.anomalies, own, "fault")).toBeGreaterThan(0.9);
    expect(shareOf(fitted.anomalies, own, "calm")).toBeLessThan(0.2);
  });

  it("sees the same in the same", () => {
    expect(detector({ own, earlier, seed: 1 })).toEqual(fitted);
  });

  it("learns nothing of the watched run but from its first calm seconds", () => {
    const relabelled = { ...own, labels: own.labels.map(() => "fault" as const) };
    expect(detector({ own: relabelled, earlier, seed: 1 }).anomalies).toEqual(fitted.anomalies);
  });
});

describe("without enough to learn from", () => {
  const own = tableOf(1);
  const calmOnly = EIGHT.map((table) => ({ ...table, labels: table.labels.map(() => "calm" as const) }));

  it("a forest falls back on median and MAD, and says so", () => {
    expect(randomForest({ own, earlier: EIGHT.slice(0, 7), seed: 1 })).toEqual({
      ...meanVariance()({ own, earlier: [], seed: 1 }),
      fellBack: "a forest needs 8 earlier runs, there are 7",
    });
    expect(randomForest({ own, earlier: calmOnly, seed: 1 }).fellBack).toBe(
      "a forest needs 20 s under faults, there are 0",
    );
  });

  it("a forest that has seen nothing of the faults it was shown flags next to nothing", () => {
    const blind = Array.from({ length: 8 }, (_, index) => tableOf(200 + index, (each) => each));
    const { anomalies } = randomForest({ own: tableOf(1, (each) => each), earlier: blind, seed: 1 });
    expect(anomalies.filter(Boolean).length / anomalies.length).toBeLessThan(0.15);
  });

  it("a support vector machine falls back on one class, and says so", () => {
    expect(svm({ own, earlier: EIGHT.slice(0, 1), seed: 1 })).toMatchObject({
      form: "one-class of calm of 1 run, nu = 0.01",
      fellBack: "two classes need 2 earlier runs, there is 1",
    });
    expect(svm({ own, earlier: calmOnly, seed: 1 }).fellBack).toBe(
      "two classes need 20 s under faults, there are 0",
    );
  });

  it("ARMA stays frozen while a fault lasts", () => {
    const long = featureTable(
      seriesOf(
        runOf(
          [
            { scenario: "control", seconds: 40 },
            { scenario: "slow", seconds: 60 },
          ],
          { alter: struck },
        ),
      ),
    );
    if (long === null) throw new Error("too little calm");
    const { anomalies } = arma({ own: long, earlier: [], seed: 1 });
    expect(
      shareOf(anomalies.slice(-20), { ...long, labels: long.labels.slice(-20) }, "fault"),
    ).toBeGreaterThan(0.9);
  });
});
