/** Whole systems around a job whose workers (train-worker.mjs) do as a test asks them. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Fault } from "../../../../../src/core/fault.ts";
import type { ContainerSpec, Suite } from "../../../../../src/core/suite.ts";
import type { JobControl, OutputLine } from "../../../../../src/run/job/job-ports.ts";
import type { ProcessExit, RunningSystem } from "../../../../../src/run/ports.ts";
import { containerSuite, SERVICE_IMAGE } from "../../../../support/services/container-suite.ts";
import { until } from "../../../../support/services/living.ts";
import { stub } from "../../../../support/services/service-suite.ts";
import { dockerSystem, look, type Seen } from "./docker-system.ts";

export const MIB = 1024 * 1024;
export const base = { on: "service", fraction: 1, attempts: "all" } as const;

export interface JobOptions extends Partial<ContainerSpec> {
  readonly workers?: number;
  readonly faults?: readonly Fault[];
  /** Number of the user that the image names; absent: root. */
  readonly user?: number;
}

const jobSuite = ({ workers = 1, faults = [], user, ...container }: JobOptions): Suite => {
  const suite = containerSuite({
    ...(user === undefined
      ? {}
      : {
          source: {
            type: "build",
            context: "image",
            dockerfile: "Dockerfile",
            args: {},
            cache: true,
          } as const,
        }),
    files: [{ source: "train-worker.mjs", target: "/service.ts" }],
    dependencies: [stub("data")],
    ...container,
    port: 0,
    env: {
      CHECKPOINT_DIR: "{{checkpoints}}",
      DATA_URL: "{{data}}",
      RANK: "{{rank}}",
      SCRATCH_DIR: "{{disk}}",
      TOKEN: "sk-secret",
      WORLD_SIZE: "{{workers}}",
      ...container.env,
    },
  });
  return {
    ...suite,
    service: { ...suite.service, replicas: workers },
    job: {
      steps: 10,
      workers,
      timeoutMs: 60_000,
      repeats: 1,
      progress: { type: "output", format: "auto", patterns: {} },
      restart: { limit: 5, backoffMs: 500, maxBackoffMs: 10_000, scope: "job" },
    },
    experiments: faults.map((fault, index) => ({
      name: `${fault.kind}-${index}`,
      faults: [fault],
      expect: [],
      trigger: { type: "step", step: 1 },
    })),
  };
};

export interface JobSystem extends RunningSystem {
  readonly job: JobControl;
  /** Everything that was told, in its order. */
  readonly told: readonly (OutputLine | ProcessExit)[];
  readonly exits: () => ProcessExit[];
  /** One request to a worker. */
  readonly ask: (request: string, worker?: number) => Promise<Seen>;
  /** Its answer, parsed; an error where it has none. */
  readonly answer: (request: string, worker?: number) => Promise<unknown>;
  /** Starts it, and waits until it answers. */
  readonly up: (worker?: number) => Promise<void>;
  /** Asks it to end, and waits until its exit is told. */
  readonly exit: (code: number, worker?: number) => Promise<void>;
}

export const jobSystem = async (options: JobOptions = {}): Promise<JobSystem> => {
  const told: (OutputLine | ProcessExit)[] = [];
  const system = await dockerSystem({
    suite: jobSuite(options),
    files: {
      "train-worker.mjs": readFileSync(path.join(import.meta.dirname, "train-worker.mjs"), "utf8"),
      "image/Dockerfile": `FROM ${SERVICE_IMAGE}\nUSER ${options.user ?? 0}\n`,
    },
    watch: { onLine: (line) => void told.push(line), onExit: (exit) => void told.push(exit) },
  });
  const { job } = system;
  if (job === undefined) throw new Error("the runtime gives no control of the job");
  const exits = (): ProcessExit[] => told.filter((each) => "injected" in each);
  const ask = (request: string, worker = 0): Promise<Seen> =>
    look(`${system.serviceUrls[worker]}/${request}`);
  const answer = async (request: string, worker = 0): Promise<unknown> => {
    const { status, body } = await ask(request, worker);
    if (status !== 200) throw new Error(`${request}: ${status} ${body}`);
    return JSON.parse(body);
  };
  return {
    ...system,
    job,
    told,
    exits,
    ask,
    answer,
    up: async (worker = 0) => {
      await job.start(worker);
      await until("the worker answers", async () => (await ask("about", worker)).status === 200, 20_000);
    },
    exit: async (code, worker = 0) => {
      const before = exits().length;
      await ask(`exit/${code}`, worker);
      await until("its exit is told", () => exits().length > before, 10_000);
    },
  };
};
