/** Pairs share machine and moment: calm traffic is judged too, and what stored runs said is confirmed or cleared. */
import { describe, expect, test } from "vitest";
import { confirm, toConfirm } from "../../../src/core/judge/confirm.ts";
import { judge } from "../../../src/core/judge/judge.ts";
import { lookAt, withFinalAlpha } from "../../../src/core/judge/looks.ts";
import type { Profile } from "../../../src/core/profile.ts";
import type { Verdict } from "../../../src/core/verdict.ts";
import {
  type Change,
  SYNTHETIC_POLICY,
  type SyntheticOptions,
  syntheticProfile,
} from "../../support/synthetic-profile.ts";

const QUIET = { stallEveryS: Infinity, neighbourEveryS: Infinity };
const run = (runSeed: number, change: Change = {}, over: Partial<SyntheticOptions> = {}): Profile =>
  syntheticProfile({ scheduleSeed: 5, runSeed, rateRps: 25, rounds: 6, change, ...QUIET, ...over });

const inputOf = (head: Profile, ...bases: readonly Profile[]) => ({
  head,
  baseline: { schemaVersion: 1 as const, suite: head.suite, profiles: bases },
  policy: SYNTHETIC_POLICY,
  experiments: [],
});

/** Both on one machine. */
const pair = (change: Change, seed = 1): Verdict => {
  const one = { speedSpread: 0 };
  return judge({ ...inputOf(run(2 * seed, change, one), run(2 * seed + 1, {}, one)), paired: true });
};

const stored = (change: Change): Verdict => judge(inputOf(run(20, change), run(21), run(22)));

const named = ({ findings }: Verdict) =>
  findings.filter(({ kind }) => kind === "regression").map(({ scenario }) => scenario);

describe("a pair", () => {
  test("of equal code passes, calm traffic bounded", () => {
    const { word, comparisons } = pair({});
    expect(word).toBe("pass");
    const calm = comparisons.find(({ scenario, metric }) => scenario === "control" && metric === "p50");
    expect(calm).toMatchObject({ primary: true, label: "ok" });
  });

  test("sees slower calm traffic, which stored runs take for a slower machine", () => {
    expect(named(stored({ factor: 1.25 }))).not.toContain("control");
    const verdict = pair({ factor: 1.25 });
    expect(verdict.word).toBe("regressed");
    expect(named(verdict)).toContain("control");
  });

  test("compares no distributions: request with request, and recoveries", () => {
    expect(
      pair({}).comparisons.filter(({ method, metric }) => method === "stored" && metric === "p95"),
    ).toEqual([]);
  });
});

describe("a look", () => {
  const rounds = (profile: Profile, most: number): Profile => {
    const kept = profile.windows.map(({ round, scenario }) => round < most && scenario !== "outage");
    const places = kept.map((_, index) => kept.slice(0, index).filter(Boolean).length);
    const placed = <T extends { readonly window: number }>(items: readonly T[]): T[] =>
      items.flatMap((item) =>
        kept[item.window] === true ? [{ ...item, window: places[item.window] ?? -1 }] : [],
      );
    return {
      ...profile,
      windows: profile.windows.filter((_, index) => kept[index]),
      observations: placed(profile.observations),
      edgeCalls: placed(profile.edgeCalls),
      health: placed(profile.health),
    };
  };

  test("ends a run that has clearly regressed, by no more than its share of the chance", () => {
    const head = run(30, { hitErrors: 1, scenario: "reset" });
    expect(lookAt(inputOf(rounds(head, 2), run(31), run(32)), 0)).toMatchObject({ stop: true });
  });

  test("ends a run whose comparisons are all bounded; outages that are still to come are not missing", () => {
    const whole = inputOf(rounds(run(33), 6), run(34), run(35), run(36));
    expect(lookAt(whole, 1)).toMatchObject({ stop: true });
  });

  test("goes on where a fault is open, and leaves the settled ones out", () => {
    const few = inputOf(rounds(run(37, {}, { rateRps: 8 }), 1), run(38, {}, { rateRps: 8 }));
    expect(lookAt(few, 0).stop).toBe(false);
    const { baseline: _, ...alone } = inputOf(run(39));
    expect(lookAt({ ...alone, baseline: null }, 0)).toEqual({ stop: false, settled: new Set() });
  });

  test("after the last round ends nothing by what looks worse: that is open, and measured on", () => {
    const head = run(30, { hitErrors: 1, scenario: "reset" });
    const last = lookAt(inputOf(rounds(head, 6), run(31), run(32), run(40)), 2);
    expect(last.stop).toBe(false);
    expect(last.settled.has("reset")).toBe(false);
  });

  test("leaves the last verdict less than all of the chance", () => {
    expect(withFinalAlpha({ alpha: 0.05 }).alpha).toBeCloseTo(0.031, 9);
  });
});

