/** Small suites for tests that need one, with every field said. */
import type { Fault } from "../../src/core/fault.ts";
import type { Experiment, Suite } from "../../src/core/suite.ts";
import type { RequestTemplate } from "../../src/core/workload.ts";

export const experiment = (name: string, ...faults: readonly Fault[]): Experiment => ({
  name,
  faults,
  expect: [],
});

export const httpError = (on: string, fraction: number): Fault => ({
  kind: "http-error",
  on,
  fraction,
  attempts: 1,
  status: 503,
  headers: {},
});

export const templates = (count: number): RequestTemplate[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `q${index}`,
    method: "POST",
    path: "/answer",
    headers: {},
    body: JSON.stringify({ question: `what is the answer to question number ${index}?` }),
    weight: 1,
    expect: {},
    stream: "auto",
  }));

export const suiteWith = (
  experiments: readonly Experiment[],
  overrides: { budgetMs?: number; rateRps?: number } = {},
): Suite => ({
  version: 1,
  name: "test",
  runtime: "auto",
  docker: {},
  toxiproxy: { image: "ghcr.io/shopify/toxiproxy:2.12.0" },
  service: {
    process: {
      command: ["node", "server.ts"],
      cwd: ".",
      env: {},
      port: 0,
      ready: "/",
      readyTimeoutMs: 10_000,
    },
    replicas: 1,
  },
  dependencies: [],
  workload: {
    requestsPath: "requests.jsonl",
    arrivals: "constant",
    rateRps: overrides.rateRps ?? 30,
    concurrency: 4,
    connections: "fresh",
    maxInFlight: 200,
    deadlines: { connectMs: 1000, headersMs: 5000, firstContentMs: 5000, silenceMs: 5000, totalMs: 10_000 },
    sloMs: 2000,
    streamEnd: { sentinels: ["[DONE]"], finishPaths: [] },
    headers: {},
  },
  experiments,
  frontiers: [],
  policy: {
    budgetMs: overrides.budgetMs ?? 120_000,
    alpha: 0.05,
    latency: { relative: 0.1, absoluteMs: 10 },
    errorRate: 0.005,
    degradedRate: 0.02,
    slowShare: 0.02,
    callsPerRequest: { relative: 0.1, absolute: 0.05 },
    recovery: { relative: 0.25, absoluteMs: 500 },
    frontier: 0.25,
    onInconclusive: "warn",
    onNoBaseline: "pass",
    onWeakened: "warn",
    acceptance: "commit",
    diagnosisMs: 0,
    earlyStop: true,
    pooledRuns: 8,
    maxBaselineAgeMs: 30 * 86_400_000,
    maxBaselineCommits: 500,
    maxLagP99Ms: 5,
    minAchievedRate: 0.99,
  },
  hash: "0".repeat(64),
  frameHash: "1".repeat(64),
  detectors: [],
  redact: [],
});
