/** Failed results for post-mortems, by name: with everything that explains a failure, with some of it, with nothing. */
import type { Remedy } from "../../../../src/core/remedy/remedy.ts";
import type { Finding, Result } from "../../../../src/core/verdict.ts";
import { comparison, resultFor } from "../results.ts";

const retry: Remedy = { on: "llm", kind: "retry", attempts: 2, backoffMs: 100 };
const capped: Remedy = { on: "llm", kind: "retry-after-cap", mostMs: 500 };

/** A partial fault: calls grew, and one retry after a short wait would have restored it. */
const explained = (): Result => ({
  ...resultFor("regressed"),
  timeline: {
    entries: [
      { event: "fault", scenario: "llm-rate-limited", round: 1, atMs: 21_400, durationMs: 6000 },
      { event: "fault", scenario: "vector-slow", round: 1, atMs: 27_900, durationMs: 6000 },
      {
        event: "fault",
        scenario: "llm-rate-limited",
        round: 2,
        atMs: 41_200,
        durationMs: 6000,
        invalid: "the generator fell 210 ms behind",
      },
      {
        event: "death",
        scenario: "llm-rate-limited",
        atMs: 44_010,
        process: "service",
        exitCode: 137,
        signal: null,
      },
      { event: "trials", scenario: "llm-rate-limited", atMs: 121_000, durationMs: 18_400, windows: 9 },
    ],
    leftOut: 3,
  },
  detection: [
    {
      detector: "mean-variance",
      form: "median/MAD, k = 6",
      calmMs: 62_000,
      falseAlarms: 1,
      scenarios: [
        { scenario: "llm-rate-limited", windows: 5, found: 4, medianDelayMs: 1200 },
        { scenario: "vector-slow", windows: 5, found: 5, medianDelayMs: 900 },
      ],
    },
    {
      detector: "svm",
      form: "one-class, trained on calm",
      fellBack: "no labelled runs",
      calmMs: 62_000,
      falseAlarms: 0,
      scenarios: [{ scenario: "llm-rate-limited", windows: 5, found: 0, medianDelayMs: null }],
    },
  ],
  signals: [
    {
      signal: "errors",
      description: "metric http_errors_total at /metrics",
      samples: 131,
      falselyShown: 0,
      calmMs: 62_000,
      scenarios: [
        { scenario: "llm-rate-limited", windows: 5, shown: 0, medianDelayMs: null, harmedShare: 0.13 },
      ],
    },
  ],
  localisation: [
    {
      scenario: "llm-rate-limited",
      truth: ["llm"],
      suspects: [
        {
          place: "llm",
          type: "edge",
          score: 8.42,
          reasons: ["errors 0 -> 20 % of calls", "first to deviate, after 1 s"],
        },
        { place: "service", type: "process", score: 1.3, reasons: [] },
      ],
      right: true,
      propagation: [
        {
          kind: "retry-storm",
          from: "service",
          to: "llm",
          text: "Calls at llm grew from 1.2 to 1.58 for each request while 20 % of them failed",
        },
      ],
    },
  ],
  diagnoses: [
    {
      scenario: "llm-rate-limited",
      metric: "error-rate",
      unit: "share",
      without: 0.064,
      steady: 0.004,
      tried: [
        {
          remedy: capped,
          description: "Retry-After of at most 500 ms on llm",
          outcome: "no-effect",
          value: 0.059,
          interval: [-0.021, 0.011],
          restoredShare: 0.08,
          reason: "the interval holds 0",
        },
        {
          remedy: retry,
          description: "two attempts, 100 ms apart, on llm",
          outcome: "restored",
          value: 0.005,
          interval: [-0.071, -0.047],
          restoredShare: 0.98,
          reason: "within the margin of the steady state",
        },
        {
          remedy: { on: "service", kind: "replica" },
          description: "one more replica of the service",
          outcome: "not-tried",
          value: null,
          interval: null,
          restoredShare: null,
          reason: "a cheaper one restored it",
        },
      ],
      best: {
        remedy: retry,
        description: "two attempts, 100 ms apart, on llm",
        outcome: "restored",
        value: 0.005,
        interval: [-0.071, -0.047],
        restoredShare: 0.98,
        reason: "within the margin of the steady state",
      },
    },
  ],
  recoveryPolicies: [],
});

const recoveryFinding: Finding = {
  kind: "regression",
  severity: "block",
  scenario: "service-killed",
  metric: "recovery",
  edge: "service",
  title:
    "service is killed and started again after 1 s: recovery time 1.4 s -> 6.2 s (+4.8 s, 95 % CI +3.9..+5.7; allowed +500 ms)",
  detail: [],
  class: "recovery",
  impact: 4.8,
};

const death: Finding = {
  kind: "death",
  severity: "block",
  scenario: "vector-slow",
  metric: "deaths",
  edge: "vector",
  title:
    "vector answers 300 ms late, on 20 % of calls: the service died once by itself (SIGSEGV), never in 5 runs of the baseline",
  detail: ["Its last words are in the run's logs."],
  class: "availability",
  impact: 1,
};

