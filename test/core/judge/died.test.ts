import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import { lookAt } from "../../../src/core/judge/looks.ts";
import type { ProcessDeath, Profile } from "../../../src/core/profile.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";

const run = (runSeed: number): Profile => syntheticProfile({ scheduleSeed: 5, runSeed, rateRps: 20 });

/** Died in the first window of the scenario; nothing struck anybody afterwards, because nobody was there. */
const crashed = (profile: Profile, scenario: string, over: Partial<ProcessDeath> = {}): Profile => {
  const window = profile.windows.findIndex((each) => each.scenario === scenario);
  const death = { name: "service", atMs: 1, window, exitCode: 1, signal: null, injected: false, ...over };
  return {
    ...profile,
    deaths: [death],
    windows: profile.windows.map((each, index) =>
      index <= window || each.scenario === "control"
        ? each
        : {
            ...each,
            invalid: "fault without effect: x#1 saw 0 calls and struck none",
            receipts: each.receipts.map((receipt) => ({ ...receipt, seen: 0, affected: 0 })),
          },
    ),
    observations: profile.observations.map((row) =>
      row.window <= window
        ? row
        : { ...row, outcome: "refused" as const, status: 0, ttftMs: null, answerHash: "" },
    ),
  };
};

const inputOf = (head: Profile, profiles: readonly Profile[]) => ({
  head,
  baseline: profiles.length === 0 ? null : { schemaVersion: 1 as const, suite: head.suite, profiles },
  policy: SYNTHETIC_POLICY,
  experiments: [],
});
const deathsOf = (head: Profile, ...profiles: readonly Profile[]) =>
  judge(inputOf(head, profiles)).findings.filter(({ kind }) => kind === "death");

describe("a service that dies by itself", () => {
  test("is a regression under the fault that killed it, though nothing could be measured after", () => {
    const verdict = judge(inputOf(crashed(run(1), "cut"), [run(2), run(3)]));
    expect(verdict).toMatchObject({ word: "regressed", worstScenario: "cut" });
    expect(verdict.findings[0]).toMatchObject({ kind: "death", severity: "block", scenario: "cut" });
    expect(verdict.findings[0]?.title).toMatch(
      /died once by itself \(exit code 1\), never in 2 runs of the baseline/,
    );
    expect(lookAt(inputOf(crashed(run(1), "cut"), [run(2), run(3)]), 0).stop).toBe(true);
  });

  test("is none where we killed it, where a dependency died, or where it did so before", () => {
    const base = run(2);
    expect(deathsOf(crashed(run(1), "cut", { injected: true }), base)).toEqual([]);
    expect(deathsOf(crashed(run(1), "cut", { name: "llm" }), base)).toEqual([]);
    expect(deathsOf(crashed(run(1), "cut"), crashed(base, "cut"), run(3))).toEqual([]);
  });

  test("without a baseline is a warning: nobody knows whether it always did", () => {
    expect(deathsOf(crashed(run(1), "cut", { exitCode: null, signal: "SIGSEGV" }))).toMatchObject([
      { severity: "warn", title: expect.stringContaining("(SIGSEGV), nothing to compare with") },
    ]);
  });
});
