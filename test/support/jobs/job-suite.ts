import { fileURLToPath } from "node:url";
import type { Fault, Targeting } from "../../../src/core/fault.ts";
import type { JobTrigger } from "../../../src/core/job/trigger.ts";
import type { JobWorkload, RestartPolicy } from "../../../src/core/job/workload.ts";
import type { DependencySpec, Experiment, ProcessSpec, Suite } from "../../../src/core/suite.ts";
import { suiteWith } from "../suites.ts";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const spec = (script: string, env: Readonly<Record<string, string>>): ProcessSpec => ({
  command: [process.execPath, file(script)],
  cwd: ".",
  env,
  port: 0,
  readyTimeoutMs: 15_000,
});

/** The tiny training job as a command. */
export const trainProcess = (env: Readonly<Record<string, string>> = {}): ProcessSpec =>
  spec("./train.ts", {
    CHECKPOINT_DIR: "{{checkpoints}}",
    SCRATCH_DIR: "{{disk}}",
    RANK: "{{rank}}",
    WORLD_SIZE: "{{workers}}",
    ...env,
  });

export const shards: DependencySpec = {
  name: "data",
  protocol: "http",
  source: { type: "command", process: spec("./shards.ts", {}) },
};

export const everywhere = (on: string): Targeting => ({ on, fraction: 1, attempts: "all" });

export const killed = (overrides: Partial<Extract<Fault, { kind: "kill" }>> = {}): Fault => ({
  kind: "kill",
  signal: "SIGKILL",
  restartAfterMs: 0,
  ...everywhere("service"),
  ...overrides,
});

export const struck = (
  name: string,
  trigger: JobTrigger,
  faults: readonly Fault[],
  strikeMs?: number,
): Experiment => ({
  name,
  faults,
  expect: [],
  trigger,
  ...(strikeMs === undefined ? {} : { strikeMs }),
});

export const PATTERNS = {
  saving: "^saving (?P<step>\\d+)",
  saved: "^saved (?P<step>\\d+)",
  loaded: "^loaded (?P<step>\\d+)",
};

export interface JobSuite extends Partial<Omit<JobWorkload, "restart">> {
  readonly env?: Readonly<Record<string, string>>;
  readonly restart?: Partial<RestartPolicy>;
  readonly experiments?: readonly Experiment[];
  readonly dependencies?: readonly DependencySpec[];
}

/** A suite around the tiny training job. */
export const jobSuite = (options: JobSuite = {}): Suite => {
  const { env = {}, restart = {}, experiments = [], dependencies = [], ...workload } = options;
  const job: JobWorkload = {
    steps: 10,
    workers: 1,
    timeoutMs: 60_000,
    repeats: 1,
    progress: { type: "output", format: "nanogpt", patterns: PATTERNS },
    ...workload,
    restart: { limit: 5, backoffMs: 1, maxBackoffMs: 10, scope: "job", ...restart },
  };
  return {
    ...suiteWith(experiments),
    service: { process: trainProcess({ STEPS: String(job.steps), ...env }), replicas: job.workers },
    dependencies,
    job,
  };
};
