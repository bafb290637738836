import { expect, test } from "vitest";
import { type Measure, measure, measurePair } from "../../../src/surfaces/gate/measure.ts";
import type { Reference } from "../../../src/surfaces/gate/pairs/open-reference.ts";
import { jobSuite } from "../../support/jobs/job-suite.ts";
import { jobOptions } from "../../support/jobs/measure.ts";

const asked = (): Measure => {
  const suite = jobSuite({ steps: 2 });
  const { runDirectory, suiteDirectory, signal } = jobOptions(suite);
  return {
    read: { suite, requestSet: { requests: [], hash: "" }, directory: suiteDirectory },
    seed: undefined,
    runtime: undefined,
    runDirectory,
    provenance: { tool: "test" },
    signal,
    onProgress: () => undefined,
  };
};

test("a suite with a job is measured as one: in whole runs, without requests", async () => {
  const profile = await measure(asked());
  expect(profile.jobRuns).toMatchObject([{ scenario: "control", outcome: "completed" }]);
  expect(profile.observations).toEqual([]);
});

test("a job is not measured side by side", async () => {
  await expect(measurePair(asked(), {} as Reference)).rejects.toMatchObject({
    code: "argument-invalid",
    place: "reference",
  });
});
