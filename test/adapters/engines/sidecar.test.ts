import { expect, test } from "vitest";
import { sidecarEngine } from "../../../src/adapters/engines/sidecar.ts";
import { processRuntime } from "../../../src/adapters/runtimes/process/process-runtime.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { RunningSystem, SidecarControl } from "../../../src/run/ports.ts";
import { describeEngine } from "../../conformance/engine.ts";
import { startOptions } from "../../conformance/runtime.ts";
import { serviceSuite } from "../../support/services/service-suite.ts";

const FAULT: Fault = {
  kind: "http-error",
  on: "client",
  fraction: 1,
  attempts: "all",
  status: 503,
  headers: {},
};

describeEngine({
  name: "sidecar",
  engine: sidecarEngine,
  start: () => processRuntime().start(startOptions(serviceSuite())),
  fault: FAULT,
  foreign: { kind: "pause", on: "service", fraction: 1, attempts: 1 },
  isStruck: async (system) => (await fetch(`${system.clientUrl}/ready`)).status === 503,
});

test("a sidecar that still reports a fault after clearing is an error, not a pass", async () => {
  const stuck = {
    setState: () => Promise.resolve(),
    receipts: () =>
      Promise.resolve({
        expired: false,
        receipts: [{ faultId: "f#1", edge: "client", seen: 1, affected: 1 }],
      }),
  } as unknown as SidecarControl;
  const system = { sidecar: stuck } as RunningSystem;
  const injection = await sidecarEngine().inject(
    system,
    [{ id: "f#1", fault: FAULT, marks: { type: "all" }, seed: 1 }],
    1000,
  );
  await expect(injection.clear()).rejects.toMatchObject({ code: "fault-not-cleared", place: "f#1" });
});
