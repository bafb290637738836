import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import type { RunningSystem } from "../../../../src/run/ports.ts";
import { answers, said, startOptions } from "../../../conformance/runtime.ts";
import { childrenOf, isAlive, stateOf, until } from "../../../support/services/living.ts";
import { serviceSuite } from "../../../support/services/service-suite.ts";

/** Cores the service uses over the span. A measurement over time, so it is the time that is awaited. */
const coresOver = async (system: RunningSystem, spanMs: number): Promise<number> => {
  await system.processes.usage();
  await sleep(spanMs);
  const usage = await system.processes.usage();
  return usage.find(({ name }) => name === "service")?.cpu ?? Number.NaN;
};

describe("faults on a service that burns a core", () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await processRuntime().start(startOptions(serviceSuite()));
    await fetch(`${system.serviceUrls[0]}/burn`);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test("a CPU limit makes its measured use fall clearly, and lifting it lets it run again", async () => {
    const { pid } = await said(system);
    const free = await coresOver(system, 700);
    await system.processes.limitCpu("service", 0.05);
    await until("the limit bites", () => stateOf(pid) === "T");
    const limited = await coresOver(system, 1500);
    await system.processes.limitCpu("service", null);
    await until("it runs", () => stateOf(pid) !== "T");
    const lifted = await coresOver(system, 700);
    // Ratios: on a machine that others use, a free process gets less than a core.
    expect(limited).toBeLessThan(free * 0.75);
    expect(limited).toBeLessThan(0.2);
    expect(limited).toBeGreaterThan(0);
    expect(lifted).toBeGreaterThan(limited * 1.3);
  });

  test("a pause holds through a CPU limit, which is in force again afterwards", async () => {
    const { pid } = await said(system);
    await system.processes.limitCpu("service", 0.1);
    await system.processes.pause("service");
    await sleep(100); // What was under way in the keeper ends.
    const states = new Set<string | undefined>();
    for (let look = 0; look < 25; look++) {
      states.add(stateOf(pid));
      await sleep(10);
    }
    expect([...states]).toEqual(["T"]);
    await system.processes.resume("service");
    await until("it runs", () => stateOf(pid) !== "T");
    await until("the limit bites again", () => stateOf(pid) === "T");
    await system.processes.limitCpu("service", null);
    await until("it answers", () => answers(`${system.serviceUrls[0]}/ready`));
  });
});

test("a signal the service handles kills nothing, and a restart then leaves it alone", async () => {
  await using system = await processRuntime().start(startOptions(serviceSuite()));
  const { pid } = await said(system);
  await system.processes.kill("service", "SIGUSR2", 0);
  await system.processes.restart("service", 0);
  expect((await said(system)).pid).toBe(pid);
  // Its own death later is its own, though a signal of ours came before.
  await fetch(`${system.serviceUrls[0]}/crash`).catch(() => undefined);
  await until("its exit is seen", () => system.processes.exits().length > 0);
  expect(system.processes.exits()).toMatchObject([{ exitCode: 9, injected: false }]);
});

test("SIGTERM wakes and ends a paused service; one that takes no notice is replaced at the restart", async () => {
  await using system = await processRuntime().start(startOptions(serviceSuite({ replicas: 2 })));
  await system.processes.pause("service-1");
  const { replica } = await system.processes.kill("service", "SIGTERM", 0);
  expect(replica).toBe(0);
  expect(system.processes.exits()).toMatchObject([{ name: "service", signal: "SIGTERM", injected: true }]);

  await using stubborn = await processRuntime().start(startOptions(serviceSuite({ env: { STUBBORN: "1" } })));
  const { pid } = await said(stubborn);
  await stubborn.processes.kill("service", "SIGTERM", 0);
  expect(isAlive(pid)).toBe(true);
  await stubborn.processes.restart("service", 0);
  expect(isAlive(pid)).toBe(false);
  await until("the new one answers", () => answers(`${stubborn.serviceUrls[0]}/ready`), 10_000);
  expect(stubborn.processes.exits()).toMatchObject([{ signal: "SIGKILL", injected: true }]);
});

test("stress is there until its handle is disposed", async () => {
  await using system = await processRuntime().start(startOptions(serviceSuite()));
  const before = new Set(childrenOf(process.pid));
  const cpu = await system.processes.stressCpu(2, 0.1);
  const memory = await system.processes.stressMemory(48 << 20);
  const neighbours = childrenOf(process.pid).filter((pid) => !before.has(pid));
  expect(neighbours).toHaveLength(3);
  await cpu[Symbol.asyncDispose]();
  await memory[Symbol.asyncDispose]();
  expect(neighbours.filter(isAlive)).toEqual([]);
  // More than there is: refused before a byte is taken.
  await expect(system.processes.stressMemory(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
    code: "fault-unsupported",
  });
});
