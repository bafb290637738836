import { expect, test } from "vitest";
import type { RestartPolicy } from "../../../src/core/job/workload.ts";
import { processName } from "../../../src/core/process-name.ts";
import type { JobControl } from "../../../src/run/job/job-ports.ts";
import { Supervisor } from "../../../src/run/job/supervisor.ts";
import { settled, TestClock } from "../../support/jobs/clock.ts";

interface Options extends Partial<RestartPolicy> {
  readonly workers?: number;
  readonly timeoutMs?: number;
  readonly isAtEnd?: boolean;
  /** Workers live on after a signal. */
  readonly survive?: boolean;
}

/** Workers that end when a test says so, and what was done to them, with ms since the start. */
const world = ({
  workers = 1,
  timeoutMs = 1_000_000,
  isAtEnd = false,
  survive = false,
  ...policy
}: Options = {}) => {
  const clock = new TestClock();
  const beganMs = clock.now();
  const done: string[] = [];
  const running = new Set<number>();
  const abort = new AbortController();
  const note = (text: string): void => void done.push(`${clock.now() - beganMs} ${text}`);
  const tell = (worker: number, exitCode: number | null, injected: boolean): void => {
    running.delete(worker);
    supervisor.exited({
      name: processName(worker),
      atMs: clock.now(),
      exitCode,
      signal: exitCode === null ? "SIGKILL" : null,
      injected,
    });
  };
  const job: JobControl = {
    workers,
    start: async (worker) => {
      if (running.has(worker)) throw new Error(`worker ${worker} runs already`);
      running.add(worker);
      note(`start ${worker}`);
    },
    end: async (worker) => {
      note(`end ${worker}`);
      if (running.has(worker)) tell(worker, null, true);
    },
    replaceNode: async (worker) => note(`replace ${worker}`),
    readFile: async () => null,
    metricsUrl: "",
    orphans: async () => 0,
  };
  const supervisor: Supervisor = new Supervisor({
    job,
    processes: {
      kill: async (_, signal, replica) => {
        note(`${signal} ${replica}`);
        if (!survive) tell(replica, null, true);
        return { replica, atMs: clock.now() };
      },
    },
    policy: { limit: 5, backoffMs: 100, maxBackoffMs: 1000, scope: "job", ...policy },
    timeoutMs,
    clock,
    signal: abort.signal,
    isAtEnd: () => isAtEnd,
  });
  const outcome = supervisor.run();
  outcome.catch(() => undefined);
  const exit = async (worker: number, exitCode: number): Promise<void> => {
    tell(worker, exitCode, false);
    await settled();
  };
  const lives = () => supervisor.attempts.map(({ worker, end, exitCode }) => [worker, end, exitCode]);
  return { clock, done, supervisor, outcome, exit, abort, lives, running };
};

const KILL = { signal: "SIGKILL", restartAfterMs: 0, replaceNode: false } as const;

test("is complete when every worker has ended with 0, and leaves no timer", async () => {
  const { exit, outcome, clock, done, lives } = world({ workers: 2, stallMs: 5000 });
  await clock.pass(10);
  await exit(1, 0);
  await exit(0, 0);
  expect(await outcome).toBe("completed");
  expect(done).toEqual(["0 start 0", "0 start 1"]);
  expect(lives()).toEqual([
    [0, "own", 0],
    [1, "own", 0],
  ]);
  expect(clock.waiting).toBe(0);
});

test("waits twice as long before each further restart, up to the most", async () => {
  const { exit, outcome, clock, done } = world({ backoffMs: 100, maxBackoffMs: 300, limit: 4 });
  for (let life = 0; life < 4; life++) {
    await clock.pass(1000);
    await exit(0, 1);
  }
  await clock.pass(1000);
  await exit(0, 0);
  expect(await outcome).toBe("completed");
  expect(done).toEqual(["0 start 0", "1100 start 0", "2200 start 0", "3300 start 0", "4300 start 0"]);
});

