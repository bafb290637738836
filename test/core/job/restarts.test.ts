import { describe, expect, it } from "vitest";
import { interruptionsOf, type Restart, restartsOf } from "../../../src/core/job/restarts.ts";
import type { JobRun } from "../../../src/core/job/run.ts";
import { aRun, KILL, life } from "./runs.ts";

const restarts = (run: JobRun, faults = [KILL]): readonly Restart[] =>
  restartsOf(run, interruptionsOf(run, faults));

const saved = (step: number | null, atMs: number) => ({ kind: "saved" as const, step, atMs });
const loaded = (step: number | null, atMs: number) => ({ kind: "loaded" as const, step, atMs });

/** Killed at step 3, 350 ms in; the exit is seen 10 ms later, the next process starts at 1000 and goes on from step 2. */
const killed = (given: Partial<Parameters<typeof aRun>[0]> = {}): JobRun =>
  aRun({
    attempts: [life(0, 360, "fault"), life(1000, 2000, "own", 0)],
    steps: [
      [1, 100],
      [2, 200],
      [3, 300],
      [2, 1500],
      [3, 1600],
      [4, 1700],
    ],
    events: [saved(1, 150), loaded(1, 1400)],
    strikes: [{ at: 3, atMs: 350 }],
    ...given,
  });

describe("a restart after a kill", () => {
  it("loses the steps between the last one before it and the first one after it", () => {
    expect(restarts(killed())).toEqual([
      expect.objectContaining({
        cause: "fault",
        strike: 3,
        lastStep: 3,
        firstStep: 2,
        lostSteps: 2,
        failed: false,
      }),
    ]);
  });

  it("resumes at the first step beyond the highest so far, counted from the kill", () => {
    const [restart] = restarts(killed());
    expect(restart?.struckAtMs).toBe(350);
    expect(restart?.endedAtMs).toBe(360);
    expect(restart?.resumeMs).toBe(1700 - 350);
  });

  it("counts from the kill that was due later than its strike", () => {
    const [restart] = restarts(killed({ strikes: [{ at: 3, atMs: 250 }] }), [{ ...KILL, afterMs: 90 }]);
    expect(restart?.struckAtMs).toBe(340);
  });

  it("loses nothing where it goes on with the next step", () => {
    const [restart] = restarts(
      killed({
        steps: [
          [1, 100],
          [2, 200],
          [3, 1500],
        ],
      }),
    );
    expect(restart?.lostSteps).toBe(0);
    expect(restart?.resumeMs).toBe(1500 - 350);
  });

  it("has no new step where the run ended before one came", () => {
    const [restart] = restarts(
      killed({
        steps: [
          [1, 100],
          [2, 200],
          [3, 300],
          [2, 1500],
        ],
      }),
    );
    expect(restart?.resumeMs).toBeNull();
    expect(restart?.lostSteps).toBe(2);
  });

  it("is one for all workers that were ended and started together", () => {
    const run = killed({
      attempts: [
        life(0, 380, "scheduler", null, 0),
        life(0, 360, "fault", null, 1),
        life(1000, 2000, "own", 0, 0),
        life(1002, 2000, "own", 0, 1),
      ],
    });
    expect(restarts(run)).toHaveLength(1);
    expect(restarts(run)[0]).toMatchObject({ cause: "fault", endedAtMs: 360, startedAtMs: 1002 });
  });
});

