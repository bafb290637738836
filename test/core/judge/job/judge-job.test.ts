import { describe, expect, it } from "vitest";
import { judge } from "../../../../src/core/judge/judge.ts";
import type { Baseline, Profile } from "../../../../src/core/profile.ts";
import type { Experiment, Hypothesis } from "../../../../src/core/suite.ts";
import type { Metric, Verdict } from "../../../../src/core/verdict.ts";
import { JOB_SCENARIOS, type JobChange, type JobOptions, jobProfile } from "../../../support/job-runs.ts";
import { suiteWith } from "../../../support/suites.ts";

const { policy } = suiteWith([]);

const baselineOf = (runs: number, options: Partial<JobOptions> = {}): Baseline => ({
  schemaVersion: 1,
  suite: "train",
  profiles: Array.from({ length: runs }, (_, run) =>
    jobProfile({ seed: 1000 + run, speed: 1 + 0.1 * run, ...options }),
  ),
});

const verdictOn = (
  head: Profile,
  baseline: Baseline | null = baselineOf(3),
  experiments: readonly Experiment[] = [],
): Verdict => judge({ head, baseline, policy, experiments });

const changed = (change: JobChange, baselineRuns = 3): Verdict =>
  verdictOn(jobProfile({ seed: 5, change }), baselineOf(baselineRuns));

const find = (verdict: Verdict, scenario: string, metric: Metric) =>
  verdict.comparisons.find((each) => each.scenario === scenario && each.metric === metric);

interface Careless {
  readonly name: string;
  readonly change: JobChange;
  readonly scenario: string;
  readonly metric: Metric;
  /** In what the finding says. */
  readonly says: RegExp;
}

const CARELESS: readonly Careless[] = [
  {
    name: "starts anew whatever was saved",
    change: { fromZero: true },
    scenario: "killed",
    metric: "from-zero",
    says: /after the kill at .*, at step 35, it began again at step 1, though it had saved/,
  },
  {
    name: "saves no optimizer state",
    change: { lossBump: 0.1 },
    scenario: "killed-saving",
    metric: "loss-left",
    says: /at step 21 the loss was .* where calm runs have .* after the restart that began at step 21/,
  },
  {
    name: "tears its checkpoint",
    change: { tornSave: true },
    scenario: "killed-saving",
    metric: "not-completed",
    says: /Run 1 was given up at step 30 after 5 restarts/,
  },
  {
    name: "dies of a slow store and is brought back",
    change: { crashes: 1 },
    scenario: "store-slow",
    metric: "crashes",
    says: /died by itself \(exit code 1\)/,
  },
  {
    name: "hangs on a slow store",
    change: { hangs: true },
    scenario: "store-slow",
    metric: "not-completed",
    says: /Run 1 was ended at step 50, after 60 s/,
  },
  {
    name: "saves less often",
    change: { saveEvery: 30 },
    scenario: "killed-saving",
    metric: "lost-steps",
    says: /went on from step/,
  },
  {
    name: "takes long to start",
    change: { startMoreMs: 3000 },
    scenario: "killed",
    metric: "resume",
    says: /to the first new step, .* of them until a process ran again/,
  },
  {
    name: "waits for a slow store",
    change: { slowTimes: 20 },
    scenario: "store-slow",
    metric: "goodput",
    says: /most of the rest was slower than calm, or waiting/,
  },
  {
    name: "leaves processes behind",
    change: { orphans: 2 },
    scenario: "control",
    metric: "orphans",
    says: /left 2 processes behind/,
  },
  {
    name: "trains on NaN",
    change: { nan: true },
    scenario: "store-slow",
    metric: "nan-runs",
    says: /NaN in 3 steps, first at step 51/,
  },
  {
    name: "does not run at all",
    change: { broken: true },
    scenario: "control",
    metric: "not-completed",
    says: /given up before its first step/,
  },
];

