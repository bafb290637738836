import { describe, expect, it } from "vitest";
import { buildContext, rowsOf, type Side } from "../../../src/core/judge/context.ts";
import { estimatesOf } from "../../../src/core/judge/estimates.ts";
import { judge } from "../../../src/core/judge/judge.ts";
import { mergeComparisons } from "../../../src/core/judge/label.ts";
import { buildResult } from "../../../src/core/judge/result.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { Profile, Scenario } from "../../../src/core/profile.ts";
import type { Experiment, Hypothesis, Policy } from "../../../src/core/suite.ts";
import type { Comparison, Verdict } from "../../../src/core/verdict.ts";
import { METHOD_POLICY } from "../../support/method-cases.ts";
import { attributed, CONTROL, KILL, syntheticRun } from "../../support/synthetic-runs.ts";

const SCENARIO = attributed("slow-llm");
const experiment = (expectations: readonly Hypothesis[], name = SCENARIO.name): Experiment => ({
  name,
  faults: SCENARIO.faults,
  expect: expectations,
});
const judged = (
  head: Profile,
  bases: readonly Profile[] | null,
  experiments: readonly Experiment[] = [],
  policy: Policy = METHOD_POLICY,
): Verdict =>
  judge({
    head,
    baseline: bases && { schemaVersion: 1, suite: "cases", profiles: bases },
    policy,
    experiments,
  });
const find = (verdict: Verdict, metric: Comparison["metric"], scenario = SCENARIO.name): Comparison => {
  const found = verdict.comparisons.find((each) => each.metric === metric && each.scenario === scenario);
  if (found === undefined) throw new Error(`no ${scenario}/${metric}`);
  return found;
};
const base = syntheticRun({ seed: 1 });
const onHits =
  (change: (observation: Observation) => Partial<Observation>) =>
  (observation: Observation): Observation =>
    observation.hit ? { ...observation, ...change(observation) } : observation;
const slower = (ms: number) =>
  onHits(({ latencyMs }) => ({ latencyMs: latencyMs + ms, ttftMs: latencyMs + ms }));

describe("the same code twice", () => {
  it("passes", () => {
    const verdict = judged(syntheticRun({ seed: 2 }), [base]);
    expect(verdict.word).toBe("pass");
    expect(verdict.headline).toBe("As resilient as the baseline under the fault");
    expect(verdict.findings).toEqual([]);
  });

  it("gives the same verdict every time, and passes against pooled runs", () => {
    const runs = [1, 3, 4].map((seed) => syntheticRun({ seed }));
    const verdict = judged(syntheticRun({ seed: 2 }), runs);
    expect(verdict.word).toBe("pass");
    expect(judged(syntheticRun({ seed: 2 }), runs)).toEqual(verdict);
  });

  it("says the smallest change it could have seen, above the margin", () => {
    const hit50 = find(judged(syntheticRun({ seed: 2 }), [base]), "hit50");
    expect(hit50.smallestVisible).toBeGreaterThan(hit50.margin ?? Number.NaN);
    expect(hit50.smallestVisible).toBeLessThan(3 * (hit50.margin ?? 0));
  });

  it("on a machine twice as slow is not blamed, and the machine is named", () => {
    const head = syntheticRun({
      seed: 2,
      alter: (each) => ({ ...each, latencyMs: each.latencyMs + 60, ttftMs: (each.ttftMs ?? 0) + 60 }),
      profile: { fingerprint: { ...base.fingerprint, cpuModel: "slower" } },
    });
    const verdict = judged(head, [base]);
    expect(verdict.word).toBe("pass");
    expect(verdict.findings.map(({ kind, severity }) => `${kind}/${severity}`)).toEqual(["machine/note"]);
  });
});

