import { describe, expect, it } from "vitest";
import { conductComparisons } from "../../../../src/core/judge/conduct/index.ts";
import { buildContext } from "../../../../src/core/judge/context.ts";
import { judge } from "../../../../src/core/judge/judge.ts";
import { labelComparisons } from "../../../../src/core/judge/label.ts";
import { twinComparisons } from "../../../../src/core/judge/twins/index.ts";
import type { Profile } from "../../../../src/core/profile.ts";
import type { Comparison, Metric } from "../../../../src/core/verdict.ts";
import { type Change, SYNTHETIC_POLICY, syntheticProfile } from "../../../support/synthetic-profile.ts";

const run = (runSeed: number, change: Change = {}, scheduleSeed = 7): Profile =>
  syntheticProfile({ scheduleSeed, runSeed, rateRps: 20, change, stallEveryS: 1e6, neighbourEveryS: 1e6 });

const contextOf = (head: Profile, base: Profile) =>
  buildContext(head, { schemaVersion: 1, suite: head.suite, profiles: [base] }, SYNTHETIC_POLICY);

const compare = (head: Profile, base: Profile): readonly Comparison[] =>
  conductComparisons(contextOf(head, base));

const regressions = (comparisons: readonly Comparison[]): readonly string[] =>
  labelComparisons(comparisons, SYNTHETIC_POLICY.alpha)
    .filter(({ label }) => label === "regressed")
    .map(({ scenario, metric }) => `${scenario}/${metric}`);

const find = (comparisons: readonly Comparison[], scenario: string, metric: Metric): Comparison | undefined =>
  comparisons.find((each) => each.scenario === scenario && each.metric === metric);

const CARELESS: readonly (readonly [string, Change, string])[] = [
  ["a removed retry hidden by a fallback", { hitDegraded: 1, scenario: "reset" }, "reset/degraded-rate"],
  [
    "a removed retry hidden by a fallback, among hits",
    { hitDegraded: 1, scenario: "reset" },
    "reset/hit-degraded-rate",
  ],
  ["a fifth of hits answered by the fallback", { hitDegraded: 0.2 }, "all/hit-degraded-rate"],
  ["a cut stream passed on as complete", { hitIncomplete: 1, scenario: "cut" }, "cut/incomplete-rate"],
  ["a retry storm", { hitExtraCalls: 1, scenario: "slow" }, "slow/hit-calls-per-request"],
  ["a retry storm, over all requests", { hitExtraCalls: 3, scenario: "slow" }, "slow/calls-per-request"],
  ["no breaker", { outageCalls: 2.9 }, "outage/calls-per-request"],
  ["a ready path that lies", { readyLies: true }, "outage/ready-truth"],
  ["answers that change under the fault", { hitDrift: 1, scenario: "reset" }, "reset/drift-rate"],
];

describe("work expected to end with its client", () => {
  const expected = (aborts: Profile["aborts"]) => {
    const head = { ...run(1), aborts };
    const experiments = [
      {
        name: "slow",
        faults: [],
        expect: [{ metric: "workAfterAbort", comparator: "<=", limit: 0, text: "workAfterAbort <= 0" }],
      },
    ] as const;
    const { hypotheses } = judge({ head, baseline: null, policy: SYNTHETIC_POLICY, experiments });
    return hypotheses.map(({ holds, observed }) => [holds, observed]);
  };
  const window = run(1).windows.findIndex(({ scenario }) => scenario === "slow");
  const record = { window, aborted: 10, drainedMs: 0 };

  it.each([
    ["all calls ended with their clients", { openAfter1s: 0, finished: 0 }, "yes", 0],
    ["calls were still open", { openAfter1s: 4, finished: 0 }, "no", 4],
    ["short calls ran to their very end", { openAfter1s: 0, finished: 7 }, "no", 7],
    ["a client had two calls open", { openAfter1s: 20, finished: 3 }, "no", 10],
    ["an older run knows of open calls alone", { openAfter1s: 0 }, "yes", 0],
  ] as const)("%s", (_, counts, holds, observed) => {
    expect(expected([{ ...record, ...counts }])).toEqual([[holds, observed]]);
  });
});