test("gives up when the limit of restarts is reached, and ends what still runs", async () => {
  const { exit, outcome, clock, lives } = world({ limit: 1, workers: 2 });
  await clock.pass(0);
  await exit(0, 1);
  await clock.pass(100);
  await exit(1, 1);
  expect(await outcome).toBe("gave-up");
  expect(lives()).toEqual([
    [0, "own", 1],
    [1, "scheduler", null],
    [0, "run-end", null],
    [1, "own", 1],
  ]);
});

test("scope job: one that had ended well is started again with the others", async () => {
  const { exit, clock, done, outcome } = world({ workers: 2 });
  await clock.pass(0);
  await exit(0, 0);
  await exit(1, 1);
  await clock.pass(100);
  expect(done).toEqual(["0 start 0", "0 start 1", "100 start 0", "100 start 1"]);
  await exit(0, 0);
  await exit(1, 0);
  expect(await outcome).toBe("completed");
});

test("scope job: two that die at one time are one restart", async () => {
  const { exit, clock, done, outcome } = world({ workers: 2, limit: 1 });
  await clock.pass(0);
  await Promise.all([exit(0, 1), exit(1, 1)]);
  await clock.pass(100);
  await exit(0, 0);
  await exit(1, 0);
  expect(await outcome).toBe("completed");
  expect(done.filter((what) => what.includes("start"))).toHaveLength(4);
});

test("scope worker: the others go on", async () => {
  const { exit, clock, done } = world({ workers: 2, scope: "worker" });
  await clock.pass(0);
  await exit(1, 1);
  await clock.pass(100);
  expect(done).toEqual(["0 start 0", "0 start 1", "100 start 1"]);
});

test("a fault's kill is restarted no sooner than it says, and no sooner than the back-off", async () => {
  const { clock, supervisor, done, lives } = world({ backoffMs: 100 });
  await clock.pass(0);
  expect(await supervisor.kill(0, { ...KILL, restartAfterMs: 400 })).toBe(true);
  await clock.pass(500);
  expect(await supervisor.kill(0, { ...KILL, restartAfterMs: 50 })).toBe(true);
  await clock.pass(500);
  expect(done).toEqual(["0 start 0", "0 SIGKILL 0", "400 start 0", "500 SIGKILL 0", "600 start 0"]);
  expect(lives().map(([, end]) => end)).toEqual(["fault", "fault", "own"]);
});

test("a node is replaced before its worker is started again, and only once", async () => {
  const { clock, supervisor, done, exit } = world();
  await clock.pass(0);
  await supervisor.kill(0, { ...KILL, replaceNode: true });
  await clock.pass(100);
  await exit(0, 1);
  await clock.pass(200);
  expect(done).toEqual(["0 start 0", "0 SIGKILL 0", "100 replace 0", "100 start 0", "200 start 0"]);
});

test("faults' kills do not count towards the limit, and later deaths wait no longer for them", async () => {
  const { clock, supervisor, exit, outcome, lives, done } = world({ backoffMs: 100, limit: 1 });
  await clock.pass(0);
  for (let kill = 0; kill < 3; kill++) {
    expect(await supervisor.kill(0, KILL)).toBe(true);
    await clock.pass(100);
  }
  await exit(0, 1);
  await clock.pass(100);
  expect(done.at(-1)).toBe("400 start 0");
  await exit(0, 1);
  expect(await outcome).toBe("gave-up");
  expect(lives().map(([, end]) => end)).toEqual(["fault", "fault", "fault", "own", "own"]);
});

test("a kill of what does not run strikes nothing", async () => {
  const { clock, supervisor, exit } = world();
  await clock.pass(0);
  await exit(0, 1);
  expect(await supervisor.kill(0, KILL)).toBe(false);
});

