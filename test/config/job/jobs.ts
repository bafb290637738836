/** Suites of training jobs for tests. */
import { stringify } from "yaml";
import { mustParse } from "../support.ts";

export const ARTICLE = `version: 1
name: train
service:
  command: node --experimental-strip-types train.ts
  env: {DATA_URL: "{{data}}", CHECKPOINT_DIR: "{{checkpoints}}", SCRATCH_DIR: "{{disk}}", RANK: "{{rank}}", WORLD_SIZE: "{{workers}}"}
dependencies:
  data: {command: "node shards.ts"}
workload:
  job:
    steps: 100
    timeout: 60s
    log: nanogpt
experiments:
  - name: article
    at: {chance: 10%}
    duration: 60s
    faults:
      - {kind: latency, on: data, delay: 50ms, fraction: 20%, for: 10s}
      - {kind: cpu-limit, on: service, cpus: 0.3, for: 10s, strikes: 30%}
  - name: killed
    at: {every: 30}
    faults: [{kind: kill, on: service}]
    expect: {completed: ">= 100%", lostSteps: "<= 10", resume: "<= 3s"}
  - name: disk-full-while-saving
    at: {save: each}
    faults: [{kind: disk-full, on: service, path: "{{checkpoints}}", forSteps: 5}, {kind: kill, on: service, after: 200ms}]
gate: {budget: 120s}
`;

const base = {
  version: 1,
  name: "train",
  service: { command: "node train.ts" },
  dependencies: { data: { command: "node shards.ts" } },
  experiments: [{ name: "killed", at: { every: 30 }, faults: [{ kind: "kill" }] }],
};

/** A job with keys of `workload.job` beside its 100 steps, and other parts of the suite replaced. */
export const jobText = (
  job: Readonly<Record<string, unknown>> = {},
  parts: Readonly<Record<string, unknown>> = {},
): string => stringify({ ...base, workload: { job: { steps: 100, ...job } }, ...parts });

export const jobSuite = (
  job: Readonly<Record<string, unknown>> = {},
  parts: Readonly<Record<string, unknown>> = {},
) => mustParse(jobText(job, parts)).suite;
