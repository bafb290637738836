/** Faults that the engine leaves to `ProcessControl.strike`, on real containers. */
import { expect, test } from "vitest";
import { runtimeEngine } from "../../../src/adapters/engines/runtime.ts";
import { endpointsOf } from "../../../src/adapters/runtimes/docker/faults/endpoint.ts";
import { strikeContainers } from "../../../src/adapters/runtimes/docker/faults/registry.ts";
import type { Fault, FaultOf } from "../../../src/core/fault.ts";
import type { RunningSystem } from "../../../src/run/ports.ts";
import { until } from "../../support/services/living.ts";
import { docker, type Lab, openLab } from "../runtimes/docker/faults/lab.ts";

const MIB = 1024 * 1024;
const targeting = { on: "service", fraction: 1, attempts: 1 } as const;
const disconnect: FaultOf<"disconnect"> = { kind: "disconnect", ...targeting };
const memory = (bytes: number): Fault => ({ kind: "memory-limit", bytes, ...targeting });

/** Of a running system these faults use nothing else. */
const systemOf = ({ context }: Lab): RunningSystem =>
  ({
    processes: { strike: (fault: Fault, seed: number) => strikeContainers(context, fault, seed) },
  }) as unknown as RunningSystem;

const placed = (...faults: Fault[]) =>
  faults.map((fault, index) => ({ id: `f#${index}`, fault, marks: { type: "all" as const }, seed: 1 }));

const isOnNetwork = async (lab: Lab): Promise<boolean> =>
  (await endpointsOf(docker, lab.services[0]?.id ?? "")).length > 0;

const limitOf = async (lab: Lab): Promise<number | undefined> =>
  (await lab.services[0]?.inspect())?.HostConfig.Memory;

test("the receipt is the strike's own effect, and clearing takes it away", async () => {
  await using lab = await openLab({ replicas: 2 });
  const injection = await runtimeEngine().inject(systemOf(lab), placed(disconnect), 20_000);
  expect(await isOnNetwork(lab)).toBe(false);
  expect(await injection.receipts()).toEqual([{ faultId: "f#0", edge: "service", seen: 2, affected: 2 }]);
  await injection.clear();
  await injection.clear();
  expect(await isOnNetwork(lab)).toBe(true);
});

test("a fault with a time of its own ends by itself, and its receipt tells what it did until then", async () => {
  await using lab = await openLab();
  const fault = { ...disconnect, forMs: 200 };
  const injection = await runtimeEngine().inject(systemOf(lab), placed(fault), 20_000);
  expect(await isOnNetwork(lab)).toBe(false);
  await until("it is back", () => isOnNetwork(lab));
  expect(await injection.receipts()).toEqual([{ faultId: "f#0", edge: "service", seen: 1, affected: 1 }]);
  await injection.clear();
});

test("the deadline ends it where nobody clears", async () => {
  await using lab = await openLab();
  await runtimeEngine().inject(systemOf(lab), placed(disconnect), 200);
  expect(await isOnNetwork(lab)).toBe(false);
  await until("it is back", () => isOnNetwork(lab));
});

test("a fault that cannot be done takes the others of its window with it", async () => {
  await using lab = await openLab();
  const names: Fault = { kind: "dns-fail", names: ["nobody"], ...targeting };
  await expect(
    runtimeEngine().inject(systemOf(lab), placed(disconnect, names), 20_000),
  ).rejects.toMatchObject({ code: "fault-unsupported", message: expect.stringContaining("nobody") });
  expect(await isOnNetwork(lab)).toBe(true);
});

test("what lies on top is taken away first", async () => {
  await using lab = await openLab({ host: { Memory: 300 * MIB, MemorySwap: 300 * MIB } });
  const injection = await runtimeEngine().inject(
    systemOf(lab),
    placed(memory(200 * MIB), memory(100 * MIB)),
    20_000,
  );
  expect(await limitOf(lab)).toBe(100 * MIB);
  await injection.clear();
  expect(await limitOf(lab)).toBe(300 * MIB);
});

test("a fault that the runtime cannot do is refused with what to do", async () => {
  await using lab = await openLab();
  const skew: Fault = { kind: "clock-skew", offsetMs: 1000, ...targeting };
  await expect(runtimeEngine().inject(systemOf(lab), placed(skew), 20_000)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: "Runtime docker cannot do clock-skew.",
  });
});
