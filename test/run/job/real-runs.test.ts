/** Whole runs of a tiny training job, with real processes, a real sidecar and real faults. */
import { expect, test } from "vitest";
import type { Fault } from "../../../src/core/fault.ts";
import { everywhere, jobSuite, killed, shards, struck } from "../../support/jobs/job-suite.ts";
import { measureRun, repeatedSteps } from "../../support/jobs/measure.ts";

const UP_TO_TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

test("a calm run completes: its steps, losses and saves are read, nothing strikes, nothing is left", async () => {
  const { run } = await measureRun(jobSuite({ env: { SAVE_EVERY: "4", NAN_AT: "3" } }));
  expect(run.outcome).toBe("completed");
  expect(run.steps.step).toEqual(UP_TO_TEN);
  expect(run.steps.loss.slice(0, 5)).toEqual([10, 5, 3.3333, null, 2]);
  expect(run.events.map(({ kind, step }) => [kind, step])).toEqual([
    ["nan", 3],
    ["saving", 4],
    ["saved", 4],
    ["saving", 8],
    ["saved", 8],
  ]);
  expect(run.attempts).toMatchObject([{ worker: 0, exitCode: 0, signal: null, end: "own" }]);
  expect(run).toMatchObject({ strikes: [], plannedStrikes: [], orphans: 0 });
  expect(run.invalid).toBeUndefined();
});

test("a job killed at its steps is started again, resumes from its checkpoint, and no step is struck twice", async () => {
  const { run } = await measureRun(
    jobSuite({
      steps: 20,
      env: { SAVE_EVERY: "2", HOLD_AT: "7,14" },
      experiments: [struck("killed", { type: "every", steps: 7 }, [killed()])],
    }),
    "killed",
  );
  expect(run.invalid).toBeUndefined();
  expect(run.outcome).toBe("completed");
  expect(run.attempts.map(({ end, signal }) => [end, signal])).toEqual([
    ["fault", "SIGKILL"],
    ["fault", "SIGKILL"],
    ["own", null],
  ]);
  expect(run.strikes.map(({ at, lastStep }) => [at, lastStep])).toEqual([
    [7, 7],
    [14, 14],
  ]);
  expect(run.plannedStrikes).toEqual([7, 14]);
  expect(run.strikes.flatMap(({ receipts }) => receipts)).toEqual([
    { faultId: "killed#1", edge: "service", seen: 1, affected: 1 },
    { faultId: "killed#1", edge: "service", seen: 1, affected: 1 },
  ]);
  expect(run.events.filter(({ kind }) => kind === "loaded")).toHaveLength(2);
  expect(new Set(run.steps.step).size).toBe(21);
  expect(repeatedSteps(run)).toContain(7);
});

test("a kill during a save comes while the save is under way, and the save is done after the restart", async () => {
  const { run } = await measureRun(
    jobSuite({
      env: { SAVE_EVERY: "5", HOLD_FIRST_SAVE: "1" },
      experiments: [struck("save", { type: "save", nth: 1 }, [killed()])],
    }),
    "save",
  );
  expect(run.invalid).toBeUndefined();
  expect(run.outcome).toBe("completed");
  // Nothing but the kill ends the first save.
  expect(run.events.map(({ kind, step }) => [kind, step])).toEqual([
    ["saving", 5],
    ["saving", 5],
    ["saved", 5],
    ["saving", 10],
    ["saved", 10],
  ]);
  expect(run.strikes).toMatchObject([{ at: 1, lastStep: 5 }]);
});

test("every save is struck once: one that is done again after a restart is not struck again", async () => {
  const { run } = await measureRun(
    jobSuite({
      env: { SAVE_EVERY: "5", STEP_MS: "20" },
      experiments: [struck("saves", { type: "save", nth: "each" }, [killed()])],
    }),
    "saves",
  );
  expect(run.outcome).toBe("completed");
  expect(run.strikes.map(({ at }) => at)).toEqual([1, 2]);
});

const answers503: Fault = {
  kind: "http-error",
  status: 503,
  headers: {},
  ...everywhere("data"),
  forSteps: 3,
};

const isFar: Fault = {
  kind: "latency",
  direction: "both",
  delayMs: 5,
  jitterMs: 0,
  distribution: "constant",
  ...everywhere("data"),
  forSteps: 3,
};

