/** Faults on a job's workers hold for whoever works while they last: started later, started again, on a new machine. */
import { expect, test } from "vitest";
import { runtimeEngine } from "../../../../src/adapters/engines/runtime.ts";
import type { Fault, FaultOf } from "../../../../src/core/fault.ts";
import type { Injection, RunningSystem } from "../../../../src/run/ports.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import { until } from "../../../support/services/living.ts";
import { ownContainers } from "./support/docker-system.ts";
import { base, type JobSystem, jobSystem, MIB } from "./support/job-system.ts";

const inject = (system: RunningSystem, fault: Fault): Promise<Injection> =>
  runtimeEngine().inject(system, [{ id: "f", fault, marks: { type: "all" }, seed: 1 }], 120_000);

const receipt = async (injection: Injection) => {
  const [only] = await injection.receipts();
  return { seen: only?.seen ?? 0, affected: only?.affected ?? 0 };
};

const killed = async (system: JobSystem): Promise<void> => {
  const before = system.exits().length;
  await system.processes.kill("service", "SIGKILL", 0);
  await until("the kill is told", () => system.exits().length > before);
};

const quotas = async (): Promise<(number | undefined)[]> =>
  (await ownContainers("service")).map(({ HostConfig }) => HostConfig.CpuQuota);

describeDocker("faults on the workers of a job", () => {
  test("full checkpoints: no byte more, what was saved outlives the only worker, and there is room afterwards", async () => {
    const fault: FaultOf<"disk-full"> = {
      ...base,
      kind: "disk-full",
      path: "{{checkpoints}}/shards",
      leaveBytes: 0,
    };
    await using system = await jobSystem({ workers: 2, faults: [fault], user: 65_532 });
    await system.up();
    const save = (step: number) => system.ask(`put/${8 * MIB}/squall/checkpoints/step-${step}`);
    expect((await save(1)).status).toBe(200);
    const injection = await inject(system, fault);
    const { seen, affected } = await receipt(injection);
    // One disk, whose workers are two.
    expect(seen).toBe(256 * MIB);
    expect(affected).toBeGreaterThan(240 * MIB);
    expect(await save(2)).toMatchObject({ status: 507, body: "ENOSPC" });
    // Its own disk is another.
    expect((await system.ask(`put/${8 * MIB}/squall/disk/cache`)).status).toBe(200);

    await killed(system);
    await system.up();
    expect(await save(2)).toMatchObject({ status: 507, body: "ENOSPC" });
    await killed(system);
    await system.job.replaceNode(0);
    await injection.clear();
    await system.up();
    expect((await save(2)).status).toBe(200);
    expect((await system.job.readFile("checkpoints", "step-1"))?.length).toBe(8 * MIB);
    expect(await system.answer("list/squall/checkpoints")).toEqual(["step-1", "step-2"]);
  });

  test("a full disk of the node's own is kept over a restart, and another one after a node replacement", async () => {
    const fault: FaultOf<"disk-full"> = { ...base, kind: "disk-full", path: "{{disk}}", leaveBytes: 0 };
    await using system = await jobSystem({ faults: [fault] });
    await system.up();
    await system.answer("put/5/squall/disk/shard");
    const injection = await inject(system, fault);
    await killed(system);
    await system.up();
    expect(await system.answer("list/squall/disk")).toContain("shard");
    expect(await system.ask(`put/${MIB}/squall/disk/more`)).toMatchObject({ status: 507, body: "ENOSPC" });
    await system.job.replaceNode(0);
    await system.up();
    expect(await system.answer("list/squall/disk")).toEqual([]);
    expect((await system.ask(`put/${MIB}/squall/disk/more`)).status).toBe(200);
    await injection.clear();
  });

  test("memory-limit: in force before the first start and on a new machine, gone when it is cleared", async () => {
    await using system = await jobSystem();
    const injection = await inject(system, { ...base, kind: "memory-limit", bytes: 160 * MIB });
    expect(await receipt(injection)).toEqual({ seen: 0, affected: 0 });
    const outOfMemory = { exitCode: null, signal: "SIGKILL", injected: false };
    for (const lives of [1, 2, 3]) {
      await system.up();
      expect(await receipt(injection)).toEqual({ seen: 1, affected: 1 });
      expect((await system.ask(`take/${400 * MIB}`)).status).not.toBe(200);
      await until("its end is told", () => system.exits().length === lives);
      expect(system.exits().at(-1)).toMatchObject(outOfMemory);
      // The second life is a restart, the third a new machine.
      if (lives === 2) await system.job.replaceNode(0);
    }
    await injection.clear();
    await system.up();
    expect((await system.ask(`take/${400 * MIB}`)).status).toBe(200);
  });

  test("cpu-limit: in force before the first start and on a new machine, gone when it is cleared", async () => {
    await using system = await jobSystem();
    const injection = await inject(system, { ...base, kind: "cpu-limit", cpus: 0.5 });
    await system.up();
    expect(await quotas()).toEqual([50_000]);
    await system.job.replaceNode(0);
    await system.up();
    expect(await quotas()).toEqual([50_000]);
    await injection.clear();
    expect(await quotas()).toEqual([-1]);
    await system.job.replaceNode(0);
    await system.up();
    expect((await quotas())[0] ?? 0).toBeLessThanOrEqual(0);
  });

  test("disconnect: a worker that is started meanwhile is off the network as well, and found again by its name", async () => {
    await using system = await jobSystem();
    const injection = await inject(system, { ...base, kind: "disconnect" });
    const lives = async (): Promise<void> => {
      await system.job.start(0);
      expect(await receipt(injection)).toEqual({ seen: 1, affected: 1 });
      expect((await system.ask("about")).status).not.toBe(200);
    };
    await lives();
    await killed(system);
    await lives();
    await system.job.replaceNode(0);
    await lives();
    await killed(system);
    await lives();
    await injection.clear();
    await until("it answers", async () => (await system.ask("about")).status === 200, 20_000);
  });

  test("disk-slow: every life of a worker is slowed and counted", async () => {
    await using system = await jobSystem();
    const fault: Fault = { ...base, kind: "disk-slow", writeBytesPerSecond: 4 * MIB };
    const injection = await inject(system, fault);
    for (const after of ["the first start", "a kill", "a node replacement"]) {
      await system.up();
      // Awaits that the fault stands.
      expect((await receipt(injection)).affected).toBeLessThan(MIB);
      await system.answer(`put/${MIB}/squall/checkpoints/step`);
      expect((await receipt(injection)).affected).toBeGreaterThanOrEqual(MIB);
      await killed(system);
      if (after === "a kill") await system.job.replaceNode(0);
    }
    await system.up();
    await injection.clear();
    await system.answer(`put/${MIB}/squall/checkpoints/step`);
  });

  test("dns-fail and a pause: a worker that starts meanwhile finds no name, one that runs stands still", async () => {
    const fault: FaultOf<"dns-fail"> = { ...base, kind: "dns-fail", names: ["data"] };
    await using system = await jobSystem({ faults: [fault] });
    const injection = await inject(system, fault);
    await system.up();
    expect((await system.ask("ask")).body).toMatch(/^(ENOTFOUND|EAI_AGAIN)/);
    await injection.clear();
    expect(await system.answer("ask")).toEqual({ status: 404 });
    const pause = await inject(system, { ...base, kind: "pause" });
    expect((await ownContainers("service")).map(({ State }) => State.Paused)).toEqual([true]);
    await pause.clear();
    expect(await system.answer("ask")).toEqual({ status: 404 });
  });
});
