/** Recovery policies in a run: which experiments, in which windows, and what they leave behind. */
import { describe, expect, test } from "vitest";
import { SquallError } from "../../src/core/errors.ts";
import type { RecoveryCase } from "../../src/core/recovery-policy/cases.ts";
import type { PolicyRun, RecoveryRule, Symptoms } from "../../src/core/recovery-policy/rule.ts";
import type { Remedy } from "../../src/core/remedy/remedy.ts";
import type { Experiment, RecoveryPolicy } from "../../src/core/suite.ts";
import type { Stretch } from "../../src/run/plan/plan.ts";
import { divideBudget } from "../../src/run/plan/policy-window.ts";
import type { Decide } from "../../src/run/policy-watch.ts";
import { type PolicyArm, runRecoveryPolicies } from "../../src/run/recovery-policies.ts";
import { memorySuite, planOf, runInMemory } from "../support/run/run-in-memory.ts";
import { experiment, httpError, templates } from "../support/suites.ts";

const CPUS: Remedy = { kind: "more-cpu", on: "service", times: 2 };
const targeting = { on: "service", fraction: 1, attempts: "all" } as const;
const STARVED = experiment("starved", { kind: "cpu-limit", cpus: 0.2, ...targeting });
const DOWN = experiment("down", { ...httpError("llm", 1), attempts: "all" });
const PARTIAL = experiment("partial", httpError("llm", 0.2));
const KILLED = experiment("killed", {
  kind: "kill",
  signal: "SIGKILL",
  restartAfterMs: 1000,
  ...targeting,
});
const HUNG_UP = experiment("hung-up", {
  kind: "client-abort",
  afterEvents: 1,
  ...targeting,
  on: "client",
});
const ALL = [STARVED, DOWN, PARTIAL, KILLED, HUNG_UP];

const RULE: RecoveryRule = {
  when: { figure: "cpu", comparator: ">", limit: 0.9, forMs: 1000, text: "cpu > 90% for 1s" },
  do: CPUS,
  times: 1,
  coolDownMs: 5000,
};

const policy = (overrides: Partial<RecoveryPolicy> = {}): RecoveryPolicy => ({
  rules: [RULE],
  learn: false,
  budgetMs: 60_000,
  ...overrides,
});

const BUSY: Symptoms = { cpu: 0.98, memory: 0.2, errorRate: 0.5, p95Ms: 3000, inFlight: 50 };
const CASES: readonly RecoveryCase[] = Array.from({ length: 6 }, () => ({
  scenario: "starved",
  symptoms: BUSY,
  remedies: [{ ...CPUS, times: 4 }],
  recovered: true,
}));

interface Tried {
  readonly what: string;
  readonly stretch: Stretch;
}

/** An arm whose service is unwell until a second after the policy has acted. */
const scriptedArm = (overrides: Partial<PolicyArm> = {}) => {
  const tried: Tried[] = [];
  const runs: PolicyRun[] = [];
  const notes: string[] = [];
  const underPolicy = (stretch: Stretch, decide: Decide, what: string) => {
    tried.push({ what, stretch });
    const seconds = stretch.durationMs / 1000;
    const actions = Array.from({ length: seconds }, (_, place) =>
      decide((place + 1) * 1000, BUSY).act.map(({ remedy, because }) => ({
        atMs: (place + 1) * 1000,
        remedy,
        because,
      })),
    ).flat();
    const wellFromMs = (actions[0]?.atMs ?? Number.POSITIVE_INFINITY) + 1000;
    const observations = stretch.requests.map((request) => ({
      window: 0,
      slot: request.slot,
      requestId: request.requestId,
      repetition: request.repetition,
      scheduledMs: request.atMs,
      lagMs: 0,
      ttftMs: 20,
      latencyMs: 20,
      outcome: request.atMs < wellFromMs ? ("status" as const) : ("ok" as const),
      status: 200,
      hit: true,
      maxGapMs: null,
      chunks: 1,
      bytes: 1,
      answerHash: "",
    }));
    const outcome = {
      replayed: stretch,
      windows: [],
      observations,
      records: [],
      index: undefined as never,
      recoveries: [],
      aborts: [],
    };
    return Promise.resolve({ outcome, actions, symptoms: Array.from({ length: seconds }, () => BUSY) });
  };
  const arm: PolicyArm = {
    system: {
      processes: { canRelieve: () => ({ ok: true }) } as unknown as PolicyArm["system"]["processes"],
    },
    calmBand: () => ({ errorRate: 0.05, p95Ms: 200 }),
    underPolicy,
    comesToRest: () => Promise.resolve(true),
    addPolicyRun: (run) => void runs.push(run),
    note: (text) => void notes.push(text),
    ...overrides,
  };
  return { arm, tried, runs, notes };
};