describe("a careless change", () => {
  it.each(CARELESS)("that $name is caught by the right figure", ({ change, scenario, metric, says }) => {
    const verdict = changed(change);
    expect(verdict.word).toBe("regressed");
    expect(find(verdict, scenario, metric)?.label).toBe("regressed");
    const told = verdict.findings
      .filter(({ severity, scenario: where }) => severity === "block" && where === scenario)
      .flatMap(({ detail }) => detail);
    expect(told.join("\n")).toMatch(says);
    expect(told.join("\n")).toContain("Often: ");
  });

  it("is caught against a single baseline run too: three of three against none of three", () => {
    for (const change of [{ lossBump: 0.1 }, { crashes: 1 }, { tornSave: true }] as const)
      expect(changed(change, 1).word).toBe("regressed");
  });

  it("names each fault once, and all together only where no single one shows it", () => {
    const { findings } = changed({ fromZero: true });
    expect(findings.filter(({ severity }) => severity === "block").map(({ scenario }) => scenario)).toEqual([
      "killed",
      "killed-saving",
    ]);
  });

  it("is a regression in calm runs, not a failure to measure", () => {
    const { word, headline, findings } = changed({ broken: true });
    expect(word).toBe("regressed");
    expect(headline).toBe("Less resilient under 3 of 3 faults: merge blocked");
    expect(findings.filter(({ kind }) => kind === "fault-missed")).toEqual([]);
  });
});

describe("a harmless change", () => {
  it.each([
    ["nothing", {}],
    ["quicker steps, of which the waits are a larger part", { stepTimes: 0.3 }],
    ["slower steps, faults or none", { stepTimes: 1.5 }],
    ["a little later start", { startMoreMs: 100 }],
    ["saves that are a little further apart", { saveEvery: 11 }],
  ] as const)("passes: %s", (_, change) => {
    expect(changed(change).word).toBe("pass");
  });

  it("passes against runs of a machine half as fast, and twice as fast", () => {
    for (const speed of [0.5, 2])
      expect(verdictOn(jobProfile({ seed: 5 }), baselineOf(3, { speed })).word).toBe("pass");
  });

  it("is not failed for losses that differ as calm ones do, and is where they differ more", () => {
    const noisy = (change: JobChange): Verdict =>
      verdictOn(jobProfile({ seed: 5, lossNoise: 5e-3, change }), baselineOf(3, { lossNoise: 5e-3 }));
    expect(noisy({}).word).toBe("pass");
    expect(noisy({ lossBump: 0.3 }).word).toBe("regressed");
  });
});

/** Base and head alike, on machines of other speeds; what is drawn is the seed's alone. */
const words = (draws: number, runs: number, change: JobChange = {}): Readonly<Record<string, number>> => {
  const count: Record<string, number> = {};
  for (let draw = 0; draw < draws; draw++) {
    const profiles = Array.from({ length: runs }, (_, run) =>
      jobProfile({ seed: 100 * draw + run, speed: 0.8 + ((7 * draw + 3 * run) % 9) / 20, change }),
    );
    const verdict = verdictOn(jobProfile({ seed: 100 * draw + 50, change }), {
      schemaVersion: 1,
      suite: "train",
      profiles,
    });
    count[verdict.word] = (count[verdict.word] ?? 0) + 1;
  }
  return count;
};

describe("a change that changes nothing", () => {
  it("is never failed, over many draws", () => {
    expect(words(80, 3)).toEqual({ pass: 80 });
    expect(words(40, 1)).toEqual({ pass: 40 });
  });

  it("of a job that fails in a third of its runs is seldom failed, and left open most often", () => {
    const { regressed = 0, invalid = 0 } = words(60, 3, { flaky: 0.33 });
    expect(regressed).toBeLessThanOrEqual(0.05 * 60);
    expect(invalid).toBe(0);
  });
});

