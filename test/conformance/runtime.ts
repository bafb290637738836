/**
 * What every Runtime must do, whatever it starts processes in. A runtime's test calls `describeRuntime` with a suite
 * around the tiny service of test/support/services.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { SquallError } from "../../src/core/errors.ts";
import type { Fault } from "../../src/core/fault.ts";
import { FAULT_CATALOGUE, FAULT_KINDS } from "../../src/core/fault-catalogue.ts";
import type { Suite } from "../../src/core/suite.ts";
import { linesWithin } from "../../src/run/exhibit-lines.ts";
import type { RunningSystem, Runtime } from "../../src/run/ports.ts";
import { until } from "../support/services/living.ts";
import { type ServiceSuite, stub } from "../support/services/service-suite.ts";

export interface RuntimeUnderTest {
  readonly name: string;
  /** A factory: some must find an engine first. */
  readonly runtime: () => Runtime | Promise<Runtime>;
  /** A suite around the tiny service that this runtime can start. */
  readonly suite: (options?: ServiceSuite) => Suite;
}

export const startOptions = (suite: Suite) => {
  const runDirectory = mkdtempSync(path.join(tmpdir(), "squall-runtime-"));
  return {
    suite,
    suiteDirectory: runDirectory,
    runDirectory,
    seed: 7,
    front: null,
    signal: new AbortController().signal,
    progress: () => undefined,
  };
};

export const answers = async (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(400), headers: { connection: "close" } }).then(
    (response) => response.ok,
    () => false,
  );

interface Said {
  readonly pid: number;
  readonly instance: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the service says of itself, asked through the client edge unless a URL is given. */
export const said = async (system: RunningSystem, base = system.clientUrl): Promise<Said> =>
  (await (await fetch(`${base}/`, { headers: { connection: "close" } })).json()) as Said;

export const describeRuntime = ({ name, runtime, suite }: RuntimeUnderTest): void => {
  describe(`runtime ${name}`, () => {
    test("starts a service that is ready, and reaches it through the client edge and past it", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      expect(await answers(`${system.clientUrl}/ready`)).toBe(true);
      expect(await answers(`${system.serviceUrls[0]}/ready`)).toBe(true);
      const records = await system.sidecar.takeRecords();
      expect(records.map(({ edge, path: asked, status }) => [edge, asked, status])).toEqual([
        ["client", "/ready", 200],
      ]);
      expect(await system.sidecar.takeRecords()).toEqual([]);
    });

    test("gives the service its dependency's address, on an edge the sidecar stands on", async () => {
      await using system = await (await runtime()).start(
        startOptions(suite({ dependencies: [stub("llm")], env: { UPSTREAM: "{{llm}}" } })),
      );
      const asked = await fetch(`${system.clientUrl}/ask/v1/models`);
      expect(await asked.json()).toMatchObject({ status: 200 });
      const records = await system.sidecar.takeRecords();
      expect(records.map(({ edge, path: called }) => `${edge} ${called}`).sort()).toEqual([
        "client /ask/v1/models",
        "llm /v1/models",
      ]);
    });

    test("a killed service is gone, is recorded as our doing, and answers again after a restart", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      const before = await said(system);
      const { replica, atMs } = await system.processes.kill("service", "SIGKILL", 0);
      expect(replica).toBe(0);
      expect(Math.abs(Date.now() - atMs)).toBeLessThan(10_000);
      expect(await answers(`${system.serviceUrls[0]}/ready`)).toBe(false);
      expect(system.processes.exits()).toMatchObject([
        { name: "service", signal: "SIGKILL", injected: true },
      ]);
      await system.processes.restart("service", 0);
      await until("it answers again", () => answers(`${system.clientUrl}/ready`), 15_000);
      expect((await said(system)).instance).not.toBe(before.instance);
    });

    test("a service that dies by itself is recorded as its own death", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      await fetch(`${system.serviceUrls[0]}/crash`).catch(() => undefined);
      await until("its exit is seen", () => system.processes.exits().length > 0);
      expect(system.processes.exits()).toMatchObject([{ name: "service", exitCode: 9, injected: false }]);
    });

    test("a paused service gives no answer, and answers when resumed", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      await system.processes.pause("service");
      expect(await answers(`${system.serviceUrls[0]}/ready`)).toBe(false);
      await system.processes.resume("service");
      await until("it answers", () => answers(`${system.serviceUrls[0]}/ready`));
      expect(system.processes.exits()).toEqual([]);
    });

    test("writes down what a process logs, with the time at which it did", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      const fromMs = Date.now();
      await system.processes.kill("service", "SIGUSR2", 0);
      const logged = async () =>
        (await linesWithin(system.logFiles, [{ fromMs, toMs: Date.now() }], 9))[0] ?? [];
      await until("its line is there", async () => (await logged()).length > 0);
      expect(await logged()).toEqual([
        { process: "service", atMs: expect.any(Number) as number, text: "took SIGUSR2" },
      ]);
      expect(
        (await linesWithin(system.logFiles, [{ fromMs: 0, toMs: fromMs - 1 }], 9))[0],
      ).not.toContainEqual(expect.objectContaining({ text: "took SIGUSR2" }));
    });

    test("one of two replicas killed: the client edge goes on with the other", async () => {
      await using system = await (await runtime()).start(startOptions(suite({ replicas: 2 })));
      expect(system.processes.replicas).toBe(2);
      const instances = await Promise.all(
        system.serviceUrls.map(async (url) => (await said(system, url)).instance),
      );
      expect(new Set(instances).size).toBe(2);
      const { replica } = await system.processes.kill("service", "SIGKILL", 1);
      expect(replica).toBe(1);
      const left = [await said(system), await said(system), await said(system)].map(
        ({ instance }) => instance,
      );
      expect(left).toEqual([instances[0], instances[0], instances[0]]);
    });

    test("tells memory and processor use of each process", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      const [usage] = await system.processes.usage();
      expect(usage).toMatchObject({ name: "service" });
      expect(usage?.memoryBytes).toBeGreaterThan(5 << 20);
    });

    test("an unknown target is refused with what could stand there", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      await expect(system.processes.kill("nobody", "SIGKILL", 0)).rejects.toMatchObject({
        code: "fault-unsupported",
        remedy: expect.stringContaining("service") as string,
      });
    });

    test("disposing twice is disposing once, and nothing answers afterwards", async () => {
      const system = await (await runtime()).start(startOptions(suite()));
      await system[Symbol.asyncDispose]();
      await system[Symbol.asyncDispose]();
      expect(await answers(`${system.serviceUrls[0]}/ready`)).toBe(false);
      expect(await answers(`${system.clientUrl}/ready`)).toBe(false);
    });

    test("an aborted start is interrupted", async () => {
      const options = {
        ...startOptions(suite({ env: { AT_START: "silent" } })),
        signal: AbortSignal.timeout(300),
      };
      const error: unknown = await (await runtime()).start(options).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SquallError);
      expect(error).toMatchObject({ code: "interrupted" });
    });

    test("says of every process fault whether it can do it, and why not", async () => {
      const asked = await runtime();
      const answersOf = FAULT_KINDS.filter((kind) => FAULT_CATALOGUE[kind].family === "process").map((kind) =>
        // `supports` looks at the kind alone.
        asked.supports({ kind, on: "service", fraction: 1, attempts: "all" } as Fault),
      );
      expect(answersOf.some(({ ok }) => ok)).toBe(true);
      const reasons = answersOf.flatMap((answer) => (answer.ok ? [] : [answer.reason]));
      expect(reasons.filter((reason) => !/runtime \w+ can/.test(reason))).toEqual([]);
    });
  });
};
