import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectiveSuite } from "../../src/config/effective-suite.ts";
import { hashed } from "../../src/config/suite-build.ts";
import type { Fault } from "../../src/core/fault.ts";
import { canBeTried } from "../../src/core/gate/experiment-pairs.ts";
import { stricterPolicy } from "../../src/core/gate/stricter.ts";
import { weakenings } from "../../src/core/gate/weakening.ts";
import { sameValue } from "../../src/core/same-value.ts";
import type { DependencySpec, Experiment, Hypothesis, Policy, Suite } from "../../src/core/suite.ts";
import { httpError, suiteWith } from "../support/suites.ts";

const process = { command: ["node", "a.ts"], cwd: ".", env: {}, port: 0, readyTimeoutMs: 1000 };
const LLM: DependencySpec = { name: "llm", protocol: "http", source: { type: "command", process } };
const LLM_AT_URL: DependencySpec = {
  name: "llm",
  protocol: "http",
  source: { type: "url", url: "http://127.0.0.1:9" },
};
const CACHE: DependencySpec = {
  name: "cache",
  protocol: "tcp",
  source: { type: "url", url: "tcp://127.0.0.1:9" },
};

const whole = { fraction: 1, attempts: "all" } as const;
const FAULTS: readonly Fault[] = [
  httpError("llm", 0.2),
  httpError("llm", 0.5),
  { kind: "refuse", on: "cache", ...whole },
  { kind: "reset", on: "llm", fraction: 0.1, attempts: 1 },
  { kind: "kill", on: "llm", signal: "SIGKILL", restartAfterMs: 1000, ...whole },
  { kind: "kill", on: "service", signal: "SIGKILL", restartAfterMs: 1000, replica: 0, ...whole },
  { kind: "client-abort", on: "client", afterEvents: 1, fraction: 0.5, attempts: "all" },
];

const hypothesis = (metric: "errorRate" | "recovery" | "goodput" | "callsPerRequest") =>
  fc
    .record({
      comparator: fc.constantFrom("<=" as const, "<" as const, ">=" as const, ">" as const),
      limit: fc.constantFrom(0.1, 0.5, 1),
      edge: fc.constantFrom("llm", "cache"),
    })
    .map(
      ({ edge, ...rest }): Hypothesis => ({
        metric,
        ...rest,
        ...(metric === "callsPerRequest" ? { edge } : {}),
        text: `${metric} ${rest.comparator} ${rest.limit}`,
      }),
    );

const experiments = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("a", "b", "c", "d", "e"),
    faults: fc.uniqueArray(fc.constantFrom(...FAULTS), { minLength: 1, maxLength: 2 }),
    expect: fc.uniqueArray(
      fc.oneof(
        hypothesis("errorRate"),
        hypothesis("recovery"),
        hypothesis("goodput"),
        hypothesis("callsPerRequest"),
      ),
      { selector: ({ metric, edge }) => `${metric} ${edge}`, maxLength: 3 },
    ),
  }),
  { selector: ({ name }) => name, maxLength: 5 },
);

const limit = fc.constantFrom(0.01, 0.02, 0.1);
const policy: fc.Arbitrary<Policy> = fc.record({
  budgetMs: fc.constantFrom(60_000, 120_000),
  alpha: limit,
  latency: fc.record({ relative: limit, absoluteMs: limit }),
  errorRate: limit,
  degradedRate: limit,
  slowShare: limit,
  callsPerRequest: fc.record({ relative: limit, absolute: limit }),
  recovery: fc.record({ relative: limit, absoluteMs: limit }),
  frontier: limit,
  onInconclusive: fc.constantFrom("pass", "warn", "fail"),
  onNoBaseline: fc.constantFrom("pass", "fail"),
  onWeakened: fc.constantFrom("warn", "fail"),
  acceptance: fc.constantFrom("commit", "pull-request", "never"),
  diagnosisMs: fc.constantFrom(0, 60_000),
  earlyStop: fc.boolean(),
  pooledRuns: fc.constantFrom(1, 8),
  maxBaselineAgeMs: fc.constantFrom(1, 86_400_000),
  maxBaselineCommits: fc.constantFrom(0, 500),
  maxLagP99Ms: limit,
  minAchievedRate: limit,
});

/** As `parseSuite` gives them: no fault without a target, no expectation without something to be true of. */
const fitted = (suite: Suite): Suite => {
  const holds =
    ({ faults }: Experiment) =>
    ({ metric, edge }: Hypothesis): boolean =>
      (metric !== "recovery" || faults.some(({ kind }) => kind === "kill")) &&
      (edge === undefined || suite.dependencies.some(({ name }) => name === edge));
  return hashed({
    ...suite,
    experiments: suite.experiments
      .filter((each) => canBeTried(each, suite))
      .map((each) => ({ ...each, expect: each.expect.filter(holds(each)) })),
  });
};

