import { expect, test } from "vitest";
import { disconnect } from "../../../../../src/adapters/runtimes/docker/faults/disconnect.ts";
import { endpointsOf } from "../../../../../src/adapters/runtimes/docker/faults/endpoint.ts";
import type { FaultOf } from "../../../../../src/core/fault.ts";
import { docker, get, openLab, runIn } from "./lab.ts";

const fault: FaultOf<"disconnect"> = { kind: "disconnect", on: "service", fraction: 1, attempts: 1 };

test("takes every replica off the network, and back with its names and its address", async () => {
  await using lab = await openLab({ replicas: 2 });
  const [first, second] = lab.services as [(typeof lab.services)[number], (typeof lab.services)[number]];
  const before = await Promise.all([endpointsOf(docker, first.id), endpointsOf(docker, second.id)]);
  const address = (await endpointsOf(docker, lab.sidecar.id))[0]?.address ?? "";
  expect(await runIn(first, get(address))).toBe("/hello");

  const strike = await disconnect(lab.context, fault, 1);
  expect(await strike.effect()).toEqual({ seen: 2, affected: 2 });
  // By address: without any network a look-up alone takes its time.
  expect(await runIn(first, get(address))).toBe("ENETUNREACH");
  await expect(
    runIn(lab.sidecar, `require("node:dns").lookup("service-2", (error) => { if (error) throw error; })`),
  ).rejects.toThrow("ENOTFOUND");

  await strike.clear();
  await strike.clear();
  expect(await strike.effect()).toEqual({ seen: 2, affected: 0 });
  expect(await Promise.all([endpointsOf(docker, first.id), endpointsOf(docker, second.id)])).toEqual(before);
  expect(await runIn(second, get("llm"))).toBe("/hello");
  expect(
    await runIn(
      lab.sidecar,
      `require("node:dns").lookup("service-2", (error) => { if (error) throw error; })`,
    ),
  ).toBe("");
});

test("comes back with its names though it was started meanwhile, or is on the network without them", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const [before] = await endpointsOf(docker, service.id);
  const strike = await disconnect(lab.context, fault, 1);
  await service.kill();
  await service.start();
  await docker.getNetwork(lab.network).connect({ Container: service.id });
  await strike.clear();
  const [after] = await endpointsOf(docker, service.id);
  expect(after).toEqual(before);
  expect(await runIn(service, get("llm"))).toBe("/hello");
});

test("has nothing to bring back of a container that is gone", async () => {
  await using lab = await openLab();
  const strike = await disconnect(lab.context, fault, 1);
  await lab.services[0]?.remove({ force: true });
  await expect(strike.clear()).resolves.toBeUndefined();
});

test("says that it could not bring it back where the network is gone", async () => {
  await using lab = await openLab();
  const strike = await disconnect(lab.context, fault, 1);
  const elsewhere = lab.network;
  await docker.getNetwork(elsewhere).disconnect({ Container: lab.sidecar.id, Force: true });
  const { IPAM } = (await docker.getNetwork(elsewhere).inspect()) as { IPAM: object };
  await docker.getNetwork(elsewhere).remove();
  try {
    await expect(strike.clear()).rejects.toMatchObject({
      code: "fault-not-cleared",
      message: expect.stringContaining(elsewhere),
    });
  } finally {
    await docker.createNetwork({ Name: elsewhere, IPAM });
  }
  // The step that failed is tried again.
  await strike.clear();
  expect((await endpointsOf(docker, lab.services[0]?.id ?? ""))[0]?.aliases).toContain("service-1");
});
