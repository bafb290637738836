import { describe, expect, it } from "vitest";
import { changedCells, whatBroke } from "../../../src/core/report/summary.ts";
import { smallestVisible, trust } from "../../../src/core/report/trust.ts";
import type { Comparison, Result } from "../../../src/core/verdict.ts";
import { comparison, resultFor } from "./results.ts";

const withComparisons = (comparisons: readonly Comparison[], base: Result = resultFor("pass")): Result => ({
  ...base,
  verdict: { ...base.verdict, comparisons },
});

describe("what every surface says", () => {
  it("does not claim more of calm traffic than was judged", () => {
    const calm = (given: Partial<Comparison>) =>
      whatBroke(withComparisons([comparison({ scenario: "control", ...given })]));
    expect(calm({ metric: "p50", unit: "ms" })).toContain("Calm traffic: no change that matters.");
    expect(calm({})).toContain("its speed is not judged");
    expect(calm({ label: "regressed" })).toContain("Calm traffic is worse too.");
    expect(calm({ label: "refused", refused: "n" })).toContain("Calm traffic: not judged.");
    expect(calm({ method: "none" })).toContain("Calm traffic: not judged.");
  });

  it("names the change it could have seen where it saw least, of partial faults before kills", () => {
    const kill = comparison({ scenario: "service-killed", smallestVisible: 0.18 });
    const partial = [
      comparison({ smallestVisible: 0.01 }),
      comparison({ scenario: "vector-slow", smallestVisible: 0.02 }),
    ];
    expect(smallestVisible(withComparisons([kill, ...partial]))).toBe("errors +2 points");
    const killsOnly = resultFor("pass");
    const scenarios = killsOnly.scenarios.filter(({ shape }) => shape !== "attributed");
    const result = withComparisons([kill], { ...killsOnly, scenarios });
    expect(smallestVisible(result)).toBe("errors +18 points");
    expect(trust(result)).toContain("under every fault: errors +18 points");
    expect(smallestVisible(withComparisons([comparison({ label: "refused", refused: "n" })]))).toBe("");
  });

  it("counts as passed only the faults that the baseline has too", () => {
    const result = resultFor("pass");
    const under = (findings: Result["verdict"]["findings"]): string =>
      whatBroke({ ...result, verdict: { ...result.verdict, findings } });
    const added = {
      kind: "new-scenario",
      severity: "note",
      scenario: "service-killed",
      metric: null,
      edge: null,
      title: "service killed: new, not in the baseline yet",
      detail: [],
    } as const;
    expect(under([])).toMatch(/^Under 3 faults, /);
    expect(under([added])).toMatch(/^Under 2 faults, /);
  });

  it("shows what is not settled only where that decides", () => {
    const open = comparison({ label: "unbounded" });
    const minor = comparison({ label: "unbounded", primary: false });
    expect(changedCells(withComparisons([open, minor], resultFor("inconclusive")))).toEqual([open]);
    expect(changedCells(withComparisons([open, minor], resultFor("regressed")))).toEqual([]);
  });

  it("orders by label, then worst scenario, then what tells most, then excess", () => {
    const base = resultFor("regressed");
    const elsewhere = comparison({ scenario: "vector-slow", label: "regressed", change: 0.9 });
    const latency = comparison({ metric: "hit50", unit: "ms", label: "regressed", change: 900, margin: 10 });
    const errors = comparison({ label: "regressed", change: 0.02 });
    const better = comparison({ label: "improved" });
    expect(changedCells(withComparisons([better, elsewhere, latency, errors], base))).toEqual([
      errors,
      latency,
      elsewhere,
      better,
    ]);
  });
});
