/** A runtime in memory: workers that say what a test gives them to say, and end. */
import type { JobControl } from "../../../src/run/job/job-ports.ts";
import type { RunningSystem, Runtime, RuntimeStart } from "../../../src/run/ports.ts";

export interface Life {
  readonly lines: readonly string[];
  /** Null: it goes on until it is ended. */
  readonly exitCode: number | null;
}

/** What a worker does in one of its lives. */
export type Conduct = (scenario: string, repeat: number, life: number) => Life;

export const trainsTo = (steps: number): Life => ({
  lines: Array.from({ length: steps + 1 }, (_, step) => `iter ${step}: loss 1.0`),
  exitCode: 0,
});

export const memoryJobRuntime = (conduct: Conduct) => {
  const starts: string[] = [];
  /** Experiments that each start was made ready for. */
  const readyFor: (readonly string[])[] = [];
  let open = 0;
  const start = async ({ runDirectory, watch, suite }: RuntimeStart): Promise<RunningSystem> => {
    const [, scenario = "", repeat = ""] = /jobs\/(.*)-(\d+)$/.exec(runDirectory) ?? [];
    starts.push(`${scenario} ${repeat}`);
    readyFor.push(suite.experiments.map(({ name }) => name));
    open++;
    let life = 0;
    let running = false;
    const exit = (exitCode: number | null, injected: boolean): void => {
      if (!running) return;
      running = false;
      const signal = exitCode === null ? "SIGKILL" : null;
      watch?.onExit({ name: "service", atMs: Date.now(), exitCode, signal, injected });
    };
    const job: JobControl = {
      workers: suite.job?.workers ?? 1,
      start: async () => {
        running = true;
        const { lines, exitCode } = conduct(scenario, Number(repeat), life++);
        setImmediate(() => {
          for (const text of lines)
            if (running) watch?.onLine({ name: "service", stream: "stdout", text, atMs: Date.now() });
          // A turn later: a kill that a line calls for comes first.
          if (exitCode !== null) setImmediate(() => exit(exitCode, false));
        });
      },
      end: async () => exit(null, true),
      replaceNode: async () => undefined,
      readFile: async () => null,
      metricsUrl: "http://127.0.0.1:1",
      orphans: async () => 0,
    };
    return {
      job,
      fingerprint: {
        arch: "x64",
        platform: "linux",
        cpuModel: "memory",
        cpus: 2,
        memoryBytes: 1,
        node: "v24",
        runtime: "process",
      },
      processes: {
        kill: async (_: string, __: string, replica: number) => {
          exit(null, true);
          return { replica, atMs: Date.now() };
        },
        exits: () => [],
        usage: async () => [],
      },
      [Symbol.asyncDispose]: async () => void open--,
    } as unknown as RunningSystem;
  };
  const runtime: Runtime = { name: "process", supports: () => ({ ok: true }), start };
  return { runtime, starts, readyFor, open: () => open };
};