/** A slow recovery that a policy shortens, and a crash under another fault. */
const killed = (): Result => {
  const result = resultFor("regressed");
  return {
    ...result,
    verdict: {
      ...result.verdict,
      headline: "Less resilient under 2 of 3 faults: merge blocked",
      worstScenario: "vector-slow",
      hypotheses: [],
      findings: [death, recoveryFinding],
      comparisons: result.verdict.comparisons
        .filter(({ scenario }) => scenario !== "llm-rate-limited")
        .map((each) =>
          each.metric === "recovery"
            ? comparison({
                ...each,
                label: "regressed",
                head: 6200,
                change: 4800,
                interval: [3900, 5700],
                p: 1e-6,
              })
            : each,
        ),
    },
    timeline: {
      entries: [
        {
          event: "death",
          scenario: "vector-slow",
          atMs: 31_300,
          process: "service",
          exitCode: null,
          signal: "SIGSEGV",
        },
        { event: "fault", scenario: "service-killed", round: 1, atMs: 90_000, durationMs: 8000 },
        {
          event: "kill",
          scenario: "service-killed",
          round: 1,
          atMs: 92_000,
          signal: "SIGKILL",
          recoveryMs: 6200,
          watchedMs: 8000,
        },
        {
          event: "kill",
          scenario: "service-killed",
          round: 2,
          atMs: 112_000,
          signal: "SIGKILL",
          recoveryMs: null,
          watchedMs: 21_000,
        },
        { event: "not-settled", scenario: "service-killed", round: 2, atMs: 134_000, durationMs: 10_000 },
        {
          event: "policy",
          scenario: "service-killed",
          policy: "rules",
          atMs: 150_000,
          durationMs: 20_000,
          actions: 1,
        },
      ],
      leftOut: 0,
    },
    diagnoses: [
      {
        scenario: "service-killed",
        metric: "recovery",
        unit: "ms",
        without: 6200,
        steady: 1400,
        tried: [
          {
            remedy: { on: "service", kind: "restart" },
            description: "a restart of the service",
            outcome: "worse",
            value: 9100,
            interval: [1200, 4600],
            restoredShare: -0.6,
            reason: "the interval lies above 0",
          },
        ],
        best: null,
      },
    ],
    recoveryPolicies: [
      {
        scenario: "service-killed",
        policy: "rules",
        recoveryMs: 2600,
        withoutMs: 6300,
        watchedMs: 20_000,
        actions: [
          {
            atMs: 2000,
            remedy: { on: "service", kind: "replica" },
            because: "rule 1: errorRate > 50% for 2s",
          },
        ],
      },
      {
        scenario: "service-killed",
        policy: "learned",
        recoveryMs: null,
        withoutMs: 6300,
        watchedMs: 20_000,
        actions: [],
      },
    ],
    localisation: [
      {
        scenario: "service-killed",
        truth: ["service"],
        suspects: [{ place: "vector", type: "edge", score: 2.5, reasons: ["calls ceased after 2 s"] }],
        right: false,
        propagation: [],
      },
    ],
  };
};

/** Nothing to compare with, and an expectation broken; nothing else was looked at. */
const expectation = (): Result => {
  const result = resultFor("no-baseline");
  return {
    ...result,
    verdict: {
      ...result.verdict,
      word: "regressed",
      headline: "Expectation broken under 1 of 3 faults: merge blocked",
      worstScenario: "llm-rate-limited",
      findings: [
        {
          kind: "hypothesis",
          severity: "block",
          scenario: "llm-rate-limited",
          metric: null,
          edge: "llm",
          title:
            "llm answers 429, Retry-After 2 s, on 20 % of calls: expected errorRate <= 2%, measured 6.1 % (95 % CI 4.4 %..8.3 %)",
          detail: [],
          class: "availability",
          impact: 0.061,
        },
      ],
      hypotheses: [
        {
          scenario: "llm-rate-limited",
          text: "errorRate <= 2%",
          holds: "no",
          observed: 0.061,
          interval: [0.044, 0.083],
          unit: "share",
        },
      ],
    },
  };
};

/** As an older version wrote it: no class, no impact, no timeline. */
const old = (): Result => {
  const result = resultFor("regressed");
  const findings = result.verdict.findings.map(
    ({ kind, severity, scenario, metric, edge, title, detail }): Finding => ({
      kind,
      severity,
      scenario,
      metric,
      edge,
      title,
      detail,
    }),
  );
  return { ...result, verdict: { ...result.verdict, findings } };
};

/** By the name of its golden file. */
export const FAILED: Readonly<Record<string, () => Result>> = {
  "postmortem-explained": explained,
  "postmortem-killed": killed,
  "postmortem-expectation": expectation,
  "postmortem-bare": old,
};
