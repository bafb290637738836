import type { RecoveryCase } from "../../../src/core/recovery-policy/cases.ts";
import type { PolicyRun, RecoveryRule, Symptoms } from "../../../src/core/recovery-policy/rule.ts";
import type { Remedy } from "../../../src/core/remedy/remedy.ts";

export const CPUS: Remedy = { kind: "more-cpu", on: "service", times: 2 };
export const MEMORY: Remedy = { kind: "more-memory", on: "service", times: 2 };
export const CACHE: Remedy = { kind: "cache", on: "llm", forMs: 60_000, entries: 1000 };

export const CALM: Symptoms = { cpu: 0.2, memory: 0.3, errorRate: 0, p95Ms: 100, inFlight: 3 };
export const STARVED: Symptoms = { cpu: 0.98, memory: 0.3, errorRate: 0.12, p95Ms: 3000, inFlight: 80 };

export const rule = (overrides: Partial<RecoveryRule> = {}): RecoveryRule => ({
  when: { figure: "cpu", comparator: ">", limit: 0.9, forMs: 3000, text: "cpu > 90% for 3s" },
  do: CPUS,
  times: 1,
  coolDownMs: 5000,
  ...overrides,
});

export const policyRun = (overrides: Partial<PolicyRun> = {}): PolicyRun => ({
  scenario: "starved",
  policy: "rules",
  startMs: 0,
  durationMs: 10_000,
  recoveryMs: 6000,
  actions: [],
  symptoms: Array.from({ length: 10 }, () => STARVED),
  requests: 300,
  errors: 40,
  ...overrides,
});

export const caseOf = (overrides: Partial<RecoveryCase> = {}): RecoveryCase => ({
  scenario: "starved",
  commit: "3f2a1b9c",
  symptoms: STARVED,
  remedies: [CPUS],
  recovered: true,
  ...overrides,
});

export const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);