describe("a confirmation", () => {
  const bad = stored({ hitErrors: 1, scenario: "reset" });
  const all = ["slow", "reset", "cut", "cpu", "outage"];

  test("is asked for what regressed, for what is open, and where there is nothing else to compare with", () => {
    expect(bad.word).toBe("regressed");
    expect(toConfirm(bad)).toEqual(["reset"]);
    expect(toConfirm(pair({}))).toEqual([]);
    expect(toConfirm({ ...bad, word: "no-baseline" })).toBeNull();
    expect(toConfirm(pair({ factor: 1.25 }))).toBeNull();
  });

  test("that finds the same is confirmed", () => {
    const { verdict, confirmation } = confirm(bad, pair({ hitErrors: 1, scenario: "reset" }, 3), all, true);
    expect(confirmation).toMatchObject({ outcome: "confirmed", stored: { word: "regressed" } });
    expect(verdict.word).toBe("regressed");
    expect(named(verdict)).toEqual(["reset"]);
  });

  test("that finds nothing clears it: no finding of the stored comparison is left, no comparison of it either", () => {
    const { verdict, confirmation } = confirm(bad, pair({}, 4), all, true);
    expect(confirmation).toMatchObject({ outcome: "cleared", paired: { word: "pass" } });
    expect(verdict).toMatchObject({ word: "pass", worstScenario: null });
    expect(named(verdict)).toEqual([]);
    expect(verdict.comparisons.some(({ label }) => label === "regressed")).toBe(false);
  });

  test("of one fault clears that fault alone", () => {
    const two = stored({ hitErrors: 1 });
    const others = named(two).filter((name) => name !== "reset");
    expect(others.length).toBeGreaterThan(0);
    const one = pair({}, 5);
    const ofReset = {
      ...one,
      comparisons: one.comparisons.filter(({ scenario }) => scenario === "reset" || scenario === "control"),
    };
    const { verdict } = confirm(two, ofReset, ["reset"], false);
    expect(verdict.word).toBe("regressed");
    expect(named(verdict)).toEqual(others);
  });

  test("clears no expectation of the suite's own", () => {
    const broken: Verdict = {
      ...bad,
      findings: [
        ...bad.findings,
        {
          kind: "hypothesis",
          severity: "block",
          scenario: "reset",
          metric: null,
          edge: "llm",
          title: "expected errorRate <= 2%, measured 20 %",
          detail: [],
        },
      ],
    };
    const { verdict } = confirm(broken, pair({}, 6), all, true);
    expect(verdict.word).toBe("regressed");
    expect(verdict.findings.map(({ kind }) => kind)).toContain("hypothesis");
    expect(named(verdict)).toEqual([]);
  });

  test("that could not be measured changes nothing", () => {
    const { verdict, confirmation } = confirm(bad, { ...pair({}, 7), word: "invalid" }, all, true);
    expect(verdict).toBe(bad);
    expect(confirmation.outcome).toBe("unsettled");
  });
});
