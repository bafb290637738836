import { describe, expect, it } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Profile, Scenario, WindowRecord } from "../../../src/core/profile.ts";
import type { Finding, Verdict } from "../../../src/core/verdict.ts";
import { METHOD_POLICY } from "../../support/method-cases.ts";
import { attributed, CONTROL, KILL, syntheticRun } from "../../support/synthetic-runs.ts";

const OUTAGE: Scenario = {
  name: "outage",
  shape: "clock",
  scale: "additive",
  faults: [{ kind: "refuse", on: "llm", fraction: 1, attempts: "all" }],
  description: "llm refuses connections",
};

/** A run whose outages, one a letter, were followed by rest (`.`) or by none (`x`). */
const run = (seed: number, rounds: string, tries: readonly WindowRecord[] = []): Profile => {
  const profile = syntheticRun({ seed, windows: 8, scenarios: [CONTROL, attributed("slow-llm"), OUTAGE] });
  const settle = (round: number, rested: boolean): WindowRecord => ({
    ...(profile.windows[0] as WindowRecord),
    scenario: "outage",
    round,
    phase: "settle",
    planned: 0,
    ...(rested ? {} : { invalid: "did not come to rest in 10 s" }),
  });
  const settles = Array.from(rounds, (mark, round) => settle(round, mark === "."));
  return { ...profile, windows: [...profile.windows, ...tries, ...settles] };
};

const judged = (head: Profile, bases: readonly Profile[] | null): Verdict =>
  judge({
    head,
    baseline: bases && { schemaVersion: 1, suite: "cases", profiles: bases },
    policy: METHOD_POLICY,
    experiments: [],
  });
const told = (verdict: Verdict): Finding | undefined =>
  verdict.findings.find(({ kind }) => kind === "not-settled");

describe("a service that does not come to rest after an outage", () => {
  it("twice, where the baseline always did, is less resilient", () => {
    const verdict = judged(run(2, "xx"), [run(1, ".."), run(3, "..")]);
    expect(verdict.word).toBe("regressed");
    expect(verdict.headline).toBe("Less resilient under 1 of 2 faults: merge blocked");
    expect(verdict.worstScenario).toBe("outage");
    expect(told(verdict)).toMatchObject({ severity: "block", scenario: "outage", edge: "llm" });
    expect(told(verdict)?.title).toBe(
      "llm refuses connections: the service did not come to rest within 10 s of calm traffic after the fault was gone, 2 of 2 times; always in the baseline (4 times)",
    );
  });

  it.each([
    ["once in the head alone warns", "x.", [".."], "warn"],
    ["is a note where the baseline does it too", "xx", ["x."], "note"],
    ["is a note where one of several baseline runs does it", "xx", ["..", "..", ".x"], "note"],
    ["warns where the baseline has no such round", "xx", [""], "warn"],
  ])("%s", (_, head, bases, severity) => {
    const verdict = judged(
      run(2, head),
      bases.map((marks, index) => run(10 + index, marks)),
    );
    expect(told(verdict)?.severity).toBe(severity);
    expect(verdict.word).toBe("pass");
  });

  it("warns where there is no baseline", () => {
    const verdict = judged(run(2, "xx"), null);
    expect(verdict.word).toBe("no-baseline");
    expect(told(verdict)).toMatchObject({ severity: "warn" });
  });

  it("is not told where it came to rest, nor of calm traffic's neighbours", () => {
    expect(told(judged(run(2, ".."), [run(1, "xx")]))).toBeUndefined();
  });

  it("counts a round that was measured twice by its second time", () => {
    const profile = run(2, "..");
    const first: WindowRecord = {
      ...(profile.windows[0] as WindowRecord),
      scenario: "outage",
      round: 0,
      phase: "settle",
      invalid: "did not come to rest in 10 s",
    };
    expect(told(judged(run(2, "..", [first, { ...first, round: 1 }]), [run(1, "..")]))).toBeUndefined();
  });

  it("blames nobody in a run that did not measure what it should", () => {
    const lost = run(2, "xx");
    const head = {
      ...lost,
      windows: lost.windows.map((window) =>
        window.scenario === "slow-llm" ? { ...window, invalid: "the machine was too busy" } : window,
      ),
    };
    const verdict = judged(head, [run(1, "..")]);
    expect(verdict.word).toBe("invalid");
    expect(told(verdict)?.severity).toBe("warn");
  });

  it("after kills is told the same way", () => {
    const killed = (seed: number, invalid: boolean): Profile => {
      const profile = syntheticRun({
        seed,
        scenarios: [CONTROL, attributed("slow-llm"), KILL],
        recoveriesMs: [1000, 1000, 1000, 1000],
      });
      const settles = [0, 1, 2].map(
        (round): WindowRecord => ({
          ...(profile.windows[0] as WindowRecord),
          scenario: "kill",
          round,
          phase: "settle",
          ...(invalid ? { invalid: "did not come to rest in 10 s" } : {}),
        }),
      );
      return { ...profile, windows: [...profile.windows, ...settles] };
    };
    const verdict = judged(killed(2, true), [killed(1, false)]);
    expect(told(verdict)).toMatchObject({ severity: "block", scenario: "kill" });
  });
});
