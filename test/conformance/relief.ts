/** What every Runtime must do of remedies. A runtime's test calls `describeRelief` as it calls `describeRuntime`. */
import { Agent, get } from "node:http";
import { describe, expect, test } from "vitest";
import type { PlacedRuntimeRemedy } from "../../src/core/remedy/remedy.ts";
import type { DependencySpec } from "../../src/core/suite.ts";
import type { RunningSystem } from "../../src/run/ports.ts";
import { until } from "../support/services/living.ts";
import { answers, type RuntimeUnderTest, said, startOptions } from "./runtime.ts";

export interface RelievedRuntime extends RuntimeUnderTest {
  /** The tiny service as a dependency that the runtime starts. */
  readonly dependency: (name: string) => DependencySpec;
}

export const remedy = (
  kind: "restart" | "replica" | "more-cpu" | "more-memory",
  on = "service",
  times = 3,
): PlacedRuntimeRemedy =>
  kind === "more-cpu" || kind === "more-memory" ? { kind, on, times } : { kind, on };

/** Instances that answer on the client edge, each asked on a connection of its own. */
const instances = async (system: RunningSystem, asked: number): Promise<ReadonlySet<string>> => {
  const all = new Set<string>();
  for (let call = 0; call < asked; call++) all.add((await said(system)).instance);
  return all;
};

/** The instance that answers on one connection, kept from call to call. */
const onKept = (system: RunningSystem, agent: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    get(`${system.clientUrl}/`, { agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve((JSON.parse(text) as { instance: string }).instance));
    }).on("error", reject);
  });

const cpuLimits = async (
  system: RunningSystem,
): Promise<readonly (readonly [string, number | undefined])[]> =>
  (await system.processes.usage())
    .filter(({ name }) => name.startsWith("service"))
    .map(({ name, cpuLimit }) => [name, cpuLimit] as const)
    .toSorted(([one], [other]) => one.localeCompare(other));

