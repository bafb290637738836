import { describe, expect, it } from "vitest";
import { decodeProfile, encodeProfile } from "../../../src/config/baseline-file.ts";
import { buildContext, rowsOf } from "../../../src/core/judge/context.ts";
import { judge } from "../../../src/core/judge/judge.ts";
import { buildResult } from "../../../src/core/judge/result.ts";
import { changedScenarios, withoutScenarios } from "../../../src/core/judge/same-scenario.ts";
import type { Profile, Scenario } from "../../../src/core/profile.ts";
import type { Experiment } from "../../../src/core/suite.ts";
import type { Verdict } from "../../../src/core/verdict.ts";
import { profile as storedProfile } from "../../config/profiles.ts";
import { METHOD_POLICY } from "../../support/method-cases.ts";
import { attributed, CONTROL, type SyntheticOptions, syntheticRun } from "../../support/synthetic-runs.ts";

const SLOW = attributed("slow-llm");
/** The name of the other, on twice as many calls. */
const SLOWER: Scenario = attributed("slow-llm", 0.5);
const SECOND = attributed("second");
const ADDED = attributed("added");

type Extra = Partial<Omit<SyntheticOptions, "seed" | "scenarios">>;

/** Of one frame whatever the scenarios, as a suite whose list of experiments was changed. */
const run = (seed: number, scenarios: readonly Scenario[], extra: Extra = {}): Profile =>
  syntheticRun({
    seed,
    scenarios: [CONTROL, ...scenarios],
    ...extra,
    profile: {
      suiteHash: scenarios.map(({ name, faults }) => `${name}${faults[0]?.fraction}`).join("+"),
      ...extra.profile,
    },
  });

const inputFor = (head: Profile, bases: readonly Profile[], experiments: readonly Experiment[] = []) => ({
  head,
  baseline: { schemaVersion: 1 as const, suite: "cases", profiles: bases },
  policy: METHOD_POLICY,
  experiments,
});
const judged = (...args: Parameters<typeof inputFor>): Verdict => judge(inputFor(...args));
const told = ({ findings }: Verdict): readonly string[] =>
  findings.map(({ kind, severity, scenario }) => `${kind}/${severity}/${scenario ?? ""}`);

const failing =
  (name: string, share: number): NonNullable<SyntheticOptions["alter"]> =>
  (observation, scenario) =>
    scenario === name && (observation.slot * 37 + observation.window * 11) % 100 < share * 100
      ? { ...observation, outcome: "status", status: 500 }
      : observation;

