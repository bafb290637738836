/** Pages to look at: every verdict, gates, training jobs, a run with all its samples, a crowded one. Shared by tests and pictures. */
import { judge } from "../../src/core/judge/judge.ts";
import { buildResult } from "../../src/core/judge/result.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { PageInput } from "../../src/core/report/page/input.ts";
import type { Comparison, Metric, Result } from "../../src/core/verdict.ts";
import { GATED } from "../core/report/gated.ts";
import { JOB_RESULTS } from "../core/report/job-results.ts";
import { resultFor, WORDS } from "../core/report/results.ts";
import { jobProfile } from "../support/job-runs.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../support/synthetic-profile.ts";

export interface PageCase {
  readonly name: string;
  readonly input: () => PageInput;
}

const withoutSamples = (result: Result): PageInput => ({ result, head: null, baselines: [] });

const run = (runSeed: number, branch: string, change = {}): Profile => {
  const profile = syntheticProfile({ scheduleSeed: 9, runSeed, rateRps: 15, change });
  const startedAt = new Date(1_760_000_000_000 + runSeed * 60_000).toISOString();
  const commit = runSeed.toString(16).padStart(40, "b18e51d0f0");
  return { ...profile, provenance: { ...profile.provenance, startedAt, branch, commit } };
};

/** Judged for real: retries are gone, and failures with them reach clients. */
export const sampled = (): PageInput => {
  const head = run(30, "fewer-retries", { hitErrors: 0.9, scenario: "reset" });
  const baselines = [run(11, "main"), run(12, "main")];
  const input = {
    head,
    baseline: { schemaVersion: 1 as const, suite: head.suite, profiles: baselines },
    policy: SYNTHETIC_POLICY,
    experiments: [],
  };
  const result = buildResult(input, judge(input), (scenario) =>
    ["squall run --seed 9", ...(scenario === null ? [] : [`--experiment ${scenario}`])].join(" "),
  );
  return { result, head, baselines };
};

const sampledJob = (): PageInput => ({
  result: (JOB_RESULTS["job-regressed"] as () => Result)(),
  head: jobProfile({
    seed: 9,
    change: { fromZero: true, lossBump: 0.1, slowTimes: 20, crashes: 1 },
    commit: "b18e51d0f0e1d2c3b4a5968778695a4b3c2d1e0f",
  }),
  baselines: [1, 2].map((seed) =>
    jobProfile({ seed: 100 + seed, commit: "919ad74aa0b1c2d3e4f5061728394a5b6c7d8e9f" }),
  ),
});

const CROWD: readonly { readonly metric: Metric; readonly unit: Comparison["unit"] }[] = [
  { metric: "error-rate", unit: "share" },
  { metric: "hit50", unit: "ms" },
  { metric: "p95", unit: "ms" },
  { metric: "ttft50", unit: "ms" },
  { metric: "degraded-rate", unit: "share" },
  { metric: "calls-per-request", unit: "ratio" },
  { metric: "wrong-rate", unit: "share" },
  { metric: "goodput", unit: "share" },
  { metric: "slow-share", unit: "share" },
  { metric: "recovery", unit: "ms" },
];

/**
 * As many faults as a large suite has, with long names, each with ten comparisons.
 *
 * @param faults beside calm traffic
 */
export const crowdedResult = (faults: number): Result => {
  const of = resultFor("regressed");
  const [control] = of.scenarios;
  const [first] = of.verdict.comparisons;
  const [calm] = of.measured;
  if (control === undefined || first === undefined || calm === undefined) throw new Error("an empty fixture");
  const names = Array.from(
    { length: faults },
    (_, index) => `vector-database-of-the-second-region-answers-${index}-times-slower-than-in-calm-traffic`,
  );
  const comparisons = names.flatMap((scenario, row) =>
    CROWD.map(({ metric, unit }, column): Comparison => {
      const isWorse = (row * 7 + column * 3) % 41 === 0;
      const scale = unit === "ms" ? 900 : 0.08;
      return {
        ...first,
        scenario,
        metric,
        unit,
        ...(metric === "calls-per-request" ? { edge: "vector" } : {}),
        label: isWorse ? "regressed" : "ok",
        change: isWorse ? scale : scale / 90,
        interval: isWorse ? [scale * 0.8, scale * 1.3] : [-scale / 50, scale / 50],
      };
    }),
  );
  return {
    ...of,
    scenarios: [
      control,
      ...names.map((name, index) => ({
        ...control,
        name,
        shape: "attributed" as const,
        description: `vector answers ${index} times slower, on 20 % of calls`,
      })),
    ],
    measured: [calm, ...names.map((scenario) => ({ ...calm, scenario }))],
    verdict: {
      ...of.verdict,
      comparisons,
      findings: [
        ...of.verdict.findings,
        ...comparisons
          .filter(({ label }) => label === "regressed")
          .map(({ scenario, metric }) => ({
            ...of.verdict.findings[0],
            kind: "regression" as const,
            severity: "block" as const,
            scenario,
            metric,
            edge: "vector",
            title: `vector answers slowly (${scenario}): ${metric} is worse`,
            detail: [],
          })),
      ],
    },
  };
};

export const CASES: readonly PageCase[] = [
  ...WORDS.map((word) => ({ name: word, input: () => withoutSamples(resultFor(word)) })),
  ...[...Object.entries(GATED), ...Object.entries(JOB_RESULTS)].map(([name, make]) => ({
    name,
    input: () => withoutSamples(make()),
  })),
  { name: "sampled", input: sampled },
  { name: "job-sampled", input: sampledJob },
  { name: "crowded", input: () => withoutSamples(crowdedResult(12)) },
];

export const WIDTHS = {
  phone: { width: 390, height: 844 },
  desk: { width: 1280, height: 900 },
} as const;

export const SCHEMES = ["light", "dark"] as const;
