import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobRun } from "../../../src/core/job/run.ts";
import { calibrate } from "../../../src/surfaces/cli/calibrate.ts";
import { discover } from "../../../src/surfaces/cli/discover.ts";
import { readSuite } from "../../../src/surfaces/gate/read-suite.ts";
import { refuseUnmeasured } from "../../../src/surfaces/gate/refuse-unmeasured.ts";
import { readSuiteAt } from "../../../src/surfaces/gate/suite-at.ts";
import { workloadWords } from "../../../src/surfaces/gate/workload-words.ts";
import { jobSuite, jobText } from "../../config/job/jobs.ts";
import { jobProfile } from "../../support/job-profile.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-job-suite-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const EMPTY = { requests: [], hash: "" };

describe("the suite of a training job", () => {
  test("is read without a request set, here and at a commit", async () => {
    const file = path.join(directory, "squall.yml");
    await writeFile(file, jobText());
    expect(await readSuite(file)).toEqual({ suite: jobSuite(), requestSet: EMPTY, directory });
    const asked: string[] = [];
    const read = async (name: string): Promise<Buffer> => {
      asked.push(name);
      return Buffer.from(jobText());
    };
    expect(await readSuiteAt({ read }, "squall.yml", "c")).toEqual({
      kind: "read",
      suite: jobSuite(),
      requestSet: EMPTY,
    });
    expect(asked).toEqual(["squall.yml"]);
  });

  test("is told as what it is", () => {
    const words = (job: object): string => workloadWords({ suite: jobSuite({ ...job }), requestSet: EMPTY });
    expect(words({})).toBe("a training job of 100 steps on 1 worker, 3 runs of each");
    expect(words({ workers: 2, repeats: 2 })).toBe(
      "a training job of 100 steps on 2 workers, 2 runs of each",
    );
  });

  test("is nothing to calibrate by, and says so", async () => {
    const file = path.join(directory, "squall.yml");
    await writeFile(file, jobText());
    const kept = { baseline: directory, out: directory, keep: false };
    await expect(calibrate({ file, ...kept, quiet: true, runs: "2", json: false })).rejects.toThrow(
      "a training job has none",
    );
  });

  test("is nothing to discover, and says so", async () => {
    const file = path.join(directory, "squall.yml");
    await writeFile(file, jobText({}, { experiments: [] }));
    const options = { file, out: directory, quiet: true, budget: "60s", most: "5", json: false };
    await expect(discover(options)).rejects.toThrow("a training job has none");
  });
});

describe("a baseline of a training job", () => {
  const HONEST = jobProfile(jobSuite(), "a".repeat(40));
  const refusing =
    (change: (run: JobRun, place: number) => Partial<JobRun>): (() => void) =>
    () =>
      refuseUnmeasured({
        ...HONEST,
        jobRuns: (HONEST.jobRuns ?? []).map((run, place) => ({ ...run, ...change(run, place) })),
      });
  const invalid = { invalid: "the data store did not start" };

  test("is taken with a third of its runs invalid, and not with more", () => {
    expect(HONEST.jobRuns).toHaveLength(6);
    expect(refusing(() => ({}))).not.toThrow();
    expect(refusing((_, place) => (place < 2 ? invalid : {}))).not.toThrow();
    expect(refusing((_, place) => (place < 3 ? invalid : {}))).toThrow(/^3 of 6 runs could not be measured/);
  });

  test("is refused without a calm run that completed", () => {
    const calm = (run: JobRun, change: Partial<JobRun>): Partial<JobRun> =>
      run.scenario === "control" ? change : {};
    const refused = /^No run without faults completed/;
    expect(refusing((run) => calm(run, { outcome: "timed-out" }))).toThrow(refused);
    expect(refusing((run) => calm(run, run.repeat === 0 ? { outcome: "gave-up" } : {}))).not.toThrow();
    expect(refusing((run) => calm(run, run.repeat === 0 ? invalid : { outcome: "gave-up" }))).toThrow(
      refused,
    );
    expect(refusing((run) => (run.scenario === "control" ? {} : { outcome: "gave-up" }))).not.toThrow();
  });

  test("of no run at all is refused", () => {
    expect(() => refuseUnmeasured({ ...HONEST, jobRuns: [] })).toThrow(/^0 of 0 runs/);
  });
});