describe("what takes part in Holm's procedure", () => {
  it("is nothing that happened on neither side: it is bounded all the same", () => {
    const verdict = changed({});
    expect(find(verdict, "killed", "crashes")).toMatchObject({
      label: "ok",
      p: null,
      base: 0,
      head: 0,
      primary: true,
    });
  });

  it("leaves open what two runs can not exclude", () => {
    const verdict = verdictOn(jobProfile({ seed: 5, repeats: 2 }));
    expect(verdict.word).toBe("inconclusive");
    expect(verdict.findings.find(({ kind }) => kind === "widest")?.detail.join(" ")).toContain(
      "workload.job.repeats",
    );
  });

  it("stays open where the head's log has ceased to tell it", () => {
    const head = jobProfile({ seed: 5 });
    const unsaved = withRuns(head, ({ events }) => ({
      events: events.filter(({ kind }) => kind === "loaded"),
    }));
    const lossless = withRuns(head, ({ steps }) => ({
      steps: { ...steps, loss: steps.loss.map(() => null) },
    }));
    expect(verdictOn(unsaved).word).toBe("inconclusive");
    expect(find(verdictOn(lossless), "store-slow", "loss-left")).toMatchObject({
      refused: "not-measured",
      primary: true,
    });
    expect(verdictOn(lossless).word).toBe("inconclusive");
  });

  it("is not asked for where nothing of the kind was measured", () => {
    const verdict = changed({});
    for (const metric of ["from-zero", "resume", "failed-restarts", "lost-steps"] as const)
      expect(find(verdict, "store-slow", metric)).toMatchObject({ refused: "not-measured", primary: false });
  });
});

const withRuns = (
  profile: Profile,
  edit: (run: NonNullable<Profile["jobRuns"]>[number]) => object,
): Profile => ({
  ...profile,
  jobRuns: (profile.jobRuns ?? []).map((run) => ({ ...run, ...edit(run) })),
});

describe("a run that measured nothing", () => {
  const quiet = jobProfile({ seed: 5 });

  it("is invalid where all runs of a fault do not count, and notes those that do not", () => {
    const all = withRuns(quiet, ({ scenario }) =>
      scenario === "killed" ? { invalid: "the disk was full" } : {},
    );
    expect(verdictOn(all)).toMatchObject({
      word: "invalid",
      headline:
        "Not measured: service is killed (SIGKILL) at every 35 steps: 3 of 3 runs do not count: the disk was full",
    });
    const one = withRuns(quiet, ({ scenario, repeat }) =>
      scenario === "killed" && repeat === 0 ? { invalid: "the disk was full" } : {},
    );
    expect(verdictOn(one).findings.find(({ kind }) => kind === "invalid-window")?.severity).toBe("note");
  });

  it("is invalid where a planned strike never came though the job went on", () => {
    const verdict = verdictOn(
      withRuns(quiet, ({ scenario }) => (scenario === "killed" ? { strikes: [] } : {})),
    );
    expect(verdict.word).toBe("invalid");
    expect(verdict.headline).toContain("the fault struck nothing");
  });

  it("is invalid where the fault was in force and met no call", () => {
    const verdict = verdictOn(
      withRuns(quiet, ({ scenario, strikes }) =>
        scenario === "store-slow"
          ? {
              strikes: strikes.map((strike) => ({
                ...strike,
                receipts: strike.receipts.map((receipt) => ({ ...receipt, affected: 0 })),
              })),
            }
          : {},
      ),
    );
    expect(verdict.word).toBe("invalid");
    expect(verdict.findings[0]?.detail[0]).toContain("made no call to data");
  });

  it("blames the job, not the measurement, where it died before a later strike", () => {
    const verdict = changed({ tornSave: true });
    expect(verdict.findings.filter(({ kind }) => kind === "fault-missed")).toEqual([]);
  });

  it("is a consequence where the job saves so seldom that its save is never struck", () => {
    const verdict = changed({ saveEvery: 50 });
    expect(verdict.word).toBe("regressed");
    expect(find(verdict, "killed", "lost-steps")?.label).toBe("regressed");
    expect(verdict.findings.find(({ kind }) => kind === "fault-missed")?.severity).toBe("note");
  });

  it("has nothing to hold its runs against where no calm one completed, here or on main", () => {
    const broken = jobProfile({ seed: 5, change: { broken: true } });
    expect(verdictOn(broken, null).word).toBe("invalid");
    expect(verdictOn(broken, baselineOf(3, { change: { broken: true } })).word).toBe("invalid");
  });
});

describe("the headline", () => {
  it("names calm runs where they alone are worse", () => {
    const calm = withRuns(jobProfile({ seed: 5 }), ({ scenario }) =>
      scenario === "control" ? { orphans: 1 } : {},
    );
    expect(verdictOn(calm).headline).toBe("Less resilient in calm runs: merge blocked");
  });
});

