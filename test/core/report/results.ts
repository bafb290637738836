/** Results for each verdict, as the judge builds them, for golden files and tests. */

import type { Fingerprint, Provenance, Scenario } from "../../../src/core/profile.ts";
import type {
  Comparison,
  Finding,
  MeasuredScenario,
  Result,
  Verdict,
  VerdictWord,
} from "../../../src/core/verdict.ts";

const fingerprint: Fingerprint = {
  arch: "x64",
  platform: "linux",
  cpuModel: "Example CPU 3.0 GHz",
  cpus: 2,
  memoryBytes: 8 * 1024 ** 3,
  node: "v24.1.0",
  runtime: "process",
};
const provenance = (branch: string, commit: string): Provenance => ({
  branch,
  commit,
  startedAt: "2026-03-01T12:00:00.000Z",
  durationMs: 151_000,
  tool: "squall 0.1.0",
});

const target = { on: "llm", fraction: 0.2, attempts: 1 as const };
export const scenarios: readonly Scenario[] = [
  { name: "control", shape: "control", scale: "additive", faults: [], description: "calm traffic" },
  {
    name: "llm-rate-limited",
    shape: "attributed",
    scale: "additive",
    faults: [{ ...target, kind: "http-error", status: 429, headers: { "retry-after": "2" } }],
    description: "llm answers 429, Retry-After 2 s, on 20 % of calls",
  },
  {
    name: "vector-slow",
    shape: "attributed",
    scale: "additive",
    faults: [
      {
        ...target,
        on: "vector",
        kind: "latency",
        direction: "downstream",
        delayMs: 300,
        jitterMs: 0,
        distribution: "constant",
      },
    ],
    description: "vector answers 300 ms late, on 20 % of calls",
  },
  {
    name: "service-killed",
    shape: "kill",
    scale: "additive",
    faults: [
      { on: "service", fraction: 1, attempts: "all", kind: "kill", signal: "SIGKILL", restartAfterMs: 1000 },
    ],
    description: "service is killed and started again after 1 s",
  },
];

export const comparison = (given: Partial<Comparison>): Comparison => ({
  scenario: "llm-rate-limited",
  metric: "error-rate",
  unit: "share",
  primary: true,
  method: "twin",
  label: "ok",
  base: 0.004,
  head: 0.004,
  change: 0,
  interval: [-0.004, 0.004],
  margin: 0.005,
  smallestVisible: 0.012,
  p: 0.9,
  n: 410,
  details: { df: 24, D: 1.2 },
  ...given,
});

const latency = (scenario: string, given: Partial<Comparison> = {}): Comparison =>
  comparison({
    scenario,
    metric: "hit50",
    unit: "ms",
    base: 812,
    head: 815,
    change: 3.1,
    interval: [-4.2, 10.4],
    margin: 81,
    smallestVisible: 9.3,
    n: 82,
    ...given,
  });

const quiet: readonly Comparison[] = [
  comparison({ scenario: "control", metric: "error-rate", smallestVisible: 0.006 }),
  latency("control", {
    metric: "p50",
    base: 310,
    head: 311,
    change: 1.1,
    interval: [-1.2, 3.4],
    margin: 31,
    n: 640,
  }),
  comparison({ scenario: "vector-slow" }),
  latency("vector-slow"),
  comparison({
    scenario: "service-killed",
    metric: "recovery",
    unit: "ms",
    base: 1400,
    head: 1430,
    change: 30,
    interval: [-210, 270],
    margin: 500,
    smallestVisible: 640,
    n: 6,
  }),
  comparison({
    scenario: "service-killed",
    metric: "p95",
    unit: "ms",
    base: 1810,
    head: 1790,
    primary: false,
    label: "refused",
    refused: "n",
    change: null,
    interval: null,
    margin: null,
    smallestVisible: null,
    p: null,
    n: 60,
  }),
];

const finding = (given: Partial<Finding>): Finding => ({
  kind: "regression",
  severity: "block",
  scenario: "llm-rate-limited",
  metric: "error-rate",
  edge: "llm",
  title: "",
  detail: [],
  class: "availability",
  ...given,
});

