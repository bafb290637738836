/** What the benchmark of changes prints, and when its goals are met. */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../bench/changes/outcome.ts";
import { NOWHERE, type PullRequest } from "../../bench/changes/pull-request.ts";
import { lineOf, totalsOf } from "../../bench/changes/table.ts";

const change = (name: string, careless: boolean): PullRequest => ({
  name,
  describe: name,
  careless,
  expected: careless ? { scenarios: ["llm-down"], edge: "llm" } : NOWHERE,
  edits: [],
});

const caught: Outcome = {
  change: change("fallback-gone", true),
  word: "caught",
  verdict: "regressed",
  finding: "llm answers 503",
  scenario: "llm-down",
  edge: "llm",
  rightFault: true,
  rightEdge: true,
  peers: [],
};
const passed: Outcome = {
  ...caught,
  change: change("renamed", false),
  word: "pass",
  verdict: "pass",
  rightFault: null,
  rightEdge: null,
};

describe("the benchmark of changes", () => {
  test("meets its goals where every careless change is caught rightly and no harmless one fails", () => {
    const { met, lines } = totalsOf("node", [caught, passed]);
    expect(met).toBe(true);
    expect(lines[0]).toContain("node: 1 of 1 careless changes caught");
  });

  test("misses them by a careless change that is not caught, whatever the word", () => {
    for (const word of ["missed", "inconclusive", "invalid", "not measured"] as const)
      expect([word, totalsOf("node", [caught, { ...caught, word }]).met]).toEqual([word, false]);
  });

  test("misses them by one false alarm, and by a wrong fault, but not by a harmless change left open", () => {
    expect(totalsOf("node", [caught, { ...passed, word: "false alarm" }]).met).toBe(false);
    expect(totalsOf("node", [{ ...caught, rightFault: false }, passed]).met).toBe(false);
    expect(totalsOf("node", [caught, { ...passed, word: "inconclusive" }]).met).toBe(true);
  });

  test("tells a line a change, with what is named wrongly in capitals", () => {
    expect(lineOf({ ...caught, rightFault: false })).toMatch(
      /^fallback-gone +caught +regressed +NO +yes +0\/\d+ +llm answers 503$/,
    );
  });
});