describe("a job that ends well before its last step", () => {
  it("has not completed", () => {
    const early = withRuns(jobProfile({ seed: 5 }), ({ scenario, steps }) =>
      scenario === "store-slow"
        ? {
            steps: {
              step: steps.step.slice(0, 60),
              atMs: steps.atMs.slice(0, 60),
              loss: steps.loss.slice(0, 60),
            },
          }
        : {},
    );
    const verdict = verdictOn(early);
    expect(find(verdict, "store-slow", "not-completed")?.label).toBe("regressed");
    expect(verdict.findings[0]?.detail[0]).toContain(
      "ended by itself at step 60, short of what calm runs reach",
    );
  });
});

describe("what the suite expects of a job", () => {
  const expecting = (change: JobChange, ...expect: readonly Hypothesis[]) =>
    verdictOn(
      jobProfile({ seed: 5, change }),
      null,
      JOB_SCENARIOS.slice(1, 2).map(({ name, faults }) => ({ name, faults, expect })),
    ).hypotheses;
  const limit = (
    metric: Hypothesis["metric"],
    comparator: Hypothesis["comparator"],
    value: number,
  ): Hypothesis => ({ metric, comparator, limit: value, text: `${metric} ${comparator} ${value}` });

  it("holds or not by the worst of its runs and restarts", () => {
    expect(
      expecting(
        {},
        limit("completed", ">=", 1),
        limit("crashes", "<=", 0),
        limit("fromZero", "<=", 0),
        limit("lostSteps", "<=", 9),
        limit("lostSteps", "<=", 10),
        limit("nanSteps", "<=", 0),
        limit("lossDeviation", "<=", 0.01),
        limit("resume", "<=", 5000),
        limit("goodput", ">=", 0.9),
      ).map(({ holds }) => holds),
    ).toEqual(["yes", "yes", "yes", "no", "yes", "yes", "yes", "yes", "no"]);
    expect(
      expecting(
        { fromZero: true, lossBump: 0.1 },
        limit("fromZero", "<=", 0),
        limit("lossDeviation", "<=", 0.01),
      ).map(({ holds, observed }) => [holds, (observed ?? 0) > 0]),
    ).toEqual([
      ["no", true],
      ["no", true],
    ]);
  });

  it("is not settled by what was not measured", () => {
    const none = verdictOn(jobProfile({ seed: 5 }), null, [
      { name: "store-slow", faults: [], expect: [limit("resume", "<=", 10)] },
    ]).hypotheses;
    expect(none.map(({ holds }) => holds)).toEqual(["unclear"]);
  });

  it("takes a restart without a new step for one that took the rest of the run", () => {
    const stuck = withRuns(jobProfile({ seed: 5 }), ({ scenario, strikes, attempts, steps }) => {
      if (scenario !== "killed") return {};
      const until = steps.atMs.findIndex((atMs) => atMs > (strikes[0]?.atMs ?? 0));
      return {
        outcome: "timed-out",
        durationMs: 60_000,
        attempts: attempts
          .slice(0, 2)
          .map((each, place) => (place === 0 ? each : { ...each, end: "run-end" })),
        steps: {
          step: steps.step.slice(0, until),
          atMs: steps.atMs.slice(0, until),
          loss: steps.loss.slice(0, until),
        },
      };
    });
    const [result] = verdictOn(stuck, null, [
      { name: "killed", faults: [], expect: [limit("resume", "<=", 5000)] },
    ]).hypotheses;
    expect(result?.holds).toBe("no");
    expect(result?.observed).toBeGreaterThan(50_000);
  });
});

describe("an experiment that strikes at other steps than the baseline's", () => {
  it("is new, and its runs are not compared", () => {
    const head = jobProfile({ seed: 5, change: { crashes: 1 } });
    const other: Profile = {
      ...head,
      suiteHash: "another",
      scenarios: head.scenarios.map((scenario) =>
        scenario.name === "store-slow" ? { ...scenario, trigger: { type: "step", step: 51 } } : scenario,
      ),
    };
    const verdict = verdictOn(other);
    expect(find(verdict, "store-slow", "crashes")).toBeUndefined();
    expect(verdict.findings.find(({ kind }) => kind === "new-scenario")?.scenario).toBe("store-slow");
    expect(find(verdict, "killed", "crashes")?.label).toBe("ok");
  });
});
