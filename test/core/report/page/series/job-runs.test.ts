import { describe, expect, it } from "vitest";
import type { JobRun } from "../../../../../src/core/job/run.ts";
import { jobLosses, jobStrips } from "../../../../../src/core/report/page/series/job-runs.ts";
import { jobProfile } from "../../../../support/job-runs.ts";
import { profileWith, scenario } from "../profiles.ts";

const run = (given: Partial<JobRun> = {}): JobRun => ({
  scenario: "killed",
  repeat: 0,
  startMs: 0,
  durationMs: 6000,
  outcome: "completed",
  attempts: [],
  steps: { step: [], atMs: [], loss: [] },
  events: [],
  strikes: [],
  plannedStrikes: [],
  orphans: 0,
  ...given,
});

const attempt = (worker: number, startedAtMs: number) => ({
  worker,
  startedAtMs,
  endedAtMs: startedAtMs + 100,
  exitCode: 0,
  signal: null,
  end: "own" as const,
});

const job = (...jobRuns: readonly JobRun[]) =>
  profileWith({ scenarios: [scenario("control", "control"), scenario("killed", "job")], jobRuns });

describe("a job's runs as strips", () => {
  it("hold a step until it is done again, and fall at once", () => {
    const [strip] = jobStrips(
      job(run({ steps: { step: [1, 2, 3, 2, 3], atMs: [1000, 2000, 3000, 8000, 9000], loss: [] } })),
    ).struck;
    expect(strip?.steps).toEqual([
      { atS: 1, step: 1 },
      { atS: 2, step: 2 },
      { atS: 3, step: 3 },
      { atS: 8, step: 3 },
      { atS: 8, step: 2 },
      { atS: 9, step: 3 },
    ]);
  });

  it("mark strikes, and workers that were started again together as one restart", () => {
    const [strip] = jobStrips(
      job(
        run({
          attempts: [attempt(0, 0), attempt(1, 100), attempt(0, 5000), attempt(1, 5200), attempt(1, 9000)],
          strikes: [{ at: 3, atMs: 4000, lastStep: 3, faults: [0], clearedAtMs: null, receipts: [] }],
        }),
      ),
    ).struck;
    expect(strip).toMatchObject({ strikesS: [4], restartsS: [5, 9] });
  });

  it("have the same run of the baseline beside them", () => {
    const steps = { step: [7], atMs: [1000], loss: [1] };
    const { struck } = jobStrips(job(run(), run({ repeat: 1 })), job(run({ repeat: 1, steps })));
    expect(struck.map(({ base }) => base)).toEqual([null, [{ atS: 1, step: 7 }]]);
  });

  it("are twelve at most: first repeats of each fault before second ones, and four calm ones", () => {
    const { struck, calm, leftOut } = jobStrips(jobProfile({ seed: 1, repeats: 6 }));
    expect(struck.map(({ scenario: name, repeat }) => `${name} ${repeat}`)).toEqual(
      ["killed", "store-slow", "killed-saving"].flatMap((name) =>
        [0, 1, 2, 3].map((each) => `${name} ${each}`),
      ),
    );
    expect(calm.length).toBe(4);
    expect(leftOut).toBe(24 - 16);
  });

  it("have few points of a million steps, and none beyond all runs", () => {
    const step = Array.from({ length: 200_000 }, (_, place) => place);
    const [strip] = jobStrips(
      job(run({ steps: { step, atMs: step.map((each) => each * 1e4), loss: [] } })),
    ).struck;
    expect(strip?.steps.length).toBeLessThanOrEqual(60);
    expect(strip?.steps.at(-1)).toEqual({ atS: 1e6, step: 100_000 });
  });
});

describe("losses by step", () => {
  const calm = (loss: readonly (number | null)[], repeat: number): JobRun =>
    run({ scenario: "control", repeat, steps: { step: loss.map((_, place) => place + 1), atMs: [], loss } });

  it("have the range and the median of calm runs, and a new line where steps are done again", () => {
    const losses = jobLosses(
      job(
        calm([4, 3], 0),
        calm([4.4, 3.2], 1),
        calm([5, 3.1], 2),
        run({ steps: { step: [1, 2, 1, 2], atMs: [], loss: [4.4, null, 4.5, 3] } }),
        run({ repeat: 1, invalid: "no", steps: { step: [1], atMs: [], loss: [9] } }),
      ),
    );
    expect(losses).toEqual({
      calm: [
        { step: 1, median: 4.4, least: 4, most: 5 },
        { step: 2, median: 3.1, least: 3, most: 3.2 },
      ],
      calmRuns: 3,
      struck: [
        {
          scenario: "killed",
          runs: [
            {
              repeat: 0,
              points: [
                { step: 1, loss: 4.4, segment: 0 },
                { step: 1, loss: 4.5, segment: 1 },
                { step: 2, loss: 3, segment: 1 },
              ],
            },
          ],
        },
      ],
    });
  });

  it("are drawn at the same steps of every run, and at the one that is furthest from calm", () => {
    const length = 1000;
    const loss = Array.from({ length }, (_, place) => 10 - place / length);
    const odd = loss.map((each, place) => (place === 504 ? 99 : each));
    const { calm: band, struck } = jobLosses(
      job(calm(loss, 0), run({ ...calm(odd, 0), scenario: "killed" })),
    );
    const steps = struck[0]?.runs[0]?.points.map(({ step }) => step) ?? [];
    expect(band.length).toBe(100);
    expect(steps).toContain(505);
    expect(steps.filter((step) => step !== 505)).toEqual(band.map(({ step }) => step));
  });
});
