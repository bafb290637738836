/** What recovery policies came to, as every surface tells it. */
import { describe, expect, test } from "vitest";
import type { Profile } from "../../../src/core/profile.ts";
import { type PolicyResult, policyResults } from "../../../src/core/recovery-policy/result.ts";
import type { PolicyRun } from "../../../src/core/recovery-policy/rule.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { policyLines, policyRows } from "../../../src/core/report/recovery-policies.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import { policyRun } from "../recovery-policy/support.ts";
import { resultFor } from "./results.ts";

const RULED: PolicyResult = {
  scenario: "cpu-starved",
  policy: "rules",
  recoveryMs: 6000,
  withoutMs: null,
  watchedMs: 15_000,
  actions: [
    { atMs: 3000, remedy: { kind: "more-cpu", on: "service", times: 4 }, because: "cpu > 90% for 2s (98 %)" },
    {
      atMs: 4000,
      remedy: { kind: "more-memory", on: "service", times: 2 },
      because: "memory > 90% (95 %)",
      failed: "no limit to lift",
    },
    {
      atMs: 5000,
      remedy: { kind: "cache", on: "llm", forMs: 60_000, entries: 1000 },
      because: "p95 > 2s (3 s)",
      undoneMs: 9000,
    },
  ],
};
const LEARNED: PolicyResult = { ...RULED, policy: "learned", recoveryMs: null, withoutMs: 9000, actions: [] };
const UNHARMED: PolicyResult = { ...LEARNED, recoveryMs: 0, withoutMs: 0 };

const result = (...recoveryPolicies: PolicyResult[]) => ({ ...resultFor("pass"), recoveryPolicies });

describe("a recovery policy's row", () => {
  test("tells what was done when and why, and the time to recover against doing nothing", () => {
    expect(policyRows(result(RULED, LEARNED, UNHARMED))).toEqual([
      [
        "cpu-starved",
        "rules",
        "3 s: cpus x4 (cpu > 90% for 2s (98 %)); 4 s: memory x2 could not be done: no limit to lift (memory > 90% (95 %)); 5 s: cache 60s on llm (p95 > 2s (3 s)), undone at 9 s",
        "after 6 s",
        "not within 15 s",
      ],
      ["cpu-starved", "learned", "nothing", "not within 15 s", "after 9 s"],
      ["cpu-starved", "learned", "nothing", "no harm done", "no harm done"],
    ]);
  });

  test("stands in the comment and on the terminal, its sentence unfolded", () => {
    const both = result(RULED, LEARNED);
    const markdown = renderMarkdown(both);
    expect(markdown).toContain(
      "- cpu-starved under the rules: recovered after 6 s, doing nothing not within 15 s",
    );
    expect(markdown).toContain("Recovery policies, against doing nothing");
    expect(renderTerminal(both, { color: false, width: 120 })).toMatch(/cpu-starved\s+rules\s+3 s: cpus x4/);
    expect(policyLines(result(UNHARMED))).toEqual([]);
    expect(renderMarkdown(resultFor("pass"))).not.toContain("Recovery policies");
  });

  test("cannot break out of its table", () => {
    const hostile = { ...RULED, scenario: "a|b\n# <img src=x>" };
    expect(renderMarkdown(result(hostile))).not.toMatch(/<img|^# /m);
  });
});

describe("results of policies", () => {
  const results = (...policyRuns: PolicyRun[]) => policyResults({ policyRuns } as unknown as Profile);

  test("stand beside the window of the same experiment in which nothing was done", () => {
    expect(
      results(
        policyRun({ policy: "none", recoveryMs: null }),
        policyRun({ policy: "none", scenario: "other", recoveryMs: 1000 }),
        policyRun(),
        policyRun({ policy: "learned", recoveryMs: 4000 }),
      ),
    ).toEqual([
      {
        scenario: "starved",
        policy: "rules",
        recoveryMs: 6000,
        withoutMs: null,
        watchedMs: 10_000,
        actions: [],
      },
      expect.objectContaining({ policy: "learned", recoveryMs: 4000, withoutMs: null }),
    ]);
  });

  test("are told of windows that count alone", () => {
    const invalid = { invalid: "too busy" };
    expect(results(policyRun({ policy: "none", ...invalid }), policyRun())).toEqual([]);
    expect(results(policyRun({ policy: "none" }), policyRun(invalid))).toEqual([]);
    expect(policyResults({} as unknown as Profile)).toEqual([]);
  });
});