describe("calls of a service that is killed", () => {
  /** The outage as a kill, with so many calls a request. */
  const killed = (seed: number, perRequest: number): Profile => {
    const profile = run(seed);
    return {
      ...profile,
      scenarios: profile.scenarios.map((each) =>
        each.name === "outage" ? { ...each, shape: "kill" } : each,
      ),
      edgeCalls: profile.edgeCalls.map((each) =>
        profile.windows[each.window]?.scenario === "outage"
          ? { ...each, calls: Math.round(each.clientRequests * perRequest) }
          : each,
      ),
    };
  };

  it("are no more for its being back sooner, up to those of calm traffic", () => {
    const comparisons = compare(killed(1, 0.8), killed(2, 0.5));
    expect(find(comparisons, "outage", "calls-per-request")).toMatchObject({
      base: 0.5,
      head: 0.8,
      label: "ok",
    });
    expect(regressions(comparisons)).toEqual([]);
  });

  it("are worse where they are more than calm traffic makes", () => {
    expect(regressions(compare(killed(1, 2), killed(2, 0.5)))).toContain("outage/calls-per-request");
  });
});

describe("conduct with twins", () => {
  it.each([1, 2, 3, 4])("equal code, run %i: nothing regressed, every primary comparison bounded", (seed) => {
    const comparisons = compare(run(seed + 100), run(seed));
    expect(regressions(comparisons)).toEqual([]);
    expect(comparisons.filter(({ primary, label }) => primary && label !== "ok")).toEqual([]);
    expect(new Set(comparisons.map(({ method }) => method))).toEqual(new Set(["twin"]));
  });

  it.each(CARELESS)("%s: caught", (_, change, expected) => {
    expect(regressions(compare(run(101, change), run(1)))).toContain(expected);
  });

  it("sees a retry storm that no other measure sees", () => {
    const context = contextOf(run(101, { hitExtraCalls: 1, scenario: "slow" }), run(1));
    const seen = regressions([...twinComparisons(context), ...conductComparisons(context)]);
    expect(seen).toContain("slow/hit-calls-per-request");
    expect(seen.filter((each) => !each.endsWith("calls-per-request"))).toEqual([]);
  });

  it("sees cut answers though the error rate stays", () => {
    const context = contextOf(run(101, { hitIncomplete: 1, scenario: "cut" }), run(1));
    expect(find(twinComparisons(context), "cut", "error-rate")?.change).toBe(0);
    expect(find(conductComparisons(context), "cut", "hit-incomplete-rate")?.change).toBe(1);
  });
});

describe("conduct against a run of another schedule", () => {
  it("equal code: nothing regressed", () => {
    const comparisons = compare(run(101), run(1, {}, 8));
    expect(regressions(comparisons)).toEqual([]);
    expect(new Set(comparisons.map(({ method }) => method))).toEqual(new Set(["stored"]));
  });

  it.each(CARELESS.filter(([, , expected]) => !expected.startsWith("all/")))(
    "%s: caught",
    (_, change, expected) => {
      expect(regressions(compare(run(101, change), run(1, {}, 8)))).toContain(expected);
    },
  );
});

describe("drift", () => {
  /** Struck answers under `cut` fail in the baseline; here they are passed on, or given up for a fallback. */
  const passedOn = (outcome: "ok" | "degraded"): Profile => {
    const profile = run(3);
    return {
      ...profile,
      observations: profile.observations.map((row) =>
        row.hit && profile.windows[row.window]?.scenario === "cut"
          ? { ...row, outcome, status: 200, answerHash: `half of ${row.requestId}` }
          : row,
      ),
    };
  };
  const labels = (head: Profile) =>
    judge({
      head,
      baseline: { schemaVersion: 1, suite: head.suite, profiles: [run(1)] },
      policy: SYNTHETIC_POLICY,
      experiments: [],
    })
      .comparisons.filter(
        ({ scenario, metric }) => scenario === "cut" && ["drift-rate", "error-rate"].includes(metric),
      )
      .map(({ metric, label }) => `${metric} ${label}`);

  it("counts answers that take the place of errors and say something else: cut streams passed on as complete", () => {
    expect(labels(passedOn("ok"))).toContain("drift-rate regressed");
    expect(labels(passedOn("ok"))).not.toContain("error-rate improved");
  });

  it("counts no fallback, which says so itself", () => {
    expect(labels(passedOn("degraded"))).toContain("drift-rate ok");
  });

  it("is advisory where calm answers of the same request differ", () => {
    const sampled = run(101, { hitDrift: 1 });
    const head = {
      ...sampled,
      observations: sampled.observations.map((row) => ({ ...row, answerHash: `${row.slot}` })),
    };
    const drift = compare(head, run(1)).filter(({ metric }) => metric === "drift-rate");
    expect(drift).toHaveLength(5);
    expect(drift.every(({ p, label }) => p === null && label === "advisory")).toBe(true);
  });
});