const suiteOf = (dependencies: fc.Arbitrary<readonly DependencySpec[]>): fc.Arbitrary<Suite> =>
  fc
    .record({
      policy,
      experiments,
      dependencies,
      seed: fc.option(fc.nat(9), { nil: undefined }),
      redact: fc.subarray(["x-key", "x-other"]),
    })
    .map(({ seed, ...parts }) =>
      fitted({ ...suiteWith([]), ...parts, ...(seed === undefined ? {} : { seed }) }),
    );

const whatever = suiteOf(fc.constantFrom([], [LLM], [LLM_AT_URL], [LLM, CACHE], [CACHE]));
const withAll = suiteOf(fc.constant([LLM, CACHE]));

const source = (suite: Suite) => ({ suite, requestSetHash: "r", requestIds: ["q"] });
const found = (base: Suite, head: Suite) => weakenings(source(base), source(head));

describe("the effective suite", () => {
  test("is never weaker than the base where the dependencies are still there", () => {
    fc.assert(
      fc.property(withAll, withAll, (base, head) => {
        expect(found(base, effectiveSuite(base, head))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("is weaker only in what can no longer be tried, and then the head itself is found to be", () => {
    fc.assert(
      fc.property(whatever, whatever, (base, head) => {
        const lost = new Set(
          base.experiments.filter((each) => !canBeTried(each, head)).map(({ name }) => name),
        );
        const gone = base.dependencies.filter(
          ({ name }) => !head.dependencies.some((other) => other.name === name),
        );
        const effective = found(base, effectiveSuite(base, head));
        const unexpected = effective.filter(
          ({ scenario, title }) =>
            scenario !== null &&
            !lost.has(scenario) &&
            !gone.some(({ name }) => title.includes(`callsPerRequest at ${name} `)),
        );
        expect(unexpected).toEqual([]);
        const scenarios = new Set(found(base, head).map(({ scenario }) => scenario));
        for (const { scenario } of effective) expect(scenarios).toContain(scenario);
      }),
      { numRuns: 500 },
    );
  });

  test("can be tried as a whole, each name once, with every experiment of the head's that is new", () => {
    fc.assert(
      fc.property(whatever, whatever, (base, head) => {
        const effective = effectiveSuite(base, head);
        expect(fitted(effective)).toEqual(effective);
        const names = effective.experiments.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const { faults } of head.experiments.filter(
          ({ name }) => !base.experiments.some((each) => each.name === name),
        ))
          expect(effective.experiments.some((each) => sameValue(each.faults, faults))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("is the suite itself against itself, the head's without a base, and settled at once", () => {
    fc.assert(
      fc.property(withAll, withAll, (base, head) => {
        expect(effectiveSuite(head, head)).toEqual(head);
        expect(effectiveSuite(null, head)).toBe(head);
        const effective = effectiveSuite(base, head);
        expect(effectiveSuite(base, effective)).toEqual(effective);
      }),
    );
  });

  test("has the base's hash where only limits and expectations differ, so that runs are twins", () => {
    fc.assert(
      fc.property(withAll, policy, (base, other) => {
        const head = hashed({
          ...base,
          policy: other,
          experiments: base.experiments.map((each) => ({ ...each, expect: [] })).toReversed(),
        });
        const effective = effectiveSuite(base, head);
        expect([effective.hash, effective.frameHash]).toEqual([base.hash, base.frameHash]);
        expect(effective.policy).toEqual(stricterPolicy(base.policy, other));
      }),
    );
  });

  test("takes no seed from the change", () => {
    const base = suiteWith([]);
    expect(effectiveSuite(base, { ...base, seed: 7 }).seed).toBeUndefined();
    expect(effectiveSuite({ ...base, seed: 1 }, { ...base, seed: 7 }).seed).toBe(1);
  });
});

describe("a weakened policy", () => {
  test("is found exactly where the stricter of both is another one than the head's", () => {
    fc.assert(
      fc.property(policy, policy, (there, here) => {
        const base = suiteWith([]);
        const findings = found({ ...base, policy: there }, { ...base, policy: here });
        const stricter = stricterPolicy(there, here);
        // Time for remedies only explains: the longer one holds, and nothing is weaker for it.
        const told = { ...stricter, diagnosisMs: here.diagnosisMs };
        expect(findings.length > 0).toBe(!sameValue(told, here));
      }),
      { numRuns: 500 },
    );
  });
});
