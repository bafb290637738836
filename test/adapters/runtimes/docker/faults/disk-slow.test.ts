import { expect, test } from "vitest";
import { diskSlow, diskSlowSupported } from "../../../../../src/adapters/runtimes/docker/faults/disk-slow.ts";
import type { FaultOf } from "../../../../../src/core/fault.ts";
import { openLab, runIn } from "./lab.ts";

const MIB = 1024 * 1024;
const fault = (
  limits: Partial<Pick<FaultOf<"disk-slow">, "readBytesPerSecond" | "writeBytesPerSecond">>,
): FaultOf<"disk-slow"> => ({ kind: "disk-slow", on: "service", fraction: 1, attempts: 1, ...limits });

/** Writes so many bytes to the disk itself, and tells the ms it took. */
const writeSynced = (bytes: number): string =>
  `const fs = require("node:fs"); const file = fs.openSync("/written", "w"); const start = performance.now();
  for (let left = ${bytes}; left > 0; left -= 262144) { fs.writeSync(file, Buffer.alloc(262144, 1)); fs.fdatasyncSync(file); }
  console.log(performance.now() - start);`;

test("slows what is written, counts it, and lets it run again", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const calmMs = Number(await runIn(service, writeSynced(MIB)));
  const strike = await diskSlow(lab.context, fault({ writeBytesPerSecond: MIB / 2 }), 1);
  expect(await strike.effect()).toEqual({ seen: 0, affected: 0 });
  const slowMs = Number(await runIn(service, writeSynced(MIB)));
  // 1 MiB at half a MiB a second; the kernel lets a little through at once.
  expect(slowMs).toBeGreaterThan(1500);
  const { seen, affected } = await strike.effect();
  expect(affected).toBeGreaterThanOrEqual(MIB);
  expect(seen).toBeGreaterThanOrEqual(affected);
  await strike.clear();
  await strike.clear();
  const clearedMs = Number(await runIn(service, writeSynced(MIB)));
  expect(clearedMs).toBeLessThan(Math.max(1000, calmMs * 5));
  expect(await lab.leftovers()).toEqual([]);
});

test("one over another gives back the other's limit", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const first = await diskSlow(lab.context, fault({ writeBytesPerSecond: MIB / 2 }), 1);
  const second = await diskSlow(
    lab.context,
    fault({ readBytesPerSecond: MIB, writeBytesPerSecond: 100 * MIB }),
    1,
  );
  await second.clear();
  expect(Number(await runIn(service, writeSynced(MIB)))).toBeGreaterThan(1500);
  await first.clear();
  expect(Number(await runIn(service, writeSynced(MIB)))).toBeLessThan(1500);
});

test("what died took its limit along", async () => {
  await using lab = await openLab();
  const strike = await diskSlow(lab.context, fault({ writeBytesPerSecond: MIB }), 1);
  await lab.services[0]?.kill();
  expect(await strike.effect()).toEqual({ seen: 0, affected: 0 });
  await strike.clear();
  await lab.services[0]?.start();
  await strike.clear();
});

test("says at plan time where the engine or its kernel cannot", () => {
  expect(diskSlowSupported({ cgroupVersion: 1 })).toEqual({ ok: true });
  expect(
    diskSlowSupported({ cgroupVersion: 2, warnings: ["WARNING: bridge-nf-call-iptables is disabled"] }),
  ).toEqual({ ok: true });
  for (const line of [
    "WARNING: No blkio throttle.write_bps_device support",
    "WARNING: No io.max (wbps) support",
  ]) {
    expect(diskSlowSupported({ cgroupVersion: 2, warnings: [line] })).toMatchObject({
      ok: false,
      reason: expect.stringContaining(line.slice(9)),
    });
  }
  expect(diskSlowSupported({ cgroupVersion: 2, rootless: true })).toMatchObject({
    ok: false,
    reason: expect.stringContaining("rootless"),
  });
});
