import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parseResult, resultJsonSchema } from "../../src/config/result-file.ts";
import { SquallError } from "../../src/core/errors.ts";
import type { GateRecord } from "../../src/core/gate/gate-record.ts";
import { renderJson } from "../../src/core/report/json.ts";
import { FAILED } from "../core/report/postmortem/failed-results.ts";
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

const gate: GateRecord = {
  change: {
    event: "pull_request",
    repository: "acme/answers",
    headRepository: "mallory/answers",
    defaultBranch: "main",
    headSha: "b18e51d0c2f4a6b8d0e2f4a6b8c0d2e4f6a8b0c2",
    headBranch: "faster",
    measuredSha: "c18e51d0c2f4a6b8d0e2f4a6b8c0d2e4f6a8b0c2",
    baseSha: "919ad74e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e",
    baseBranch: "main",
    pullRequest: 12,
    run: { id: 9_000_000_001, attempt: 2 },
  },
  choice: {
    runs: 5,
    commit: "919ad74e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e",
    distance: 3,
    ageMs: 41 * 86_400_000,
    ancestor: "yes",
    stale: "41 days old; at most 30 days are allowed",
  },
  acceptance: {
    by: "alice",
    how: "description",
    findings: ["llm-rate-limited/regression"],
    headSha: "b18e51d0c2f4a6b8d0e2f4a6b8c0d2e4f6a8b0c2",
    until: "commit",
  },
  conclusion: { outcome: "success", exitCode: 0, reason: "accepted by alice" },
};

describe("result.json", () => {
  it.each(Object.entries(FAILED))("reads back with all that explains a failure (%s)", (_, make) => {
    const json = renderJson(make());
    expect(parseResult(json, file)).toEqual(make());
    validate(JSON.parse(json));
    expect(validate.errors).toBeNull();
  });

  it.each(WORDS)("reads back as it was, and fits the published schema (%s)", (word) => {
    const json = renderJson(resultFor(word));
    expect(parseResult(json, file)).toEqual(resultFor(word));
    validate(JSON.parse(json));
    expect(validate.errors).toBeNull();
  });

  it.each([
    ["accepted, against a chosen baseline", gate],
    ["without either", { ...gate, choice: null, acceptance: null }],
  ])("keeps what the gate added: %s", (_, record) => {
    const json = renderJson({ ...resultFor("regressed"), gate: record });
    expect(parseResult(json, file).gate).toEqual(record);
    expect(validate(JSON.parse(json))).toBe(true);
  });

  it("refuses a gate's words that are none of ours", () => {
    const wrong = (part: object): string =>
      problems(JSON.stringify({ ...resultFor("regressed"), gate: { ...gate, ...part } }));
    expect(wrong({ conclusion: { ...gate.conclusion, outcome: "great" } })).toContain(
      "gate.conclusion.outcome",
    );
    expect(wrong({ conclusion: { ...gate.conclusion, exitCode: 2 } })).toContain("gate.conclusion.exitCode");
    expect(wrong({ acceptance: { ...gate.acceptance, admin: true } })).toContain("admin");
    expect(wrong({ choice: { ...gate.choice, ageMs: -1 } })).toContain("gate.choice.ageMs");
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