test.each([
  [false, 2],
  [true, 1],
])(
  "a worker that a signal ended with exit code 0 is done only at its last step (is it there: %s)",
  async (isAtEnd, starts) => {
    const { clock, supervisor, done, running } = world({ isAtEnd, survive: true });
    await clock.pass(0);
    await supervisor.kill(0, { ...KILL, signal: "SIGTERM" });
    running.delete(0);
    supervisor.exited({ name: "service", atMs: clock.now(), exitCode: 0, signal: null, injected: true });
    await clock.pass(100);
    expect(done.filter((what) => what.includes("start"))).toHaveLength(starts);
  },
);

test("one that lives on after SIGTERM has a grace, then is ended as the fault's doing", async () => {
  const { clock, supervisor, done, lives } = world({ survive: true });
  await clock.pass(0);
  await supervisor.kill(0, { ...KILL, signal: "SIGTERM" });
  await clock.pass(29_999);
  expect(done).toEqual(["0 start 0", "0 SIGTERM 0"]);
  await clock.pass(1);
  expect(done.at(-1)).toBe("30000 end 0");
  expect(lives()).toEqual([[0, "fault", null]]);
});

test("one that lives on after SIGHUP dies of its own later", async () => {
  const { clock, supervisor, exit, lives } = world({ survive: true });
  await clock.pass(0);
  expect(await supervisor.kill(0, { ...KILL, signal: "SIGHUP" })).toBe(true);
  await clock.pass(60_000);
  await exit(0, 3);
  expect(lives()).toEqual([[0, "own", 3]]);
});

test("no step for too long: the job is ended and started again", async () => {
  const { clock, supervisor, done } = world({ stallMs: 1000 });
  await clock.pass(900);
  supervisor.stepped();
  await clock.pass(999);
  expect(done).toEqual(["0 start 0"]);
  await clock.pass(101);
  expect(done).toEqual(["0 start 0", "1900 end 0", "2000 start 0"]);
});

test("a job that a fault holds still does not hang; when let go it has its time again", async () => {
  const { clock, supervisor, done } = world({ stallMs: 1000 });
  await clock.pass(500);
  supervisor.paused(1);
  await clock.pass(5000);
  supervisor.paused(-1);
  await clock.pass(999);
  expect(done).toEqual(["0 start 0"]);
  await clock.pass(1);
  expect(done).toEqual(["0 start 0", "6500 end 0"]);
});

test("between its death and its restart nothing hangs", async () => {
  const { clock, exit, done } = world({ stallMs: 1000, backoffMs: 5000, maxBackoffMs: 5000 });
  await clock.pass(500);
  await exit(0, 1);
  // For the timeout and for the restart.
  expect(clock.waiting).toBe(2);
  await clock.pass(5000);
  expect(done).toEqual(["0 start 0", "5500 start 0"]);
});

test("a run that takes longer than its timeout is ended, also between two lives", async () => {
  const { clock, exit, outcome, done } = world({ timeoutMs: 1000, backoffMs: 5000, maxBackoffMs: 5000 });
  await clock.pass(900);
  await exit(0, 1);
  await clock.pass(10_000);
  expect(await outcome).toBe("timed-out");
  expect(done).toEqual(["0 start 0"]);
  expect(clock.waiting).toBe(0);
});

test("an interrupt ends the workers, and then the run", async () => {
  const { clock, abort, outcome, done } = world({ workers: 2 });
  await clock.pass(5);
  abort.abort();
  await expect(outcome).rejects.toMatchObject({ code: "interrupted" });
  expect(done.slice(2)).toEqual(["5 end 0", "5 end 1"]);
  expect(clock.waiting).toBe(0);
});

test("exits of others mean nothing to it", async () => {
  const { clock, supervisor, done } = world();
  await clock.pass(0);
  supervisor.exited({ name: "data", atMs: 0, exitCode: 1, signal: null, injected: false });
  supervisor.exited({ name: "service-2", atMs: 0, exitCode: 1, signal: null, injected: false });
  await clock.pass(5000);
  expect(done).toEqual(["0 start 0"]);
});
