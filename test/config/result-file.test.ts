import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parseResult, resultJsonSchema } from "../../src/config/result-file.ts";
import { SquallError } from "../../src/core/errors.ts";
import { renderJson } from "../../src/core/report/json.ts";
import { comparison, resultFor, WORDS } from "../core/report/results.ts";

const file = { file: "result.json" };
const problems = (json: string): string => {
  try {
    parseResult(json, file);
  } catch (error) {
    if (error instanceof SquallError)
      return [error.code, error.message, ...error.detail, error.remedy].join("\n");
    throw error;
  }
  throw new Error("the result was accepted");
};
const validate = new Ajv2020({ strict: false }).compile(resultJsonSchema());

describe("result.json", () => {
  it.each(WORDS)("reads back as it was, and fits the published schema (%s)", (word) => {
    const json = renderJson(resultFor(word));
    expect(parseResult(json, file)).toEqual(resultFor(word));
    validate(JSON.parse(json));
    expect(validate.errors).toBeNull();
  });

  it("keeps infinite figures and leaves out working figures that are none", () => {
    const odd = comparison({
      head: Number.POSITIVE_INFINITY,
      change: Number.POSITIVE_INFINITY,
      interval: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      details: { df: 3, D: Number.NaN, upper: Number.POSITIVE_INFINITY },
    });
    const base = resultFor("pass");
    const json = renderJson({ ...base, verdict: { ...base.verdict, comparisons: [odd], widest: odd } });
    expect(parseResult(json, file).verdict.comparisons).toEqual([{ ...odd, details: { df: 3 } }]);
    expect(validate(JSON.parse(json))).toBe(true);
  });

  it("says what is wrong, where, and what to do", () => {
    const json = JSON.parse(renderJson(resultFor("regressed"))) as Record<string, unknown>;
    expect(problems("{")).toContain("no JSON");
    expect(problems("{}")).toContain("format 1");
    expect(problems(JSON.stringify({ ...json, schemaVersion: 9 }))).toContain("newer squall");
    expect(problems(JSON.stringify({ ...json, extra: 1 }))).toContain("extra");
    expect(
      problems(JSON.stringify({ ...json, verdict: { ...(json["verdict"] as object), word: "great" } })),
    ).toContain("verdict.word");
    expect(problems(JSON.stringify({ ...json, seed: "1" }))).toContain("squall compare");
  });

  it("has a published schema that refuses what the door refuses", () => {
    expect(validate({})).toBe(false);
    expect(validate({ ...JSON.parse(renderJson(resultFor("pass"))), extra: 1 })).toBe(false);
  });
});