describe("a run of the same frame with other experiments", () => {
  it("is compared under the faults that are still the same, and the new one is named", () => {
    const verdict = judged(run(2, [SLOW, ADDED]), [run(1, [SLOW])]);
    expect(verdict.word).toBe("pass");
    expect(verdict.headline).toBe(
      "As resilient as the baseline under the one fault that it has too (1 new or changed, not compared)",
    );
    expect(told(verdict)).toEqual(["new-scenario/note/added"]);
    expect(verdict.findings[0]?.title).toMatch(/: new, not in the baseline yet$/);
  });

  it("shows a regression under what is still the same", () => {
    const verdict = judged(run(2, [SLOW, ADDED], { alter: failing("slow-llm", 0.2) }), [run(1, [SLOW])]);
    expect(verdict.word).toBe("regressed");
    expect(verdict.worstScenario).toBe("slow-llm");
  });

  it("blames nobody for what a new experiment brings to light, unless its own expectation does", () => {
    const head = run(2, [SLOW, ADDED], {
      alter: failing("added", 0.6),
      profile: {
        deaths: [{ name: "service", atMs: 1, window: 20, exitCode: 1, signal: null, injected: false }],
      },
    });
    expect(head.windows[20]?.scenario).toBe("added");
    expect(judged(head, [run(1, [SLOW])]).word).toBe("pass");
    const expect2: Experiment = {
      name: "added",
      faults: ADDED.faults,
      expect: [{ metric: "errorRate", comparator: "<=", limit: 0.02, text: "errorRate <= 2%" }],
    };
    expect(judged(head, [run(1, [SLOW])], [expect2]).word).toBe("regressed");
  });

  it("names an experiment that is no longer measured", () => {
    expect(told(judged(run(2, [SLOW]), [run(1, [SLOW, SECOND])]))).toEqual(["missing-scenario/warn/second"]);
  });

  it("is not compared where the same name has other faults", () => {
    const head = run(2, [SLOWER, SECOND], { alter: failing("slow-llm", 0.6) });
    const verdict = judged(head, [run(1, [SLOW, SECOND])]);
    expect(verdict.word).toBe("pass");
    expect(verdict.findings.find(({ scenario }) => scenario === "slow-llm")).toMatchObject({
      kind: "new-scenario",
      title: expect.stringMatching(/: changed since the baseline was measured: not compared$/) as string,
    });
  });

  it("is not compared where the same faults came in another shape", () => {
    const ambient: Scenario = { ...SLOW, shape: "ambient" };
    const head = { ...run(2, [ambient, SECOND]), suiteHash: "other" };
    expect(told(judged(head, [run(1, [SLOW, SECOND])]))).toContain("new-scenario/note/slow-llm");
  });

  it("is no baseline where every fault is new or changed; expectations still count", () => {
    const head = run(2, [SLOWER], { alter: failing("slow-llm", 0.6) });
    const verdict = judged(head, [run(1, [SLOW])]);
    expect(verdict.word).toBe("no-baseline");
    expect(verdict.headline).toBe(
      "No comparable baseline: every fault is new, or has changed since it was measured",
    );
    const broken: Experiment = {
      name: "slow-llm",
      faults: SLOWER.faults,
      expect: [{ metric: "errorRate", comparator: "<=", limit: 0.02, text: "errorRate <= 2%" }],
    };
    expect(judged(head, [run(1, [SLOW])], [broken]).word).toBe("regressed");
  });

  it("gives way to runs with the very same experiments, and that is noted", () => {
    const head = run(2, [SLOW, ADDED], { alter: failing("added", 0.6) });
    const verdict = judged(head, [run(1, [SLOW]), run(3, [SLOW, ADDED])]);
    expect(verdict.word).toBe("regressed");
    expect(verdict.findings.at(-1)?.title).toBe("1 baseline run left out: measured with other experiments");
    expect(verdict.findings.at(-1)).toMatchObject({ severity: "note", detail: [] });
  });
});

describe("runs of several suites pooled", () => {
  it("hold of each scenario only the rows of runs that measured the same", () => {
    const [first, second] = [run(1, [SLOW, SECOND]), run(3, [SLOWER, SECOND])];
    const context = buildContext(run(2, [SLOW, SECOND, ADDED]), inputFor(first, [first, second]).baseline, {
      ...METHOD_POLICY,
    });
    const rows = (name: string): readonly number[] => [
      ...new Set(rowsOf(context.baseline, name).map((row) => row.run)),
    ];
    expect(rows("slow-llm")).toEqual([0]);
    expect(rows("second")).toEqual([0, 1]);
    expect(context.changed).toEqual(new Set(["slow-llm"]));
    expect(context.twins).toEqual([]);
  });

  it("are weighed by the head's mix of scenarios when errors are counted over all of them", () => {
    const bad = { alter: failing("slow-llm", 0.3) };
    const third = attributed("third");
    // Four runs of the faultless scenarios alone: their rows must not thin out the errors of the one that fails.
    const bases = [
      run(1, [SLOW, SECOND], bad),
      ...[3, 4, 5, 6].map((seed) => run(seed, [SECOND, third], bad)),
    ];
    const verdict = judged(run(2, [SLOW, SECOND, third], bad), bases);
    const pooled = verdict.comparisons.find(({ metric }) => metric === "pooled-error-rate");
    expect(pooled?.head).toBeCloseTo(0.075, 2);
    expect(pooled?.base).toBeCloseTo(pooled?.head ?? 0, 6);
    expect(verdict.word).not.toBe("regressed");
  });
});

