import { expect, test } from "vitest";
import { dockerRuntime } from "../../../../src/adapters/runtimes/docker/docker-runtime.ts";
import type { RunningSystem } from "../../../../src/run/ports.ts";
import { describeRelief, remedy } from "../../../conformance/relief.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import { containerSuite } from "../../../support/services/container-suite.ts";
import { dockerSystem, ownContainers, servant } from "./support/docker-system.ts";

const MIB = 1024 * 1024;

const memoryLimit = async (system: RunningSystem): Promise<number | undefined> =>
  (await system.processes.usage()).find(({ name }) => name === "service")?.memoryLimitBytes;

describeDocker("remedies on containers", () => {
  describeRelief({ name: "docker", runtime: dockerRuntime, suite: containerSuite, dependency: servant });

  test("more-memory: none without a limit; with the suite's own, times that, and back", async () => {
    await using free = await dockerSystem({ suite: containerSuite() });
    expect(await memoryLimit(free)).toBeUndefined();
    expect(free.processes.canRelieve(remedy("more-memory"))).toEqual({
      ok: false,
      reason: "no limit to lift",
    });
    await using held = await dockerSystem({ suite: containerSuite({ memoryBytes: 200 * MIB, cpus: 0.5 }) });
    expect(await memoryLimit(held)).toBe(200 * MIB);
    const relief = await held.processes.relieve(remedy("more-memory", "service", 1.5));
    expect(relief.receipt).toEqual({ on: "service", kind: "more-memory", seen: 1, acted: 1 });
    expect(await memoryLimit(held)).toBe(300 * MIB);
    await relief[Symbol.asyncDispose]();
    expect(await memoryLimit(held)).toBe(200 * MIB);
    // The suite's own cores are a limit too.
    await using cpu = await held.processes.relieve(remedy("more-cpu", "service", 2));
    expect(cpu.receipt.acted).toBe(1);
    expect((await ownContainers("service")).map(({ HostConfig }) => HostConfig.CpuQuota)).toContain(100_000);
  });

  test("more-memory: a memory-limit fault stays a fault under it, and both end in any order", async () => {
    await using system = await dockerSystem({ suite: containerSuite() });
    const fault = {
      kind: "memory-limit",
      on: "service",
      fraction: 1,
      attempts: 1,
      bytes: 120 * MIB,
    } as const;
    const inner = await system.processes.strike(fault, 1);
    expect(system.processes.canRelieve(remedy("more-memory"))).toEqual({ ok: true });
    const relief = await system.processes.relieve(remedy("more-memory", "service", 2));
    expect(await memoryLimit(system)).toBe(240 * MIB);
    expect(await inner.effect()).toEqual({ seen: 1, affected: 1 });
    await using replica = await system.processes.relieve(remedy("replica"));
    expect(replica.receipt.acted).toBe(1);
    const limits = (await system.processes.usage())
      .filter(({ name }) => name.startsWith("service"))
      .map(({ memoryLimitBytes }) => memoryLimitBytes);
    expect(limits).toEqual([240 * MIB, 240 * MIB]);
    await relief[Symbol.asyncDispose]();
    expect(await memoryLimit(system)).toBe(120 * MIB);
    await inner.clear();
    expect(await memoryLimit(system)).toBeUndefined();
    expect(system.processes.canRelieve(remedy("more-memory"))).toEqual({
      ok: false,
      reason: "no limit to lift",
    });

    const again = await system.processes.strike(fault, 1);
    const late = await system.processes.relieve(remedy("more-memory", "service", 2));
    await again.clear();
    await late[Symbol.asyncDispose]();
    expect(await memoryLimit(system)).toBeUndefined();
  });

  test("a replica bears the run's labels, and is gone with its remedy", async () => {
    await using system = await dockerSystem({ suite: containerSuite() });
    const before = (await ownContainers("service")).map(({ Id }) => Id);
    const relief = await system.processes.relieve(remedy("replica"));
    const during = (await ownContainers("service")).map(({ Id }) => Id);
    expect(during.filter((id) => !before.includes(id))).toHaveLength(1);
    await relief[Symbol.asyncDispose]();
    expect((await ownContainers("service")).map(({ Id }) => Id)).toEqual(before);
  });
});