test.each([
  ["http-error", answers503],
  ["latency", isFar],
])("%s on the data's edge strikes for so many steps and no call outside of them", async (_, fault) => {
  const { run, lastLines } = await measureRun(
    jobSuite({
      steps: 20,
      // As long as a busy machine takes from a step's line to the fault's end.
      env: { DATA_URL: "{{data}}", STEP_MS: "400" },
      dependencies: [shards],
      experiments: [struck("data", { type: "step", step: 5 }, [fault])],
    }),
    "data",
  );
  expect(run.invalid).toBeUndefined();
  expect(run.outcome).toBe("completed");
  const [strike] = run.strikes;
  const [receipt] = strike?.receipts ?? [];
  expect(receipt).toMatchObject({ faultId: "data#1", edge: "data" });
  // In force from the log of step 5 to that of step 8: calls of steps 6, 7 and 8, and at its ends one more or less.
  expect(receipt?.affected).toBe(receipt?.seen);
  expect(receipt?.affected).toBeGreaterThanOrEqual(2);
  expect(receipt?.affected).toBeLessThanOrEqual(4);
  expect(strike?.clearedAtMs).not.toBeNull();
  // The last twenty lines are of steps 12 and on.
  expect(lastLines.filter((line) => line.startsWith("data ") && !line.endsWith(" 200"))).toEqual([]);
});

test("a fault without an end of its own is there until the run's end, and its time is not told as cleared", async () => {
  const { forSteps: _, ...held } = answers503 as Fault & { forSteps: number };
  const { run } = await measureRun(
    jobSuite({
      env: { DATA_URL: "{{data}}", STEP_MS: "120" },
      dependencies: [shards],
      experiments: [struck("data", { type: "step", step: 4 }, [held])],
    }),
    "data",
  );
  expect(run.strikes).toMatchObject([{ clearedAtMs: null }]);
  expect(run.strikes[0]?.receipts[0]?.affected).toBeGreaterThanOrEqual(5);
});

test("a fault that struck nothing makes the run one that does not count", async () => {
  const { run } = await measureRun(
    jobSuite({
      dependencies: [shards],
      experiments: [struck("data", { type: "step", step: 4 }, [answers503])],
    }),
    "data",
  );
  expect(run.outcome).toBe("completed");
  expect(run.invalid).toBe("fault without effect: data#1 saw 0 calls and struck none");
});

test("a run in which nothing called for a strike does not count", async () => {
  const { run } = await measureRun(
    jobSuite({ experiments: [struck("save", { type: "save", nth: 1 }, [killed()])] }),
    "save",
  );
  expect(run.invalid).toBe("fault without effect: no save of a checkpoint was seen");
});

test("a worker that dies takes the others with it in scope job, and all are started again", async () => {
  const { run } = await measureRun(
    jobSuite({
      workers: 2,
      env: { SAVE_EVERY: "2", CRASH_AT: "5", CRASH_RANK: "1" },
    }),
  );
  expect(run.outcome).toBe("completed");
  const ends = (worker: number) => run.attempts.flatMap((one) => (one.worker === worker ? [one.end] : []));
  expect(ends(1)).toEqual(["own", "own"]);
  expect(ends(0)).toEqual(["scheduler", "own"]);
});

test("a worker that is killed comes back alone in scope worker", async () => {
  const { run } = await measureRun(
    jobSuite({
      workers: 2,
      steps: 20,
      restart: { scope: "worker" },
      env: { SAVE_EVERY: "2", STEP_MS: "20" },
      experiments: [struck("killed", { type: "step", step: 5 }, [killed({ replica: 1 })])],
    }),
    "killed",
  );
  expect(run.outcome).toBe("completed");
  expect(run.attempts.filter(({ worker }) => worker === 0)).toMatchObject([{ end: "own" }]);
  expect(run.attempts.filter(({ worker }) => worker === 1)).toMatchObject([{ end: "fault" }, { end: "own" }]);
});

test("a job that hangs is ended and started again", async () => {
  const { run } = await measureRun(
    jobSuite({ restart: { stallMs: 4000 }, env: { SAVE_EVERY: "2", HANG_AT: "5" } }),
  );
  expect(run.outcome).toBe("completed");
  expect(run.attempts.map(({ end }) => end)).toEqual(["scheduler", "own"]);
});