const trying = async (
  script: ReturnType<typeof scriptedArm>,
  {
    recovery = policy(),
    experiments = ALL,
    cases = [],
  }: {
    readonly recovery?: RecoveryPolicy;
    readonly experiments?: readonly Experiment[];
    readonly cases?: readonly RecoveryCase[];
  } = {},
) =>
  runRecoveryPolicies({
    policy: recovery,
    experiments,
    planInput: {
      suite: memorySuite(experiments),
      requests: templates(12),
      seed: 11,
      attributable: () => true,
    },
    arm: script.arm,
    cases,
    onProgress: () => undefined,
  });

const names = ({ tried }: ReturnType<typeof scriptedArm>): readonly string[] => tried.map(({ what }) => what);

describe("recovery policies", () => {
  test("are tried against doing nothing, under faults that last", async () => {
    const script = scriptedArm();
    await trying(script);
    expect(names(script)).toEqual([
      "starved under no policy",
      "starved under rules",
      "down under no policy",
      "down under rules",
    ]);
    const [without, ruled] = script.runs;
    expect(without).toMatchObject({ scenario: "starved", policy: "none", recoveryMs: null, actions: [] });
    expect(ruled).toMatchObject({
      policy: "rules",
      recoveryMs: 2000,
      actions: [{ atMs: 1000, remedy: CPUS, because: "cpu > 90% for 1s (98 %)" }],
    });
    expect(without?.durationMs).toBe(ruled?.durationMs);
    expect(ruled).toMatchObject({ requests: 240, errors: 40 });
  });

  test("meet the same load and the same faults, under requests of their own", async () => {
    const script = scriptedArm();
    await trying(script, { experiments: [STARVED] });
    const [without, ruled] = script.tried.map(({ stretch }) => stretch);
    expect(ruled?.faults.map(({ fault }) => fault)).toEqual(without?.faults.map(({ fault }) => fault));
    expect(ruled?.requests.map(({ atMs }) => atMs)).toEqual(without?.requests.map(({ atMs }) => atMs));
    const keys = script.tried.flatMap(({ stretch }) =>
      stretch.requests.map(({ requestId, repetition }) => `${requestId}~${repetition}`),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(
      Math.min(...script.tried.flatMap(({ stretch }) => stretch.requests.map((each) => each.repetition))),
    ).toBeGreaterThanOrEqual(40_000_000);
  });

  test("are tried on what is named, kills too, in that order", async () => {
    const script = scriptedArm();
    await trying(script, { recovery: policy({ experiments: ["killed", "gone", "partial"] }) });
    expect([...new Set(script.runs.map(({ scenario }) => scenario))]).toEqual(["killed", "partial"]);
    expect(script.tried[0]?.stretch.shape).toBe("kill");
    expect(script.tried[2]?.stretch.shape).toBe("clock");
  });

  test("use what was learned where there is anything of it", async () => {
    const script = scriptedArm();
    await trying(script, { recovery: policy({ learn: true }), experiments: [STARVED], cases: CASES });
    expect(script.runs.map((run) => run.policy)).toEqual(["none", "rules", "learned"]);
    const learned = script.runs[2];
    expect(learned?.actions[0]).toMatchObject({ atMs: 3000, remedy: { kind: "more-cpu", times: 4 } });
    expect(learned?.actions[0]?.because).toContain("6 of 6 alike cases");
    const idle = CASES.map((one) => ({ ...one, remedies: [] }));
    for (const [recovery, cases] of [
      [policy({ learn: true }), []],
      [policy({ learn: true }), idle],
      [policy(), CASES],
    ] as const) {
      const other = scriptedArm();
      await trying(other, { recovery, experiments: [STARVED], cases });
      expect(other.runs.map((run) => run.policy)).toEqual(["none", "rules"]);
    }
  });

  test("that learned of a place that is gone leave it alone", async () => {
    const gone = CASES.map((one) => ({ ...one, remedies: [{ ...CPUS, on: "cache" }] }));
    const script = scriptedArm();
    await trying(script, {
      recovery: policy({ learn: true, rules: [] }),
      experiments: [STARVED],
      cases: gone,
    });
    expect(script.runs.map((run) => [run.policy, run.actions.length])).toEqual([
      ["none", 0],
      ["learned", 0],
    ]);
  });

  test("without rules teach what doing nothing comes to, where they are to learn", async () => {
    const script = scriptedArm();
    await trying(script, { recovery: policy({ rules: [], learn: true }), experiments: [STARVED] });
    expect(script.runs.map((run) => run.policy)).toEqual(["none"]);
  });

  test("end with a note where a window cannot be run, and keep what was tried", async () => {
    const script = scriptedArm();
    let windows = 0;
    const { underPolicy } = script.arm;
    const arm: PolicyArm = {
      ...script.arm,
      underPolicy: async (stretch, decide, what) => {
        if (windows++ === 1) throw new SquallError("fault-not-cleared", "A remedy could not be undone.");
        return underPolicy(stretch, decide, what);
      },
    };
    await trying({ ...script, arm });
    expect(script.runs).toHaveLength(1);
    expect(script.notes).toEqual(["starved: recovery policies ended there: A remedy could not be undone."]);
  });

  test("end where the service does not come to rest", async () => {
    const script = scriptedArm({ comesToRest: () => Promise.resolve(false) });
    await trying(script);
    expect(script.runs).toHaveLength(1);
    expect(script.notes.join()).toContain("did not come to rest");
  });

  test("do not hold back an interruption", async () => {
    const script = scriptedArm({
      underPolicy: () => Promise.reject(new SquallError("interrupted", "The run was interrupted.")),
    });
    await expect(trying(script)).rejects.toMatchObject({ code: "interrupted" });
  });

  test("are not tried where nobody knows what well is", async () => {
    const script = scriptedArm({ calmBand: () => null });
    await trying(script);
    expect(script.tried).toEqual([]);
    expect(script.notes.join()).toContain("too few calm seconds");
  });

  test("leave out what there is no time for, and say so", async () => {
    const script = scriptedArm();
    await trying(script, { recovery: policy({ budgetMs: 30_000 }) });
    expect([...new Set(script.runs.map(({ scenario }) => scenario))]).toEqual(["starved"]);
    expect(script.notes).toEqual([
      "recovery.budget has no time for down: raise it, or name fewer experiments.",
    ]);
  });
});

describe("the budget of recovery policies", () => {
  test.each([
    [60_000, 1, 2, { experiments: 1, windowMs: 20_000 }],
    [60_000, 2, 2, { experiments: 2, windowMs: 12_000 }],
    [60_000, 9, 3, { experiments: 1, windowMs: 17_000 }],
    [22_000, 1, 2, { experiments: 1, windowMs: 8000 }],
    [21_000, 1, 2, { experiments: 0, windowMs: 0 }],
    [60_000, 0, 2, { experiments: 0, windowMs: 0 }],
  ])("of %i ms over %i experiments and %i policies", (budgetMs, experiments, policies, expected) => {
    expect(divideBudget(budgetMs, experiments, policies)).toEqual(expected);
  });
});

describe("in a run", () => {
  const suite = memorySuite([PARTIAL, DOWN], { recovery: policy({ experiments: ["down"] }) });

  test("they come after all of the plan, and leave what it measured as it was", async () => {
    const { profile, world } = runInMemory(suite, {
      answer: (_, window) => (window.window === 3_000_000 ? { outcome: "status" } : {}),
    });
    const { policyRuns = [], windows, observations, scenarios } = await profile;
    expect(policyRuns.map(({ scenario, policy: which }) => [scenario, which])).toEqual([
      ["down", "none"],
      ["down", "rules"],
    ]);
    expect(policyRuns.every(({ errors, requests }) => errors === requests && requests > 0)).toBe(true);
    expect(scenarios.map(({ name }) => name)).toEqual(["control", "partial", "down"]);
    const load = windows.filter(({ phase }) => phase === "load");
    expect(load).toHaveLength(planOf(suite).windows.length);
    expect(observations.every(({ outcome, window }) => outcome === "ok" && window < load.length)).toBe(true);
    const indices = world.windows.map(({ window }) => window);
    expect(indices.indexOf(3_000_000)).toBeGreaterThan(
      indices.findLastIndex((window) => window >= 0 && window < 3_000_000),
    );
    expect(world.inForce).toEqual([]);
  });

  test("a process that dies in them is none that the plan brought about", async () => {
    const run = runInMemory(suite, {
      answer: (_, window) => {
        if (window.window === 3_000_000 && run.world.exits.length === 0)
          run.world.exits.push({
            name: "service",
            atMs: Date.now() + 60_000,
            exitCode: 1,
            signal: null,
            injected: false,
          });
        return {};
      },
    });
    expect((await run.profile).deaths).toEqual([]);
  });

  test("a suite without a policy has none", async () => {
    const { profile } = runInMemory(memorySuite([PARTIAL]));
    expect((await profile).policyRuns).toBeUndefined();
  });
});