describe("a run of another frame", () => {
  const other = (frameHash: string): Profile => run(1, [SLOW], { profile: { suiteHash: "old", frameHash } });

  it("is no baseline: what is measured has changed, which is no failure", () => {
    const input = inputFor(run(2, [SLOW]), [other("other")]);
    const verdict = judge(input);
    expect(verdict.word).toBe("no-baseline");
    expect(verdict.headline).toBe(
      "No comparable baseline: the request set, load or dependencies have changed since it was measured",
    );
    expect(told(verdict)).toEqual(["machine/warn/"]);
    expect(verdict.findings[0]?.detail[0]).toMatch(/^Once the change is merged/);
    expect(buildResult(input, verdict, () => "squall run").baseline).toBeNull();
  });

  it("is what a run without a frame always is, even to another one", () => {
    const head = run(2, [SLOW], { profile: { frameHash: "" } });
    const verdict = judged(head, [other("")]);
    expect(verdict.word).toBe("no-baseline");
    expect(verdict.headline).toBe("No comparable baseline: the suite has changed since it was measured");
  });

  it("still cannot be mended by a merge where it came from another kind of machine too", () => {
    const { fingerprint } = other("other");
    const arm = { ...other("other"), fingerprint: { ...fingerprint, arch: "arm64" } };
    const verdict = judged(run(2, [SLOW]), [arm]);
    expect(verdict.word).toBe("invalid");
    expect(told(verdict)).toEqual(["machine/block/"]);
  });

  it("decides the word where it is the newest, beside older ones of another machine", () => {
    const arm = { ...other("other"), fingerprint: { ...other("other").fingerprint, arch: "arm64" } };
    const verdict = judged(run(2, [SLOW]), [arm, other("other")]);
    expect(verdict.word).toBe("no-baseline");
    expect(told(verdict)).toEqual(["machine/warn/", "machine/warn/"]);
  });
});

describe("a run without some of its scenarios", () => {
  it("is what would have been measured without them", () => {
    const whole = run(1, [SLOW, SECOND], {
      profile: {
        edgeCalls: [0, 8, 16].map((window) => ({
          window,
          edge: "llm",
          calls: window,
          hitCalls: 0,
          clientRequests: 1,
          hitRequests: 0,
          maxCalls: 1,
        })),
        health: [-1, 8, 16].map((window) => ({ window, path: "ready" as const, atMs: 1, status: 200 })),
      },
    });
    const left = withoutScenarios(whole, new Set(["slow-llm"]));
    expect(left.scenarios.map(({ name }) => name)).toEqual(["control", "second"]);
    expect(left.windows.map(({ scenario }) => scenario)).not.toContain("slow-llm");
    expect(left.edgeCalls.map(({ window, calls }) => [window, calls])).toEqual([
      [0, 0],
      [8, 16],
    ]);
    expect(left.health.map(({ window }) => window)).toEqual([-1, 8]);
    const where = ({ windows, observations }: Profile): readonly string[] =>
      observations.map((each) => `${windows[each.window]?.scenario} ${each.slot} ${each.latencyMs}`);
    expect(where(left)).toEqual(where(whole).filter((each) => !each.startsWith("slow-llm")));
  });

  it("is the run itself where nothing is taken out", () => {
    const whole = run(1, [SLOW]);
    expect(withoutScenarios(whole, new Set())).toBe(whole);
  });

  it("has changed nothing by having been stored", () => {
    const fresh = storedProfile();
    const read = decodeProfile(encodeProfile(fresh), { file: "samples.json.gz" });
    expect(changedScenarios(fresh, read)).toEqual(new Set());
  });
});