export const describeRelief = ({ name, runtime, suite, dependency }: RelievedRuntime): void => {
  describe(`remedies of runtime ${name}`, () => {
    test("restart: every replica in turn, ready again, its end counted as ours", async () => {
      await using system = await (await runtime()).start(startOptions(suite({ replicas: 2 })));
      const before = await Promise.all(
        system.serviceUrls.map(async (url) => (await said(system, url)).instance),
      );
      expect(system.processes.canRelieve(remedy("restart"))).toEqual({ ok: true });
      await using relief = await system.processes.relieve(remedy("restart"));
      expect(relief.receipt).toEqual({ on: "service", kind: "restart", seen: 2, acted: 2 });
      const after = await Promise.all(
        system.serviceUrls.map(async (url) => (await said(system, url)).instance),
      );
      expect(after.filter((instance) => before.includes(instance))).toEqual([]);
      expect(system.processes.exits().map(({ name, injected }) => [name, injected])).toEqual([
        ["service", true],
        ["service-2", true],
      ]);
    });

    test("restart: a dependency that the run started, also one that is dead; nobody else", async () => {
      await using system = await (await runtime()).start(
        startOptions(suite({ dependencies: [dependency("vectors")], env: { UPSTREAM: "{{vectors}}" } })),
      );
      const instance = async (): Promise<string> => {
        const asked = await fetch(`${system.clientUrl}/ask/`, { headers: { connection: "close" } });
        const { body } = (await asked.json()) as { readonly body: string };
        return (JSON.parse(body) as { readonly instance: string }).instance;
      };
      const first = await instance();
      await system.processes.relieve(remedy("restart", "vectors"));
      const second = await instance();
      expect(second).not.toBe(first);
      await system.processes.kill("vectors", "SIGKILL", 0);
      await system.processes.relieve(remedy("restart", "vectors"));
      const third = await instance();
      expect(third).not.toBe(second);
      // The fault's own restart comes due later: it runs already.
      await system.processes.restart("vectors", 0);
      expect(await instance()).toBe(third);
      expect(system.processes.exits().map(({ name, injected }) => [name, injected])).toEqual([
        ["vectors", true],
        ["vectors", true],
      ]);
      expect(system.processes.canRelieve(remedy("restart", "nobody"))).toMatchObject({ ok: false });
      expect(system.processes.canRelieve(remedy("replica", "vectors"))).toEqual({
        ok: false,
        reason: "only the service can have one more replica",
      });
      await expect(system.processes.relieve(remedy("restart", "nobody"))).rejects.toMatchObject({
        code: "fault-unsupported",
      });
    });

    test("more-cpu: times what the limit leaves, in whichever order fault and remedy end", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      expect(await cpuLimits(system)).toEqual([["service", undefined]]);
      const none = { ok: false, reason: "no limit to lift" };
      expect(system.processes.canRelieve(remedy("more-cpu"))).toEqual(none);
      await expect(system.processes.relieve(remedy("more-cpu"))).rejects.toMatchObject({
        code: "fault-unsupported",
        message: expect.stringContaining("no limit to lift") as string,
      });
      await system.processes.limitCpu("service", 0.25);
      expect(system.processes.canRelieve(remedy("more-cpu"))).toEqual({ ok: true });
      const inner = await system.processes.relieve(remedy("more-cpu"));
      expect(inner.receipt).toEqual({ on: "service", kind: "more-cpu", seen: 1, acted: 1 });
      expect(await cpuLimits(system)).toEqual([["service", 0.75]]);
      await inner[Symbol.asyncDispose]();
      await inner[Symbol.asyncDispose]();
      expect(await cpuLimits(system)).toEqual([["service", 0.25]]);
      const outer = await system.processes.relieve(remedy("more-cpu", "service", 2));
      expect(await cpuLimits(system)).toEqual([["service", 0.5]]);
      await system.processes.limitCpu("service", null);
      expect(await cpuLimits(system)).toEqual([["service", undefined]]);
      await outer[Symbol.asyncDispose]();
      expect(await cpuLimits(system)).toEqual([["service", undefined]]);
      await system.processes.limitCpu("service", 0.25);
      expect(await cpuLimits(system)).toEqual([["service", 0.25]]);
    });

    test("replica: one more behind the client edge, limited like the others, until it is taken away", async () => {
      await using system = await (await runtime()).start(startOptions(suite()));
      const own = (await said(system)).instance;
      const kept = new Agent({ keepAlive: true, maxSockets: 1 });
      expect(await onKept(system, kept)).toBe(own);
      await system.processes.limitCpu("service", 0.5);
      const relief = await system.processes.relieve(remedy("replica"));
      expect(relief.receipt).toEqual({ on: "service", kind: "replica", seen: 1, acted: 1 });
      expect((await instances(system, 4)).size).toBe(2);
      expect(await cpuLimits(system)).toEqual([
        ["service", 0.5],
        ["service-2", 0.5],
      ]);
      await system.processes.limitCpu("service", null);
      expect(await cpuLimits(system)).toEqual([
        ["service", undefined],
        ["service-2", undefined],
      ]);
      // A fault on the service strikes the suite's own.
      expect(system.processes.replicas).toBe(1);
      expect((await system.processes.kill("service", "SIGKILL", 1)).replica).toBe(0);
      const added = [...(await instances(system, 2))];
      expect(added).not.toContain(own);
      await system.processes.restart("service", 0);
      await until("it answers again", () => answers(`${system.serviceUrls[0]}/ready`), 15_000);
      await relief[Symbol.asyncDispose]();
      const left = await instances(system, 3);
      expect([left.size, left.has(added[0] ?? "")]).toEqual([1, false]);
      // A kept connection was not broken by it.
      expect(left.has(await onKept(system, kept))).toBe(true);
      kept.destroy();
      expect(await cpuLimits(system)).toEqual([["service", undefined]]);
      expect(system.processes.exits()).toMatchObject([{ name: "service", injected: true }]);
    });

    test("replica: several, and one still there at the end ends with the run", async () => {
      const started = await (await runtime()).start(startOptions(suite()));
      await using system = started;
      const first = await system.processes.relieve(remedy("replica"));
      const second = await system.processes.relieve(remedy("replica"));
      expect((await instances(system, 6)).size).toBe(3);
      await first[Symbol.asyncDispose]();
      expect((await instances(system, 4)).size).toBe(2);
      await started[Symbol.asyncDispose]();
      expect(await answers(`${system.clientUrl}/ready`)).toBe(false);
      // Too late: nobody is there to be told, and nothing is left to end.
      await expect(second[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "sidecar-failed" });
    });
  });
};
