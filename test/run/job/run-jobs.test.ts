import { expect, test } from "vitest";
import { decodeProfile, encodeProfile } from "../../../src/config/baseline-file.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { ProgressEvent } from "../../../src/run/ports.ts";
import { everywhere, type JobSuite, jobSuite, killed, struck } from "../../support/jobs/job-suite.ts";
import { measureJobs } from "../../support/jobs/measure.ts";
import { type Conduct, memoryJobRuntime, trainsTo } from "../../support/jobs/memory-runtime.ts";

const EXPERIMENTS = [
  struck("a", { type: "every", steps: 4 }, [killed()]),
  struck("b", { type: "step", step: 3 }, [killed()]),
];
const suite = (options: JobSuite = {}) => jobSuite({ repeats: 2, experiments: EXPERIMENTS, ...options });
const always: Conduct = () => trainsTo(10);

test("measures all runs in the plan's order, each on a system of its own that is ended", async () => {
  const { runtime, starts, open } = memoryJobRuntime(always);
  const profile = await measureJobs(suite(), { runtime });
  expect(starts).toEqual(["control 0", "a 0", "b 0", "control 1", "a 1", "b 1"]);
  expect(open()).toBe(0);
  expect(profile.jobRuns?.map(({ scenario, repeat, outcome }) => [scenario, repeat, outcome])).toEqual([
    ["control", 0, "completed"],
    ["a", 0, "completed"],
    ["b", 0, "completed"],
    ["control", 1, "completed"],
    ["a", 1, "completed"],
    ["b", 1, "completed"],
  ]);
  expect(profile.scenarios.map(({ name, shape }) => [name, shape])).toEqual([
    ["control", "control"],
    ["a", "job"],
    ["b", "job"],
  ]);
  expect(profile).toMatchObject({ windows: [], observations: [], seed: 23, notes: [] });
});

test("what was measured is stored and read again as it was", async () => {
  const { runtime } = memoryJobRuntime(always);
  const profile = await measureJobs(suite(), { runtime });
  expect(decodeProfile(encodeProfile(profile), { file: "memory" }).jobRuns).toEqual(profile.jobRuns);
});

test("only what is asked for is measured, beside the calm runs, as part of the same schedule", async () => {
  const { runtime, starts } = memoryJobRuntime(always);
  const whole = await measureJobs(suite({ repeats: 1 }), { runtime });
  starts.length = 0;
  const part = await measureJobs(suite({ repeats: 1 }), { runtime, only: ["b"] });
  expect(starts).toEqual(["control 0", "b 0"]);
  expect(part.scenarios.map(({ name }) => name)).toEqual(["control", "b"]);
  expect(part.scheduleHash).toBe(whole.scheduleHash);
  expect(part.jobRuns?.[1]?.plannedStrikes).toEqual(whole.jobRuns?.[2]?.plannedStrikes);
});

test("each run's system is made ready for its own faults alone", async () => {
  const { runtime, readyFor } = memoryJobRuntime(always);
  await measureJobs(suite({ repeats: 1 }), { runtime });
  expect(readyFor).toEqual([[], ["a"], ["b"]]);
});

test("two measurements with one seed strike the same steps, one with another seed other ones", async () => {
  const chance = struck("chance", { type: "chance", share: 0.1 }, [killed()]);
  const options: JobSuite = { steps: 100, repeats: 1, restart: { limit: 100 }, experiments: [chance] };
  const struckSteps = async (seed: number) => {
    const { runtime } = memoryJobRuntime(() => trainsTo(100));
    const { jobRuns = [] } = await measureJobs(suite(options), { runtime, seed });
    return jobRuns.map(({ strikes, plannedStrikes }) => {
      expect(strikes.map(({ at }) => at)).toEqual(plannedStrikes);
      return plannedStrikes;
    });
  };
  const first = await struckSteps(1);
  expect(first[1]).toHaveLength(10);
  expect(await struckSteps(1)).toEqual(first);
  expect(await struckSteps(2)).not.toEqual(first);
});

