/** The suite that simulated runs follow: the plan is the product's own, so windows, hits and twins are exactly its. */
import { parseSuite } from "../../src/config/suite.ts";
import type { Suite } from "../../src/core/suite.ts";
import type { RequestTemplate } from "../../src/core/workload.ts";
import { makePlan, type Plan } from "../../src/run/plan/plan.ts";

export interface SuiteOptions {
  /** Of the whole run, s. */
  readonly budgetS: number;
  readonly rateRps: number;
}

const IDS = 40;

/** Scenarios as in METHOD.md section 8, and the conduct of section 10. */
const text = ({ budgetS, rateRps }: SuiteOptions): string => `version: 1
name: simulated
service: { command: none, ready: /ready, health: /health }
dependencies: { llm: { stub: openai } }
workload: { requests: r.jsonl, rate: ${rateRps}/s, slo: 3s, arrivals: poisson }
experiments:
  - { name: slow, faults: [{ kind: http-delay, on: llm, delay: 300ms, fraction: 20% }] }
  - { name: reset, faults: [{ kind: reset, on: llm, fraction: 20% }] }
  - { name: hang, faults: [{ kind: blackhole, on: llm, fraction: 20% }] }
  - { name: cut, faults: [{ kind: stream-truncate, on: llm, fraction: 20% }] }
  - { name: cpu, faults: [{ kind: cpu-limit, on: service, cpus: 1 }] }
  - { name: outage, faults: [{ kind: http-error, on: llm, status: 503 }] }
  - { name: killed, faults: [{ kind: kill, on: service, restartAfter: 500ms }] }
gate: { budget: ${budgetS}s }
`;

export const REQUESTS: readonly RequestTemplate[] = Array.from({ length: IDS }, (_, index) => ({
  id: `r${index}`,
  method: "POST",
  path: "/ask",
  headers: {},
  body: JSON.stringify({ question: `number ${index}` }),
  weight: 1,
  expect: {},
  stream: true,
}));

export const simulatedSuite = (options: SuiteOptions): Suite => {
  const parsed = parseSuite(text(options), { file: "simulated.yml" });
  if (parsed.ok) return parsed.suite;
  throw new Error(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
};

export const simulatedPlan = (suite: Suite, seed: number): Plan =>
  makePlan({ suite, requests: REQUESTS, seed, attributable: () => true });
