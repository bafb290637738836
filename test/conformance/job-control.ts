/**
 * What every runtime's `JobControl` must do, whatever its workers run in. A runtime's test calls `describeJobControl` with a suite around
 * the tiny training job of test/support/jobs.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Suite } from "../../src/core/suite.ts";
import type { JobControl, OutputLine } from "../../src/run/job/job-ports.ts";
import type { ProcessExit, RunningSystem, Runtime } from "../../src/run/ports.ts";
import type { JobSuite } from "../support/jobs/job-suite.ts";
import { until } from "../support/services/living.ts";

export interface JobRuntimeUnderTest {
  readonly name: string;
  readonly runtime: () => Runtime | Promise<Runtime>;
  /** A suite around the tiny training job that this runtime can start. */
  readonly suite: (options?: JobSuite) => Suite;
}

interface Heard {
  readonly system: RunningSystem;
  readonly job: JobControl;
  readonly lines: OutputLine[];
  readonly exits: ProcessExit[];
  /** Texts of a worker's standard output, without control codes. */
  readonly said: (name?: string) => string[];
  /** Waits for a line that begins so. */
  readonly hears: (start: string, name?: string) => Promise<string>;
  readonly exitsOf: (count: number) => Promise<readonly ProcessExit[]>;
}

export const heard = async (runtime: Runtime, suite: Suite): Promise<Heard> => {
  const runDirectory = mkdtempSync(path.join(tmpdir(), "squall-job-"));
  const lines: OutputLine[] = [];
  const exits: ProcessExit[] = [];
  const system = await runtime.start({
    suite,
    suiteDirectory: runDirectory,
    runDirectory,
    seed: 7,
    front: null,
    signal: new AbortController().signal,
    progress: () => undefined,
    watch: { onLine: (line) => void lines.push(line), onExit: (exit) => void exits.push(exit) },
  });
  const { job } = system;
  if (job === undefined) throw new Error("a suite with a job was started without control over it");
  const said = (name = "service"): string[] =>
    lines.flatMap((line) => (line.name === name && line.stream === "stdout" ? [line.text] : []));
  return {
    system,
    job,
    lines,
    exits,
    said,
    hears: async (start, name = "service") => {
      const find = (): string | undefined => said(name).find((text) => text.startsWith(start));
      await until(`${name} says ${start}`, () => find() !== undefined, 30_000);
      return find() ?? "";
    },
    exitsOf: async (count) => {
      await until(`${count} exits`, () => exits.length >= count, 30_000);
      return exits;
    },
  };
};

