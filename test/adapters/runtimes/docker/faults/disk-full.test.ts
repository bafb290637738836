import { expect, test } from "vitest";
import { diskFull, tmpfsVolume } from "../../../../../src/adapters/runtimes/docker/faults/disk-full.ts";
import type { FaultOf } from "../../../../../src/core/fault.ts";
import { openLab, runIn } from "./lab.ts";

const MIB = 1024 * 1024;
const fault = (path = "/data", leaveBytes = 0): FaultOf<"disk-full"> => ({
  kind: "disk-full",
  on: "service",
  fraction: 1,
  attempts: 1,
  path,
  leaveBytes,
});
const limited = { "/data": tmpfsVolume("", {}, 8 * MIB) };
const write = (bytes: number): string =>
  `const fs = require("node:fs"); try { fs.writeFileSync("/data/own", Buffer.alloc(${bytes})); console.log("written"); } catch (error) { console.log(error.code); }`;

test("leaves no room in any replica, tells how much it took, and gives it back", async () => {
  await using lab = await openLab({ replicas: 2, volumes: limited });
  const [first, second] = lab.services as [(typeof lab.services)[number], (typeof lab.services)[number]];
  expect(await runIn(first, write(MIB))).toBe("written");
  const strike = await diskFull(lab.context, fault(), 1);
  expect(await strike.effect()).toEqual({ seen: 16 * MIB, affected: 15 * MIB });
  expect(await runIn(first, write(2 * MIB))).toBe("ENOSPC");
  expect(await runIn(second, write(4096))).toBe("ENOSPC");
  await strike.clear();
  await strike.clear();
  expect(await runIn(first, write(7 * MIB))).toBe("written");
  expect(await runIn(second, write(7 * MIB))).toBe("written");
  expect(await runIn(first, `console.log(require("node:fs").readdirSync("/data").join())`)).toBe("own");
  expect(await lab.leftovers()).toEqual([]);
});

test("leaves the bytes that shall be left, and says so where there are not so many", async () => {
  await using lab = await openLab({ volumes: limited });
  const [service] = lab.services as [(typeof lab.services)[number]];
  const strike = await diskFull(lab.context, fault("/data", MIB), 1);
  expect(await strike.effect()).toEqual({ seen: 8 * MIB, affected: 7 * MIB });
  expect(await runIn(service, write(MIB))).toBe("written");
  expect(await runIn(service, write(MIB + 4096))).toBe("ENOSPC");
  await strike.clear();
  await expect(diskFull(lab.context, fault("/data", 9 * MIB), 1)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: expect.stringContaining(`${9 * MIB} shall be left`),
  });
});

test("gives the room of one replica back where another's cannot be filled", async () => {
  await using lab = await openLab({ replicas: 2, volumes: limited });
  const [first, second] = lab.services as [(typeof lab.services)[number], (typeof lab.services)[number]];
  expect(await runIn(second, write(8 * MIB))).toBe("written");
  await expect(diskFull(lab.context, fault(), 1)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: expect.stringContaining(`only 0 of ${8 * MIB} bytes are free`),
  });
  expect(await runIn(first, write(8 * MIB))).toBe("written");
});

test("never fills a disk without a size", async () => {
  await using lab = await openLab({ volumes: { "/data": {} } });
  for (const path of ["/data", "/elsewhere"]) {
    await expect(diskFull(lab.context, fault(path), 1)).rejects.toMatchObject({
      code: "fault-unsupported",
      place: `${path} in service`,
      message: `disk-full: service has no volume with a size at ${path}.`,
    });
  }
});

test("a directory that belongs to the service's user alone is filled too", async () => {
  await using lab = await openLab({ volumes: limited });
  const [service] = lab.services as [(typeof lab.services)[number]];
  await runIn(
    service,
    `const fs = require("node:fs"); fs.chmodSync("/data", 0o700); fs.chownSync("/data", 1234, 1234);`,
  );
  const strike = await diskFull(lab.context, fault(), 1);
  expect(await runIn(service, write(4096))).toBe("ENOSPC");
  await strike.clear();
  expect(await runIn(service, write(4096))).toBe("written");
});

test("a target that is dead met nothing, and says so", async () => {
  await using lab = await openLab({ volumes: limited });
  await lab.services[0]?.kill();
  const strike = await diskFull(lab.context, fault(), 1);
  expect((await strike.effect()).affected).toBe(0);
  await strike.clear();
});