describe("what ended a process", () => {
  it("is its own death where no fault did it, and a killed peer's where one did", () => {
    const own = killed({ attempts: [life(0, 360, "own", 1), life(1000, 2000, "own", 0)] });
    expect(restarts(own)[0]).toMatchObject({ cause: "own", struckAtMs: 360, exitCode: 1 });
    const peer = killed({
      attempts: [
        life(0, 355, "own", 1, 0),
        life(0, 360, "fault", null, 1),
        life(1000, 2000, "own", 0, 0),
        life(1000, 2000, "own", 0, 1),
      ],
    });
    expect(restarts(peer)[0]?.cause).toBe("fault");
  });

  it("is a hang, from its last step on, where the scheduler ended it", () => {
    const run = killed({ attempts: [life(0, 900, "scheduler"), life(1000, 2000, "own", 0)] });
    expect(restarts(run)[0]).toMatchObject({ cause: "hang", struckAtMs: 300, endedAtMs: 900 });
  });

  it("is nothing where it ended well or with its run", () => {
    expect(interruptionsOf(aRun({ attempts: [life(0, 500, "own", 0)], steps: [] }), [])).toEqual([]);
    expect(interruptionsOf(aRun({ attempts: [life(0, 500, "run-end")], steps: [] }), [])).toEqual([]);
  });

  it("is no restart where nothing came after it", () => {
    const run = aRun({ attempts: [life(0, 500, "own", 1)], steps: [[1, 100]] });
    expect(interruptionsOf(run, [])).toHaveLength(1);
    expect(restarts(run)).toEqual([]);
  });
});

describe("a restart from zero", () => {
  const anew = (events: Parameters<typeof aRun>[0]["events"]): JobRun =>
    killed({
      steps: [
        [1, 100],
        [2, 200],
        [3, 300],
        [1, 1500],
        [2, 1600],
        [3, 1700],
        [4, 1800],
      ],
      ...(events === undefined ? {} : { events }),
    });
  const fromZero = (events: Parameters<typeof aRun>[0]["events"]) => restarts(anew(events))[0]?.fromZero;

  it("begins at the first step though a later checkpoint was saved", () => {
    expect(fromZero([saved(2, 250)])).toBe(true);
    expect(fromZero([saved(null, 250)])).toBe(true);
  });

  it("is none where a checkpoint was loaded, or it went on later", () => {
    expect(fromZero([saved(2, 250), loaded(0, 1400)])).toBe(false);
    expect(restarts(killed({ events: [saved(2, 250)] }))[0]?.fromZero).toBe(false);
  });

  it("is not told where nothing had been saved but the start itself", () => {
    expect(fromZero([])).toBeNull();
    expect(fromZero([saved(1, 150)])).toBeNull();
    // Saved only after it.
    expect(fromZero([saved(2, 1650)])).toBeNull();
  });

  it("is told of each restart by what was loaded for it alone", () => {
    const run = aRun({
      attempts: [life(0, 400, "fault"), life(500, 900, "fault"), life(1000, 2000, "own", 0)],
      steps: [
        [1, 100],
        [2, 200],
        [2, 600],
        [3, 700],
        [1, 1100],
        [4, 1500],
      ],
      events: [saved(2, 250), loaded(2, 550)],
      strikes: [
        { at: 2, atMs: 390 },
        { at: 3, atMs: 890 },
      ],
    });
    expect(restarts(run).map(({ fromZero: zero }) => zero)).toEqual([false, true]);
    expect(restarts(run).map(({ strike }) => strike)).toEqual([2, 3]);
  });
});

describe("a failed restart", () => {
  it("died by itself before it made a step", () => {
    const run = killed({
      attempts: [life(0, 360, "fault"), life(1000, 1100, "own", 1), life(1200, 2000, "own", 0)],
    });
    expect(restarts(run).map(({ failed, firstStep, lostSteps }) => [failed, firstStep, lostSteps])).toEqual([
      [true, null, null],
      [false, 2, 2],
    ]);
    // Both wait for the same step.
    expect(restarts(run).map(({ resumeMs }) => resumeMs)).toEqual([1350, 600]);
  });

  it("is none where a fault struck it again, or it had made a step", () => {
    const attempts = [life(0, 360, "fault"), life(1000, 1100, "fault"), life(1200, 2000, "own", 0)];
    expect(restarts(killed({ attempts })).map(({ failed }) => failed)).toEqual([false, false]);
    const after = [life(0, 360, "fault"), life(1000, 1550, "own", 1), life(1590, 2000, "own", 0)];
    expect(restarts(killed({ attempts: after })).map(({ failed }) => failed)).toEqual([false, false]);
  });
});
