import { expect, test } from "vitest";
import { memoryLimit } from "../../../../../src/adapters/runtimes/docker/faults/memory-limit.ts";
import type { FaultOf } from "../../../../../src/core/fault.ts";
import { docker, type Lab, openLab, runIn } from "./lab.ts";

const MIB = 1024 * 1024;
const fault = (bytes: number): FaultOf<"memory-limit"> => ({
  kind: "memory-limit",
  on: "service",
  fraction: 1,
  attempts: 1,
  bytes,
});

/** What the kernel holds each to, as far as the machine's own memory. */
const limits = async ({ services }: Lab): Promise<readonly number[]> => {
  const machineBytes = Number((await docker.info()).MemTotal);
  const files = ["/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"];
  const program = `const fs = require("node:fs"); const file = ${JSON.stringify(files)}.find((each) => fs.existsSync(each)); console.log(fs.readFileSync(file, "utf8"));`;
  const held = await Promise.all(services.map((service) => runIn(service, program)));
  return held.map((text) => Math.min(text === "max" ? Number.POSITIVE_INFINITY : Number(text), machineBytes));
};

test("holds every replica to the bytes, tells so, and gives all the machine's memory back", async () => {
  await using lab = await openLab({ replicas: 2 });
  const before = await limits(lab);
  const strike = await memoryLimit(lab.context, fault(100 * MIB), 1);
  expect(await limits(lab)).toEqual([100 * MIB, 100 * MIB]);
  expect(await strike.effect()).toEqual({ seen: 2, affected: 2 });
  await strike.clear();
  await strike.clear();
  expect(await limits(lab)).toEqual(before);
  expect(await strike.effect()).toEqual({ seen: 2, affected: 0 });
  const again = await memoryLimit(lab.context, fault(64 * MIB), 1);
  expect(await limits(lab)).toEqual([64 * MIB, 64 * MIB]);
  await again.clear();
  expect(await limits(lab)).toEqual(before);
});

test("puts back the limit that stood before", async () => {
  await using lab = await openLab({ host: { Memory: 200 * MIB, MemorySwap: 300 * MIB } });
  const strike = await memoryLimit(lab.context, fault(90 * MIB), 1);
  await strike.clear();
  const { Memory, MemorySwap } = (await lab.services[0]!.inspect()).HostConfig;
  expect([Memory, MemorySwap]).toEqual([200 * MIB, 300 * MIB]);
});

test("is not there any more when the container was killed and started, and cleared", async () => {
  await using lab = await openLab();
  const before = await limits(lab);
  const strike = await memoryLimit(lab.context, fault(80 * MIB), 1);
  await lab.services[0]!.kill();
  await lab.services[0]!.start();
  expect(await limits(lab)).toEqual([80 * MIB]);
  await lab.services[0]!.kill();
  await strike.clear();
  await lab.services[0]!.start();
  expect(await limits(lab)).toEqual(before);
});

test("says what is in use where the kernel refuses, and leaves no replica held", async () => {
  const holds = "globalThis.held = Buffer.alloc(60 * 1024 * 1024, 1); setInterval(() => undefined, 1e6);";
  await using lab = await openLab({ replicas: 2, program: holds });
  const before = await limits(lab);
  const info = (await docker.info()) as { CgroupVersion?: string };
  // Under v2 the kernel takes the limit, and ends the process.
  if (info.CgroupVersion === "2") {
    const strike = await memoryLimit(lab.context, fault(16 * MIB), 1);
    await strike.clear();
    return;
  }
  await expect(memoryLimit(lab.context, fault(16 * MIB), 1)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: expect.stringMatching(/^service cannot be held to 16\.0 MiB: it uses \d+\.\d MiB/),
    remedy: expect.stringContaining("more bytes"),
  });
  expect(await limits(lab)).toEqual(before);
});

test("says what the engine says of a limit below its smallest", async () => {
  await using lab = await openLab();
  await expect(memoryLimit(lab.context, fault(MIB), 1)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: expect.stringMatching(/minimum/i),
  });
});

test("has nothing to lift from a container that is gone", async () => {
  await using lab = await openLab();
  const strike = await memoryLimit(lab.context, fault(80 * MIB), 1);
  await lab.services[0]!.remove({ force: true });
  expect(await strike.effect()).toEqual({ seen: 1, affected: 0 });
  await strike.clear();
});