export const describeJobControl = ({ name, runtime, suite }: JobRuntimeUnderTest): void => {
  const starting = async (options?: JobSuite): Promise<Heard> => heard(await runtime(), suite(options));

  describe(`job control of runtime ${name}`, () => {
    test("starts everything but the workers, and a worker when asked, told of its lines and then of its exit", async () => {
      const { system, job, lines, exits, exitsOf, said } = await starting({ steps: 3 });
      await using _ = system;
      expect([lines, exits]).toEqual([[], []]);
      const beforeMs = Date.now();
      await job.start(0);
      expect(await exitsOf(1)).toMatchObject([
        { name: "service", exitCode: 0, signal: null, injected: false },
      ]);
      // All that it said is there when its exit is told.
      expect(said().at(-1)).toBe("done");
      expect(said().filter((text) => text.includes("iter"))).toHaveLength(4);
      expect(said()[0]).toContain("\u001B[32m");
      expect(lines.every(({ atMs }) => atMs >= beforeMs && atMs <= Date.now())).toBe(true);
    });

    test("each worker knows its rank and how many they are, has a disk of its own and shares the checkpoints", async () => {
      const env = { NOTE_DISK: "1", STAY: "1" };
      const { system, job, hears } = await starting({ workers: 2, steps: 2, env });
      await using _ = system;
      expect(job.workers).toBe(2);
      await job.start(0);
      expect(await hears("disk")).toBe("disk empty");
      await job.start(1);
      expect(await hears("disk", "service-2")).toBe("disk empty");
    });

    test("a crash is told as the worker's own, with its exit code, and it can be started again", async () => {
      const env = { SAVE_EVERY: "1", CRASH_AT: "2" };
      const { system, job, exitsOf, hears } = await starting({ steps: 3, env });
      await using _ = system;
      await job.start(0);
      expect(await exitsOf(1)).toMatchObject([{ name: "service", exitCode: 3, injected: false }]);
      await job.start(0);
      expect(await hears("loaded")).toBe("loaded 1");
      expect((await exitsOf(2))[1]).toMatchObject({ exitCode: 0, injected: false });
    });

    test("a killed worker stays dead until it is started again", async () => {
      const { system, job, exits, exitsOf, hears, lines } = await starting({
        steps: 2,
        env: { STAY: "1", SAVE_EVERY: "1" },
      });
      await using _ = system;
      await job.start(0);
      await hears("saved 2");
      await system.processes.kill("service", "SIGKILL", 0);
      expect(await exitsOf(1)).toMatchObject([{ name: "service", injected: true }]);
      const heardSoFar = lines.length;
      await job.start(0);
      await hears("loaded");
      expect(lines.slice(heardSoFar).map(({ text }) => text)).toContain("loaded 2");
      expect(exits).toHaveLength(1);
    });

    test("the worker that is killed is the one asked for", async () => {
      const { system, job, exitsOf, hears } = await starting({
        workers: 2,
        steps: 1,
        env: { STAY: "1", NOTE_DISK: "1" },
      });
      await using _ = system;
      await Promise.all([job.start(0), job.start(1)]);
      await hears("disk");
      await hears("disk", "service-2");
      await system.processes.kill("service-2", "SIGKILL", 1);
      expect((await exitsOf(1)).map(({ name: who }) => who)).toEqual(["service-2"]);
    });

    test("a worker that is ended is told as our doing, and is gone when that is done; ending it again does nothing", async () => {
      const { system, job, exits, exitsOf, hears } = await starting({ steps: 1, env: { STAY: "1" } });
      await using _ = system;
      await job.start(0);
      await hears("\u001B[32miter 1");
      await job.end(0);
      expect(await exitsOf(1)).toMatchObject([{ name: "service", injected: true }]);
      await job.end(0);
      expect(exits).toHaveLength(1);
    });

    test("a paused worker can be ended", async () => {
      const { system, job, exitsOf, hears } = await starting({ steps: 1, env: { STAY: "1" } });
      await using _ = system;
      await job.start(0);
      await hears("\u001B[32miter 1");
      await system.processes.pause("service");
      await job.end(0);
      expect(await exitsOf(1)).toMatchObject([{ injected: true }]);
    });

    test("a restart finds disk and checkpoints, a replaced node the checkpoints alone", async () => {
      const env = { NOTE_DISK: "1", SAVE_EVERY: "1" };
      const { system, job, said, exitsOf } = await starting({ steps: 1, env });
      await using _ = system;
      await job.start(0);
      await exitsOf(1);
      await job.start(0);
      await exitsOf(2);
      await job.replaceNode(0);
      await job.start(0);
      await exitsOf(3);
      const told = said().filter((text) => /^(disk|loaded)/.test(text));
      expect(told).toEqual(["disk empty", "disk known", "loaded 1", "disk empty", "loaded 1"]);
    });

    test("reads a file that the first worker writes: null before it is there, and nothing outside of its directory", async () => {
      const env = { METRICS_FILE: "{{checkpoints}}/m.jsonl" };
      const { system, job, exitsOf } = await starting({ steps: 1, env });
      await using _ = system;
      expect(await job.readFile("checkpoints", "m.jsonl")).toBeNull();
      await job.start(0);
      await exitsOf(1);
      expect(await job.readFile("checkpoints", "m.jsonl")).toBe(
        '{"step":0,"loss":10}\n{"step":1,"loss":5}\n',
      );
      expect(await job.readFile("disk", "m.jsonl")).toBeNull();
      const outside = await job
        .readFile("disk", "../../../../../../../../etc/hostname")
        .catch(() => "refused");
      expect(["refused", null]).toContain(outside);
    });

    test("reaches the first worker's own port", async () => {
      const { system, job, hears } = await starting({ steps: 1, env: { METRICS: "1", STAY: "1" } });
      await using _ = system;
      await job.start(0);
      await hears("\u001B[32miter 1");
      const page = async (): Promise<string> => (await fetch(`${job.metricsUrl}/metrics`)).text();
      expect(await page()).toContain("train_step 1");
    });

    test("a worker that ends by itself and leaves nothing leaves no orphan", async () => {
      const { system, job, exitsOf } = await starting({ steps: 1 });
      await using _ = system;
      await job.start(0);
      await exitsOf(1);
      expect(await job.orphans()).toBe(0);
    });
  });
};
