import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { jobMatchers, patternProblem } from "../../../src/config/job/patterns.ts";
import { SquallError } from "../../../src/core/errors.ts";

describe("own patterns", () => {
  test("tell step and loss by their groups' names", () => {
    const { step } = jobMatchers({ step: String.raw`loss=(?<loss>\S+) at (?P<step>\d+)` });
    expect(step?.("x loss=2.5, at 7 y")).toEqual({ step: 7, loss: 2.5 });
    expect(step?.("loss=-inf at 7")).toEqual({ step: 7, loss: -Infinity });
    expect(step?.("loss=nan at 7")).toEqual({ step: 7, loss: Number.NaN });
    expect(step?.("loss=what at 7")).toEqual({ step: 7, loss: null });
    expect(step?.("nothing")).toBeNull();
  });

  test("make no step of what is none", () => {
    const { step } = jobMatchers({ step: String.raw`at (?<step>\S+)` });
    for (const text of ["at 2147483648", "at -1", "at 1.5", "at x"]) expect(step?.(text)).toBeNull();
    expect(step?.("at 2147483647")).toEqual({ step: 2_147_483_647, loss: null });
  });

  test("tell marks, with their step where the line has it", () => {
    const { saving, saved, loaded, skipped, step } = jobMatchers({
      saving: "^begin save",
      saved: String.raw`saved(?: at (?<step>\d+))?`,
      loaded: String.raw`from (?<step>\d+)`,
      skipped: "overflow",
    });
    expect(saving?.("begin save 3")).toEqual({ step: null });
    expect(saved?.("saved at 12")).toEqual({ step: 12 });
    expect(saved?.("saved")).toEqual({ step: null });
    expect(loaded?.("resumed from 12")).toEqual({ step: 12 });
    expect(skipped?.("an overflow")).toEqual({ step: null });
    expect(skipped?.("fine")).toBeNull();
    expect(step).toBeUndefined();
  });

  test("of nothing are no matchers", () => {
    expect(jobMatchers({})).toEqual({});
  });

  test("match anywhere in a long line in time linear in it", () => {
    const { step } = jobMatchers({ step: String.raw`(a+)+b (?<step>\d+)` });
    expect(step?.("a".repeat(4096))).toBeNull();
    expect(step?.(`${"a".repeat(4000)}b 7`)).toEqual({ step: 7, loss: null });
  });
});

describe("what is wrong with a pattern", () => {
  test.each([
    ["", "is empty"],
    [`(?<step>\\d)${"x".repeat(300)}`, "is longer than 300 characters"],
    ["(?<step>", "is no regular expression that squall takes"],
    [String.raw`(?<step>\d+)(?=x)`, "no look-around"],
    [String.raw`(?<step>\d*)`, "matches a line with nothing in it"],
    [String.raw`step (\d+)`, "has no group named step"],
    [String.raw`(?<step>\d+) (?<epoch>\d+)`, "has a group named epoch: only step and loss are read"],
    [String.raw`(?<step>\d+)(?:xyz{1,30}){1,30}`, "repeats too much"],
  ])("%s", (text, problem) => {
    expect(patternProblem(text, true)).toContain(problem);
    const attempt = () => jobMatchers({ step: text });
    expect(attempt).toThrow(SquallError);
    expect(attempt).toThrow(problem);
  });

  test("is nothing for one that is fine, and a mark may do without a step", () => {
    expect(patternProblem(String.raw`step (?<step>\d+) loss (?<loss>\S+)`, true)).toBeNull();
    expect(patternProblem("saved", false)).toBeNull();
    expect(patternProblem("saved", true)).toContain("has no group named step");
  });

  test("is told of any text, never thrown", () => {
    assert(
      property(string({ unit: "binary", maxLength: 60 }), (text) => void patternProblem(text, false)),
      { numRuns: 500 },
    );
  });
});