test("a job that fails in calm is not measured under faults, and its last words are told", async () => {
  const { runtime, starts, open } = memoryJobRuntime(() => ({ lines: ["no data"], exitCode: 4 }));
  await expect(measureJobs(suite({ restart: { limit: 1 } }), { runtime })).rejects.toMatchObject({
    code: "service-unhealthy",
    message: "The training job was given up after 2 starts (last: exit code 4), and no fault was injected.",
    detail: ["| no data", "| no data"],
  });
  expect(starts).toEqual(["control 0"]);
  expect(open()).toBe(0);
});

test("a job that does not end in calm is not measured under faults", async () => {
  const { runtime } = memoryJobRuntime(() => ({ lines: [], exitCode: null }));
  await expect(measureJobs(suite({ timeoutMs: 50 }), { runtime })).rejects.toMatchObject({
    code: "service-unhealthy",
    message: "The training job did not end within its timeout, and no fault was injected.",
    detail: ["it wrote nothing"],
  });
});

test("a job whose steps cannot be read is not measured under faults", async () => {
  const { runtime } = memoryJobRuntime(() => ({ lines: ["epoch 1"], exitCode: 0 }));
  await expect(measureJobs(suite(), { runtime })).rejects.toMatchObject({
    code: "service-unhealthy",
    message: "The training job ended well, and no step was seen of it.",
    remedy: expect.stringContaining("workload.job.log") as string,
  });
});

test("a calm run that fails in a later round is a measurement like any other", async () => {
  const { runtime } = memoryJobRuntime((scenario, repeat) =>
    scenario === "control" && repeat === 1 ? { lines: [], exitCode: 1 } : trainsTo(10),
  );
  const profile = await measureJobs(suite({ restart: { limit: 0 }, experiments: [] }), { runtime });
  expect(profile.jobRuns?.map(({ outcome }) => outcome)).toEqual(["completed", "gave-up"]);
});

test("rounds beyond the third are left out where they do not fit the budget, and that is said", async () => {
  const withBudget = async (budgetMs: number) => {
    const { runtime, starts } = memoryJobRuntime(always);
    const whole = suite({ repeats: 4 });
    const profile = await measureJobs({ ...whole, policy: { ...whole.policy, budgetMs } }, { runtime });
    return { rounds: starts.length / 3, notes: profile.notes };
  };
  expect(await withBudget(0)).toEqual({
    rounds: 3,
    notes: ["3 of 4 repeats were measured: another did not fit the budget."],
  });
  expect(await withBudget(3_600_000)).toEqual({ rounds: 4, notes: [] });
});

test("tells which run is measured, and how long it will take", async () => {
  const events: ProgressEvent[] = [];
  const { runtime } = memoryJobRuntime(always);
  await measureJobs(suite({ experiments: EXPERIMENTS.slice(0, 1) }), {
    runtime,
    onProgress: (event) => events.push(event),
  });
  const windows = events.filter(({ phase }) => phase === "window");
  expect(windows.map(({ text, window, windows: all }) => [text, window, all])).toEqual([
    ["control, run 1 of 2", 1, 4],
    ["a, run 1 of 2", 2, 4],
    ["control, run 2 of 2", 3, 4],
    ["a, run 2 of 2", 4, 4],
  ]);
  expect(windows[0]?.leftMs).toBeUndefined();
  expect(windows[1]?.leftMs).toBeGreaterThan(0);
});

test("a fault that nobody can do is told before anything is started", async () => {
  const { runtime, starts } = memoryJobRuntime(always);
  const full: Fault = { kind: "disk-full", path: "/", leaveBytes: 0, ...everywhere("service") };
  const cannot = { ...runtime, supports: () => ({ ok: false, reason: "not here" }) as const };
  await expect(
    measureJobs(suite({ experiments: [struck("full", { type: "step", step: 1 }, [full])] }), {
      runtime: cannot,
    }),
  ).rejects.toMatchObject({ code: "fault-unsupported" });
  expect(starts).toEqual([]);
});

test("an interrupt between two runs ends it all", async () => {
  const abort = new AbortController();
  const { runtime, starts, open } = memoryJobRuntime((scenario) => {
    if (scenario === "a") abort.abort();
    return trainsTo(10);
  });
  await expect(measureJobs(suite(), { runtime, signal: abort.signal })).rejects.toMatchObject({
    code: "interrupted",
  });
  expect(starts).toEqual(["control 0", "a 0"]);
  expect(open()).toBe(0);
});