const worse: readonly Comparison[] = [
  comparison({
    label: "regressed",
    head: 0.061,
    change: 0.057,
    interval: [0.039, 0.076],
    margin: 0.01,
    p: 1e-9,
  }),
  latency("llm-rate-limited", {
    label: "regressed",
    base: 1240,
    head: 4310,
    change: 3070,
    interval: [2810, 3330],
    margin: 124,
    p: 1e-12,
  }),
  comparison({
    metric: "calls-per-request",
    unit: "ratio",
    edge: "llm",
    label: "regressed",
    base: 1.2,
    head: 1.58,
    change: 0.38,
    interval: [0.29, 0.47],
    margin: 0.12,
    smallestVisible: 0.08,
    p: 1e-7,
  }),
  comparison({
    scenario: "vector-slow",
    metric: "degraded-rate",
    label: "improved",
    base: 0.2,
    head: 0.1,
    change: -0.1,
    interval: [-0.13, -0.07],
    margin: 0.01,
  }),
];

const VERDICTS: Readonly<Record<VerdictWord, Verdict>> = {
  pass: {
    word: "pass",
    headline: "As resilient as main under 3 faults",
    findings: [],
    comparisons: [...quiet, comparison({}), latency("llm-rate-limited")],
    hypotheses: [
      {
        scenario: "service-killed",
        text: "recovery <= 5s",
        holds: "yes",
        observed: 1430,
        interval: [1210, 1690],
        unit: "ms",
      },
    ],
    worstScenario: null,
    widest: null,
  },
  regressed: {
    word: "regressed",
    headline: "Less resilient under 1 of 3 faults: merge blocked",
    findings: [
      finding({
        impact: 0.057,
        title:
          "llm answers 429, Retry-After 2 s, on 20 % of calls: errors 0.4 % -> 6.1 % (+5.7 points, 95 % CI +3.9..+7.6; allowed +1 point)",
        detail: [
          "Also median latency of struck requests 1.24 s -> 4.31 s (+3.07 s, 95 % CI +2.81..+3.33; allowed +124 ms).",
          "Also calls per request at llm 1.2 -> 1.58 (+0.38, 95 % CI +0.29..+0.47; allowed +0.12).",
        ],
      }),
      finding({
        kind: "hypothesis",
        metric: null,
        impact: 0.061,
        title:
          "llm answers 429, Retry-After 2 s, on 20 % of calls: expected errorRate <= 2%, measured 6.1 % (95 % CI 4.4 %..8.3 %)",
      }),
      finding({
        kind: "improvement",
        class: "correctness",
        severity: "note",
        scenario: "vector-slow",
        metric: "degraded-rate",
        edge: "vector",
        title: "vector answers 300 ms late, on 20 % of calls: better, degraded answers 20 % -> 10 %",
      }),
      finding({
        kind: "machine",
        class: "gate",
        severity: "note",
        scenario: null,
        metric: null,
        edge: null,
        title: "The baseline was measured on another machine: cpuModel",
        detail: [
          "Each run is compared with its own calm traffic; calm traffic itself is not judged across machines.",
        ],
      }),
    ],
    comparisons: [...quiet, ...worse],
    hypotheses: [
      {
        scenario: "service-killed",
        text: "recovery <= 5s",
        holds: "yes",
        observed: 1430,
        interval: [1210, 1690],
        unit: "ms",
      },
      {
        scenario: "llm-rate-limited",
        text: "errorRate <= 2%",
        holds: "no",
        observed: 0.061,
        interval: [0.044, 0.083],
        unit: "share",
      },
    ],
    worstScenario: "llm-rate-limited",
    widest: null,
  },
  inconclusive: {
    word: "inconclusive",
    headline:
      "Not settled: vector answers 300 ms late, on 20 % of calls: errors may have changed by -0.4..+3.4 points (allowed +0.5 points)",
    findings: [
      finding({
        kind: "widest",
        severity: "warn",
        scenario: "vector-slow",
        edge: "vector",
        title:
          "vector answers 300 ms late, on 20 % of calls: errors may have changed by -0.4..+3.4 points (allowed +0.5 points)",
        detail: ["Measure longer (raise `gate.budget`) or at a higher rate; both give more samples."],
      }),
    ],
    comparisons: [
      ...quiet.filter(({ scenario }) => scenario !== "vector-slow"),
      comparison({
        scenario: "vector-slow",
        label: "unbounded",
        change: 0.015,
        head: 0.019,
        interval: [-0.004, 0.034],
        n: 92,
      }),
      latency("vector-slow", {
        label: "refused",
        refused: "n",
        change: null,
        interval: null,
        smallestVisible: null,
        p: null,
        n: 12,
      }),
    ],
    hypotheses: [],
    worstScenario: "vector-slow",
    widest: comparison({ scenario: "vector-slow", label: "unbounded", interval: [-0.004, 0.034] }),
  },
  invalid: {
    word: "invalid",
    headline: "Not measured: the fault http-error on llm struck no request",
    findings: [
      finding({
        kind: "fault-missed",
        class: "gate",
        metric: null,
        title: "llm answers 429, Retry-After 2 s, on 20 % of calls: no call was struck in 5 of 5 windows",
        detail: ["The service may answer from a cache: put {{nonce}} into the requests' text."],
      }),
    ],
    comparisons: quiet,
    hypotheses: [],
    worstScenario: "llm-rate-limited",
    widest: null,
  },
  "no-baseline": {
    word: "no-baseline",
    headline: "No baseline yet: 3 faults measured, nothing to compare with",
    findings: [],
    comparisons: [],
    hypotheses: [
      {
        scenario: "service-killed",
        text: "recovery <= 5s",
        holds: "unclear",
        observed: null,
        interval: null,
        unit: "ms",
      },
    ],
    worstScenario: null,
    widest: null,
  },
};