describe("truth of the ready path", () => {
  it("is no lie where the service has learned to stand the outage", () => {
    const head = run(101, { readyLies: true });
    const stands = {
      ...head,
      observations: head.observations.map((row) =>
        head.windows[row.window]?.scenario === "outage"
          ? { ...row, outcome: "degraded" as const, status: 200 }
          : row,
      ),
    };
    expect(find(compare(stands, run(1)), "outage", "ready-truth")).toMatchObject({
      head: 1,
      label: "ok",
      p: 0.5,
    });
  });

  it("counts replicas looked at in one moment as one look", () => {
    const doubled = (profile: Profile): Profile => ({
      ...profile,
      health: profile.health.flatMap((look) => [look, { ...look, status: 200 }]),
    });
    const one = find(compare(run(101), run(1)), "outage", "ready-truth");
    const two = find(compare(doubled(run(101)), doubled(run(1))), "outage", "ready-truth");
    expect(two?.n).toBe(one?.n);
    // Of a moment in which one of two replicas said 503, half was healthy.
    expect(two?.head).toBeCloseTo(((one?.head ?? 0) + 1) / 2);
  });

  it("is reported under every scenario, and tested under outages alone", () => {
    const truths = compare(run(101), run(1)).filter(({ metric }) => metric === "ready-truth");
    expect(truths.map(({ scenario }) => scenario)).toEqual([
      "control",
      "slow",
      "reset",
      "cut",
      "cpu",
      "outage",
    ]);
    for (const { scenario, label, p, primary, head } of truths) {
      expect(head).toBeGreaterThanOrEqual(0);
      expect([primary, p === null, label === "advisory"]).toEqual(
        scenario === "outage" ? [true, false, false] : [false, true, true],
      );
    }
  });

  it("is not asked where the suite names no such path", () => {
    const silent = { ...run(101), health: [] };
    expect(find(compare(silent, run(1)), "outage", "ready-truth")).toBeUndefined();
  });
});

describe("deaths", () => {
  const dies = (profile: Profile, times: number, injected = false): Profile => ({
    ...profile,
    deaths: Array.from({ length: times }, () => ({
      name: "service",
      atMs: 1,
      window: 1,
      exitCode: 1,
      signal: null,
      injected,
    })),
  });
  it.each([
    ["one leaves the verdict open", 1, "unbounded"],
    ["two in a run are a regression", 2, "regressed"],
  ])("%s", (_, times, label) => {
    const found = labelComparisons(compare(dies(run(101), times), run(1)), 0.05).find(
      ({ metric }) => metric === "deaths",
    );
    expect(found?.label).toBe(label);
  });
  it("that we caused do not count", () => {
    expect(compare(dies(run(101), 3, true), run(1)).some(({ metric }) => metric === "deaths")).toBe(false);
  });
});

describe("work after clients hung up", () => {
  const aborts = (profile: Profile, openAfter1s: number): Profile => ({
    ...profile,
    aborts: profile.windows.flatMap((window, index) =>
      window.scenario === "slow" ? [{ window: index, aborted: 8, openAfter1s, drainedMs: null }] : [],
    ),
  });
  it("regresses when calls stay open", () => {
    expect(regressions(compare(aborts(run(101), 8), aborts(run(1), 0)))).toContain("slow/work-after-abort");
    expect(find(compare(aborts(run(101), 0), aborts(run(1), 0)), "slow", "work-after-abort")?.label).toBe(
      "ok",
    );
  });
});

describe("a path that says 2xx while requests fail", () => {
  const findings = (head: Profile, base: Profile) =>
    judge({
      head,
      baseline: { schemaVersion: 1, suite: head.suite, profiles: [base] },
      policy: SYNTHETIC_POLICY,
      experiments: [],
    }).findings.filter(({ kind }) => kind === "health-lies");
  const lying = { readyLies: true };

  it("as the baseline's did is noted, and named with its figures", () => {
    const [finding, ...others] = findings(run(101, lying), run(1, lying));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: "note",
      scenario: "outage",
      metric: "ready-truth",
      edge: "llm",
    });
    expect(finding?.title).toMatch(/^llm is down: the ready path said 2xx in (\d+) of \d+ looks while most/);
  });

  it("where the baseline's did not is told as a regression, not twice", () => {
    expect(findings(run(101, lying), run(1))).toEqual([]);
  });

  it("is no lie of a health path that means alive, beside a ready path that tells the truth", () => {
    expect(findings(run(101), run(1))).toEqual([]);
    const healthOnly = (profile: Profile): Profile => ({
      ...profile,
      health: profile.health.filter(({ path }) => path === "health"),
    });
    expect(findings(healthOnly(run(101)), healthOnly(run(1)))).toMatchObject([{ metric: "health-truth" }]);
  });
});