describe("a careless change", () => {
  it("that makes struck requests 20 % slower is regressed, and named with numbers", () => {
    const verdict = judged(syntheticRun({ seed: 2, alter: slower(72) }), [base]);
    expect(verdict.word).toBe("regressed");
    expect(verdict.headline).toBe("Less resilient under 1 of 1 fault: merge blocked");
    expect(verdict.worstScenario).toBe("slow-llm");
    const [finding] = verdict.findings;
    expect(finding).toMatchObject({ kind: "regression", severity: "block", metric: "hit50", edge: "llm" });
    expect(finding?.title).toMatch(
      /^llm answers 300 ms late .*: median latency of struck requests 3\d\d ms -> 4\d\d ms \(\+7\d ms, 95 % CI \+\d+\.\.\+\d+; allowed \+3\d ms\)$/,
    );
  });

  it("that loses struck requests is told by its errors, not by the censored median", () => {
    const head = syntheticRun({ seed: 2, alter: onHits(() => ({ outcome: "status", status: 500 })) });
    const verdict = judged(head, [base]);
    expect(verdict.word).toBe("regressed");
    expect(verdict.findings[0]).toMatchObject({ metric: "error-rate", scenario: "slow-llm" });
    const hit50 = find(verdict, "hit50");
    expect(hit50).toMatchObject({ label: "regressed", p: 1e-6, head: 10_000 });
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  it("that makes one answer in twelve 600 ms slower shows in the slow share", () => {
    const alter = (each: Observation): Observation =>
      each.slot % 12 === 1 ? { ...each, latencyMs: each.latencyMs + 600 } : each;
    const head = syntheticRun({
      seed: 2,
      alter: (each, scenario) => (scenario === "slow-llm" ? alter(each) : each),
    });
    const verdict = judged(head, [base]);
    expect(verdict.word).toBe("regressed");
    expect(find(verdict, "slow-share").label).toBe("regressed");
  });

  it("in calm traffic alone is not judged in stored mode", () => {
    const head = syntheticRun({
      seed: 2,
      alter: (each) => ({ ...each, latencyMs: each.latencyMs * 1.2, ttftMs: (each.ttftMs ?? 0) * 1.2 }),
    });
    expect(find(judged(head, [base]), "p50").label).not.toBe("regressed");
  });
});

describe("what calm traffic tells", () => {
  const tail = (each: Observation): Observation =>
    each.slot % 10 === 1 ? { ...each, latencyMs: each.latencyMs + 600 } : each;

  it("is taken off the slow share: a tail of all traffic is no loss of resilience", () => {
    expect(find(judged(syntheticRun({ seed: 2, alter: tail }), [base]), "slow-share").label).not.toBe(
      "regressed",
    );
  });

  it.each(["additive", "multiplicative"] as const)(
    "enters the error of an %s change as the method says",
    (scale) => {
      const scenario = { ...SCENARIO, scale };
      const scenarios = [CONTROL, scenario];
      const [head, stored] = [2, 1].map((seed) => syntheticRun({ seed, scenarios }));
      if (head === undefined || stored === undefined) throw new Error("two runs");
      const baseline = { schemaVersion: 1, suite: "cases", profiles: [stored] } as const;
      const context = buildContext(head, baseline, METHOD_POLICY);
      const estimates = estimatesOf(context);
      const at = (side: Side | null, which: Scenario) => {
        const estimate =
          side &&
          estimates.quantile(side, which, scale, { measure: "latency", q: 0.5, hitsOnly: which !== CONTROL });
        if (estimate === null) throw new Error("no estimate");
        return estimate;
      };
      const [f1, f0] = [at(context.head, scenario), at(context.baseline, scenario)];
      const [c1, c0] = [at(context.head, CONTROL), at(context.baseline, CONTROL)];
      const kappa = scale === "additive" ? 1 : f0.quantile / c0.quantile;
      const spread = 0.03 * (scale === "additive" ? c0.quantile : f0.quantile);
      const variance =
        f1.seDown ** 2 + f0.seUp ** 2 + kappa ** 2 * (c1.seUp ** 2 + c0.seDown ** 2) + spread ** 2;
      expect(find(judged(head, [stored]), "hit50").details["S"]).toBeCloseTo(Math.sqrt(variance), 9);
    },
  );
});

describe("a baseline that failed where the head fails too", () => {
  const failing = onHits(() => ({ outcome: "timeout-total", latencyMs: 10_000 }));
  it("refuses the censored median and lets the error rate decide", () => {
    const verdict = judged(syntheticRun({ seed: 2, alter: failing }), [
      syntheticRun({ seed: 1, alter: failing }),
    ]);
    expect(find(verdict, "hit50")).toMatchObject({ label: "refused", refused: "censored", p: null });
    expect(find(verdict, "error-rate").change).toBe(0);
  });

  it("can still pass: a median that was censored before bars nothing", () => {
    const [one, other] = [2, 1].map((seed) => syntheticRun({ seed, rows: 4000, alter: failing }));
    if (one === undefined || other === undefined) throw new Error("two runs");
    expect(judged(one, [other]).word).toBe("pass");
  });

  it("calls a head that no longer fails improved", () => {
    const verdict = judged(syntheticRun({ seed: 2 }), [syntheticRun({ seed: 1, alter: failing })]);
    expect(find(verdict, "error-rate").label).toBe("improved");
    expect(verdict.findings.map(({ kind }) => kind)).toContain("improvement");
  });
});

describe("too little data", () => {
  it("is inconclusive, never a pass, and the widest comparison is named", () => {
    const verdict = judged(syntheticRun({ seed: 2, rows: 40, windows: 4 }), [base]);
    expect(verdict.word).toBe("inconclusive");
    expect(verdict.widest).toMatchObject({ metric: "hit50", refused: "n" });
    expect(verdict.headline).toBe(
      "Not settled: llm answers 300 ms late on 20 % of calls (slow-llm): median latency of struck requests not judged, too few samples",
    );
    expect(verdict.findings[0]).toMatchObject({ kind: "widest", severity: "warn" });
  });
});

describe("a run that did not measure what it should", () => {
  const invalidated = (match: (scenario: string, round: number) => boolean) =>
    syntheticRun({
      seed: 2,
      alter: slower(200),
      alterWindow: (window) => (match(window.scenario, window.round) ? { ...window, lagP99Ms: 80 } : window),
    });

  it("is invalid where a scenario lost all windows, whatever it saw: no pass, no blame", () => {
    const verdict = judged(
      invalidated((scenario) => scenario === "slow-llm"),
      [base],
    );
    expect(verdict.word).toBe("invalid");
    expect(verdict.headline).toContain("8 of 8 windows do not count: requests left 80 ms late at p99");
    expect(verdict.findings.some(({ kind, severity }) => kind === "regression" && severity === "block")).toBe(
      false,
    );
  });

  it("only warns of what it saw elsewhere while a scenario is lost", () => {
    const scenarios = [CONTROL, SCENARIO, attributed("second")];
    const head = syntheticRun({
      seed: 2,
      scenarios,
      alter: slower(200),
      alterWindow: (window) => (window.scenario === "second" ? { ...window, achievedRate: 0.5 } : window),
    });
    const verdict = judged(head, [syntheticRun({ seed: 1, scenarios })]);
    expect(verdict.word).toBe("invalid");
    expect(
      verdict.findings.filter(({ kind }) => kind === "regression").map(({ severity }) => severity),
    ).toEqual(["warn"]);
  });

  it("still counts where some windows are left, and says which were lost", () => {
    const verdict = judged(
      invalidated((scenario, round) => scenario === "slow-llm" && round === 0),
      [base],
    );
    expect(verdict.word).toBe("regressed");
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({ kind: "invalid-window", severity: "note" }),
    );
  });

  it("is invalid where the receipts show that nothing was struck", () => {
    const head = syntheticRun({
      seed: 2,
      alterWindow: (window) => ({
        ...window,
        receipts: window.receipts.map((each) => ({ ...each, affected: 0 })),
      }),
    });
    const verdict = judged(head, [base]);
    expect(verdict.word).toBe("invalid");
    expect(verdict.findings[0]).toMatchObject({ kind: "fault-missed", severity: "block", edge: "llm" });
  });

  it.each([
    ["arch", { fingerprint: { ...base.fingerprint, arch: "arm64" } }],
    ["platform", { fingerprint: { ...base.fingerprint, platform: "darwin" } }],
    ["runtime", { fingerprint: { ...base.fingerprint, runtime: "docker" } }],
  ])("is invalid against a baseline of another %s, which is said", (word, profile) => {
    const verdict = judged(syntheticRun({ seed: 2 }), [syntheticRun({ seed: 1, profile })]);
    expect(verdict.word).toBe("invalid");
    expect(verdict.headline).toContain(word);
    expect(verdict.comparisons).toEqual([]);
  });

  it("has nothing to compare with where the suite has changed, and is no failure to measure", () => {
    const verdict = judged(syntheticRun({ seed: 2 }), [
      syntheticRun({ seed: 1, profile: { suiteHash: "other", frameHash: "other" } }),
    ]);
    expect(verdict.word).toBe("no-baseline");
    expect(verdict.headline).toBe(
      "No comparable baseline: the request set, load or dependencies have changed since it was measured",
    );
    expect(verdict.findings).toContainEqual(expect.objectContaining({ kind: "machine", severity: "warn" }));
  });

  it("leaves out the baseline runs that do not fit and uses the others", () => {
    const other = syntheticRun({ seed: 5, profile: { suiteHash: "other", frameHash: "" } });
    const verdict = judged(syntheticRun({ seed: 2 }), [other, base]);
    expect(verdict.word).toBe("pass");
    expect(verdict.findings[0]?.title).toBe(
      "1 baseline run left out: the suite has changed since it was measured",
    );
  });
});

describe("absolute hypotheses", () => {
  const errors = (limit: number): Hypothesis => ({
    metric: "errorRate",
    comparator: "<=",
    limit,
    text: `errorRate <= ${limit * 100}%`,
  });
  const head = syntheticRun({ seed: 2, alter: onHits(() => ({ outcome: "status", status: 500 })) });

  it("gate without a baseline too", () => {
    expect(judged(head, null).word).toBe("no-baseline");
    const verdict = judged(head, null, [experiment([errors(0.02)])]);
    expect(verdict.word).toBe("regressed");
    expect(verdict.headline).toBe("Expectation broken under 1 of 1 fault: merge blocked");
    expect(verdict.findings[0]?.title).toMatch(/expected errorRate <= 2%, measured 20 % \(95 % CI .*\)$/);
  });

  it("hold only with confidence, and are unclear near their limit", () => {
    const limits = [0.02, 0.2, 0.6].map(errors);
    const verdict = judged(head, null, [experiment(limits)]);
    expect(verdict.hypotheses.map(({ holds }) => holds)).toEqual(["no", "unclear", "yes"]);
  });

  it("judge times, goodput, calls per request, deaths and recovery", () => {
    const one = (
      metric: Hypothesis["metric"],
      comparator: Hypothesis["comparator"],
      limit: number,
    ): Hypothesis => ({
      metric,
      comparator,
      limit,
      text: `${metric} ${comparator} ${limit}`,
    });
    const measured = syntheticRun({
      seed: 2,
      scenarios: [CONTROL, SCENARIO, KILL],
      recoveriesMs: [1500, 1600, 1550],
      profile: {
        edgeCalls: [8, 9, 10, 11].map((window) => ({
          window,
          edge: "llm",
          calls: 60,
          hitCalls: 20,
          clientRequests: 50,
          hitRequests: 10,
          maxCalls: 2,
        })),
        deaths: [{ name: "service", atMs: 1, window: 9, exitCode: 1, signal: null, injected: false }],
      },
    });
    const verdict = judged(measured, null, [
      experiment([
        one("p50", "<=", 120),
        one("p95", "<", 100),
        one("p99", "<=", 5000),
        one("goodput", ">=", 0.9),
        one("callsPerRequest", "<=", 1.1),
        one("deaths", "<=", 0),
      ]),
      experiment([one("recovery", "<=", 5000), one("recovery", "<", 1000)], "kill"),
    ]);
    expect(verdict.hypotheses.map(({ text, holds }) => `${text}: ${holds}`)).toEqual([
      "p50 <= 120: yes",
      "p95 < 100: no",
      "p99 <= 5000: unclear",
      "goodput >= 0.9: yes",
      "callsPerRequest <= 1.1: no",
      "deaths <= 0: no",
      "recovery <= 5000: yes",
      "recovery < 1000: no",
    ]);
  });
});

describe("recovery from kills", () => {
  const scenarios = [CONTROL, SCENARIO, KILL];
  const killed = (
    seed: number,
    recoveriesMs: readonly (number | null)[],
    profile: Partial<Profile> = {},
  ): Profile => syntheticRun({ seed, scenarios, recoveriesMs, profile });
  const usual = [1900, 2000, 2100, 1950, 2050, 2000];

  it("that doubles is regressed", () => {
    const verdict = judged(
      killed(
        2,
        usual.map((ms) => 2 * ms),
      ),
      [killed(1, usual)],
    );
    expect(find(verdict, "recovery", "kill")).toMatchObject({ label: "regressed", primary: true });
    expect(verdict.findings[0]).toMatchObject({ metric: "recovery", scenario: "kill", edge: "service" });
  });

  it("that takes longer as the machine is slower is not", () => {
    const head = killed(
      2,
      usual.map((ms) => 1.6 * ms),
      { probeMs: 160 },
    );
    expect(find(judged(head, [killed(1, usual)]), "recovery", "kill").label).toBe("ok");
  });

  it("that mostly never comes is a failure", () => {
    const verdict = judged(killed(2, [2000, null, null, null, 2000, null]), [killed(1, usual)]);
    expect(find(verdict, "recovery", "kill").label).toBe("regressed");
    expect(verdict.findings[0]?.title).toBe(
      "service killed: recovery time 2 s -> most kills not recovered within 10 s",
    );
  });

  it("seen in fewer than three kills is refused, so nothing passes", () => {
    const verdict = judged(killed(2, [2000, 2000]), [killed(1, usual)]);
    expect(find(verdict, "recovery", "kill").refused).toBe("n");
    expect(verdict.word).toBe("inconclusive");
  });
});

describe("twins", () => {
  it("take the place of stored comparisons, whose medians are no longer primary", () => {
    const profile = { scheduleHash: "shared" };
    const verdict = judged(syntheticRun({ seed: 1, profile }), [syntheticRun({ seed: 1, profile })]);
    expect(verdict.word).toBe("pass");
    expect(find(verdict, "hit50").method).toBe("twin");
    expect(find(verdict, "error-rate").method).toBe("twin");
    const keys = verdict.comparisons.map(({ scenario, metric, edge }) => `${scenario}/${metric}/${edge}`);
    expect(new Set(keys).size).toBe(keys.length);
    const storedMedians = verdict.comparisons.filter(
      ({ metric, method }) => method === "stored" && (metric === "p50" || metric === "hit50"),
    );
    expect(storedMedians.filter(({ primary }) => primary)).toEqual([]);
  });
});

describe("merging", () => {
  it("leaves a scenario's stored medians beside a twin's, but not primary", () => {
    const verdict = judged(syntheticRun({ seed: 2 }), [base]);
    const stored = verdict.comparisons.filter(({ metric }) => metric === "p50" || metric === "hit50");
    const twin = { ...find(verdict, "hit50"), method: "twin" as const };
    const merged = mergeComparisons(stored, [twin], base.scenarios);
    expect(merged.map(({ metric, method, primary }) => [metric, method, primary])).toEqual([
      ["p50", "stored", false],
      ["hit50", "twin", true],
    ]);
  });

  it("judges the dead seconds of a kill with recovery's allowance, not as twins", () => {
    const verdict = judged(syntheticRun({ seed: 2 }), [base]);
    const killed = { ...find(verdict, "error-rate"), scenario: "kill" };
    const merged = mergeComparisons([killed], [{ ...killed, method: "twin" }], [KILL]);
    expect(merged).toEqual([killed]);
  });
});

describe("what counts", () => {
  it("are the newest baseline runs, as many as the policy pools", () => {
    const profiles = [3, 4, 5].map((seed) => syntheticRun({ seed }));
    const baseline = { schemaVersion: 1, suite: "cases", profiles } as const;
    const context = buildContext(base, baseline, { ...METHOD_POLICY, pooledRuns: 2 });
    expect(context.baseline?.runs.map((run) => run.profile.scheduleHash)).toEqual(["s4", "s5"]);
    const rows = rowsOf(context.baseline, "slow-llm");
    expect(rows).toHaveLength(800);
    expect(new Set(rows.map(({ block }) => block)).size).toBe(16);
  });

  it("leaves out guards, invalid windows and outcomes of our own, and keeps failures as endless", () => {
    const head = syntheticRun({
      seed: 2,
      rows: 80,
      windows: 4,
      alterWindow: (window) => ({
        ...window,
        guardMs: window.round === 0 ? 100 : 0,
        ...(window.round === 1 ? { invalid: "stopped" } : {}),
        ...(window.round === 2 ? { phase: "settle" as const } : {}),
      }),
      alter: (each) =>
        each.slot === 1
          ? { ...each, outcome: "client-abort" }
          : each.slot === 7
            ? { ...each, outcome: "reset" }
            : each,
    });
    const rows = rowsOf(buildContext(head, null, METHOD_POLICY).head, "slow-llm");
    // Round 0: slots 5..19; rounds 1 and 2: none; round 3: all but slot 1.
    expect(rows.map(({ round, slot }) => `${round}:${slot}`)).toEqual([
      ...Array.from({ length: 15 }, (_, index) => `0:${index + 5}`),
      ...Array.from({ length: 20 }, (_, index) => `3:${index}`).filter((key) => key !== "3:1"),
    ]);
    expect(rows.filter(({ failed }) => failed).map(({ slot, latencyMs }) => [slot, latencyMs])).toEqual([
      [7, Number.POSITIVE_INFINITY],
      [7, Number.POSITIVE_INFINITY],
    ]);
  });
});

describe("the result", () => {
  it("names the command for the worst scenario", () => {
    const input = {
      head: syntheticRun({ seed: 2, alter: slower(72) }),
      baseline: { schemaVersion: 1, suite: "cases", profiles: [base] },
      policy: METHOD_POLICY,
      experiments: [],
    } as const;
    const result = buildResult(input, judge(input), (scenario) => `squall run --experiment ${scenario}`);
    expect(result).toMatchObject({
      method: "stored",
      reproduce: "squall run --experiment slow-llm",
      baseline: { runs: 1 },
    });
  });
});