const calm: MeasuredScenario = {
  scenario: "control",
  requests: 640,
  errorRate: 0.003,
  goodput: 0.997,
  degradedRate: 0,
  driftRate: null,
  p50Ms: 311,
  p95Ms: 523,
  ttft50Ms: 42,
  recovery: null,
  calls: [
    { edge: "llm", perRequest: 1.004, perHitRequest: null, timesCalm: null, most: 2 },
    { edge: "vector", perRequest: 1, perHitRequest: null, timesCalm: null, most: 1 },
  ],
  paths: [
    { path: "health", looks: 40, ok: 40, falselyOk: 0 },
    { path: "ready", looks: 40, ok: 40, falselyOk: 0 },
  ],
  aborts: null,
  deaths: 0,
  service: { peakCpuCores: 0.31, peakMemoryBytes: 89_340_000 },
};

/** What the run showed under each scenario, in their order: a service that retries, and is killed once. */
const measured: readonly MeasuredScenario[] = [
  calm,
  {
    ...calm,
    scenario: "llm-rate-limited",
    requests: 410,
    errorRate: 0.061,
    goodput: 0.87,
    degradedRate: 0.012,
    driftRate: 0.012,
    p95Ms: Number.POSITIVE_INFINITY,
    calls: [
      { edge: "llm", perRequest: 1.58, perHitRequest: 3.9, timesCalm: 1.574, most: 5 },
      { edge: "vector", perRequest: 1, perHitRequest: 1, timesCalm: 1, most: 1 },
    ],
  },
  { ...calm, scenario: "vector-slow", requests: 410, driftRate: 0, p50Ms: 340, p95Ms: 1240, service: null },
  {
    ...calm,
    scenario: "service-killed",
    requests: 60,
    errorRate: 0.4,
    goodput: 0.6,
    driftRate: 0,
    p95Ms: Number.POSITIVE_INFINITY,
    recovery: { kills: 6, medianMs: 1430 },
    calls: [],
    paths: [
      { path: "health", looks: 12, ok: 12, falselyOk: 5 },
      { path: "ready", looks: 12, ok: 7, falselyOk: 0 },
    ],
    aborts: { aborted: 20, openAfter1s: 3 },
    deaths: 1,
    service: { peakCpuCores: 1, peakMemoryBytes: 1.6 * 1024 ** 3 },
  },
];

export const WORDS = Object.keys(VERDICTS) as readonly VerdictWord[];

export const resultFor = (word: VerdictWord): Result => ({
  schemaVersion: 1,
  suite: "answers",
  suiteHash: "5f1d0c6b9a7e4d3c2b1a09f8e7d6c5b4a3928170655443322110ffeeddccbbaa",
  seed: 1287,
  verdict: VERDICTS[word],
  scenarios,
  measured,
  head: {
    provenance: provenance("retry-after", "b18e51d0f0e1d2c3b4a5968778695a4b3c2d1e0f"),
    fingerprint,
    observations: 2840,
    probeMs: 12.4,
    measuringMs: 131_000,
  },
  baseline:
    word === "no-baseline"
      ? null
      : { runs: 5, newest: provenance("main", "919ad74aa0b1c2d3e4f5061728394a5b6c7d8e9f"), fingerprint },
  method: word === "no-baseline" ? "none" : "twin",
  notes: ["vector: the exact repetition is known for 99.3 % of calls."],
  reproduce: "squall run --seed 1287 --experiment llm-rate-limited",
});
