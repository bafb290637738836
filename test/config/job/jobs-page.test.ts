/** What docs/jobs.md shows is taken as it is shown. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { problemsOf } from "../support.ts";
import { jobText } from "./jobs.ts";

const PAGE = readFileSync(new URL("../../../docs/jobs.md", import.meta.url), "utf8");
const blocks = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);
const found = (pattern: RegExp): unknown[] =>
  [...PAGE.matchAll(pattern)].map(([, text = ""]) => parse(text) as unknown);

const experiment = (parts: object) => ({
  name: "shown",
  at: { step: 1 },
  faults: [{ kind: "kill" }],
  ...parts,
});

describe("docs/jobs.md", () => {
  test("begins with a whole suite", () => {
    expect(problemsOf(blocks[0] ?? "")).toEqual([]);
  });

  test("shows patterns, files, metrics pages and restart policies that are taken", () => {
    const { workload } = parse(blocks[1] ?? "") as { workload: { job: object } };
    expect(
      problemsOf(jobText({ ...workload.job }, { experiments: [experiment({ at: { save: 1 } })] })),
    ).toEqual([]);
    const keys = [blocks[2], blocks[4]].flatMap((block = "") => Object.entries(parse(block) as object));
    expect(keys.map(([key]) => key)).toEqual(["file", "metrics", "restart"]);
    for (const [key, value] of keys) expect(problemsOf(jobText({ [key]: value as unknown }))).toEqual([]);
    const strategy = parse(blocks[3] ?? "") as unknown[];
    expect(problemsOf(jobText({}, { experiments: strategy }))).toEqual([]);
  });

  test("shows faults that are taken", () => {
    const faults = found(/`(\{ kind: [^`]*\})`/g);
    expect(faults.length).toBeGreaterThanOrEqual(12);
    for (const fault of faults)
      expect([
        fault,
        problemsOf(jobText({ workers: 2 }, { experiments: [experiment({ faults: [fault] })] })),
      ]).toEqual([fault, []]);
  });

  test("shows triggers and expectations that are taken", () => {
    const triggers = found(/^\| `(\{ [^`]*\})`/gm).concat(found(/, `(\{ save: each \})` \|/g));
    expect(triggers).toHaveLength(5);
    for (const at of triggers)
      expect(problemsOf(jobText({}, { experiments: [experiment({ at })] }))).toEqual([]);
    const expected = found(/^\| `([a-zA-Z]+: "[<>]=[^`]*")`/gm);
    expect(expected).toHaveLength(8);
    for (const expect_ of expected)
      expect(problemsOf(jobText({}, { experiments: [experiment({ expect: expect_ })] }))).toEqual([]);
  });
});