test("a job that always dies is given up after the limit", async () => {
  const { run } = await measureRun(jobSuite({ restart: { limit: 2 }, env: { DIE_AT_ONCE: "1" } }));
  expect(run.outcome).toBe("gave-up");
  expect(run.attempts.map(({ exitCode, end }) => [exitCode, end])).toEqual([
    [7, "own"],
    [7, "own"],
    [7, "own"],
  ]);
});

test("a job that does not end is ended by the timeout", async () => {
  const { run } = await measureRun(jobSuite({ timeoutMs: 2000, env: { STAY: "1" } }));
  expect(run.outcome).toBe("timed-out");
  expect(run.attempts).toMatchObject([{ end: "run-end" }]);
});

test("a replaced node comes back with its checkpoints and an empty disk", async () => {
  const { run, lastLines } = await measureRun(
    jobSuite({
      env: { SAVE_EVERY: "2", HOLD_AT: "7", NOTE_DISK: "1", CRASH_AT: "3" },
      experiments: [
        struck("node", { type: "step", step: 7 }, [
          { kind: "node-replace", restartAfterMs: 0, ...everywhere("service") },
        ]),
      ],
    }),
    "node",
  );
  expect(run.outcome).toBe("completed");
  expect(run.attempts.map(({ end }) => end)).toEqual(["own", "fault", "own"]);
  expect(run.events.filter(({ kind }) => kind === "loaded").map(({ step }) => step)).toEqual([2, 6]);
  // The second life found the first one's disk; the third found nothing (among the last lines).
  expect(lastLines.filter((line) => line.startsWith("disk"))).toEqual(["disk empty"]);
});

test.each(["group", "session"])(
  "a process that the job leaves behind (in its own %s) is counted",
  async (where) => {
    const { run } = await measureRun(jobSuite({ env: { LEAVE_CHILD: where } }));
    expect(run.outcome).toBe("completed");
    expect(run.orphans).toBe(1);
  },
);

test("progress is read from a file that each life writes anew", async () => {
  const { run } = await measureRun(
    jobSuite({
      progress: { type: "file", directory: "checkpoints", path: "metrics.jsonl" },
      env: {
        METRICS_FILE: "{{checkpoints}}/metrics.jsonl",
        QUIET: "1",
        STEP_MS: "40",
        SAVE_EVERY: "2",
        CRASH_AT: "6",
      },
    }),
  );
  expect(run.outcome).toBe("completed");
  expect(new Set(run.steps.step)).toEqual(new Set(UP_TO_TEN));
  expect(repeatedSteps(run)).toContain(5);
});

test("progress is read from the first worker's metrics", async () => {
  const { run } = await measureRun(
    jobSuite({
      steps: 3,
      progress: { type: "metrics", path: "/metrics", step: "train_step", loss: "train_loss" },
      env: { METRICS: "1", QUIET: "1", STEP_MS: "600" },
    }),
  );
  expect(run.outcome).toBe("completed");
  expect(run.steps.step).toContain(1);
  expect(run.steps.loss[run.steps.step.indexOf(1)]).toBe(5);
});

test("the article's strategy, run twice with one seed, hits the same steps with the same faults", async () => {
  const suite = jobSuite({
    steps: 100,
    env: { DATA_URL: "{{data}}", STEP_MS: "10" },
    dependencies: [shards],
    experiments: [
      struck("article", { type: "chance", share: 0.1 }, [
        { ...isFar, fraction: 0.2, forSteps: 5 },
        { kind: "cpu-limit", cpus: 0.3, ...everywhere("service"), forMs: 50, strikeShare: 0.3 },
      ]),
    ],
  });
  const hits = async () => {
    const { run } = await measureRun(suite, "article");
    expect(run).toMatchObject({ outcome: "completed", attempts: [{ end: "own" }] });
    expect(run.invalid).toBeUndefined();
    return run.strikes.map(({ at, lastStep, faults }) => [at, lastStep, faults]);
  };
  const first = await hits();
  expect(first).toHaveLength(10);
  expect(first.every(([at, lastStep]) => at === lastStep)).toBe(true);
  expect(first.filter(([, , faults]) => (faults as number[]).includes(1))).toHaveLength(3);
  expect(await hits()).toEqual(first);
});
