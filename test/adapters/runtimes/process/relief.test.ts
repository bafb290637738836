import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { freePorts } from "../../../../src/adapters/runtimes/process/free-ports.ts";
import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import { describeRelief, remedy } from "../../../conformance/relief.ts";
import { said, startOptions } from "../../../conformance/runtime.ts";
import { childrenOf, isAlive, stateOf, until } from "../../../support/services/living.ts";
import { serviceProcess, serviceSuite } from "../../../support/services/service-suite.ts";

describeRelief({
  name: "process",
  runtime: processRuntime,
  suite: serviceSuite,
  dependency: (name) => ({ name, protocol: "http", source: { type: "command", process: serviceProcess() } }),
});

test("a fixed port has no room for one more replica, and no memory is limited here", async () => {
  const [port = 0] = await freePorts(1);
  await using system = await processRuntime().start(startOptions(serviceSuite({ port })));
  expect(system.processes.canRelieve(remedy("replica"))).toEqual({
    ok: false,
    reason: `the service's port ${port} is fixed (service.port)`,
  });
  expect(system.processes.canRelieve(remedy("more-memory"))).toEqual({
    ok: false,
    reason: "runtime process limits no memory",
  });
});

test("more-cpu lifts the limit that the system sees, and its end puts it back", async () => {
  await using system = await processRuntime().start(startOptions(serviceSuite()));
  const { pid } = await said(system);
  await fetch(`${system.serviceUrls[0]}/burn`);
  await system.processes.limitCpu("service", 0.05);
  await until("the limit bites", () => stateOf(pid) === "T");
  {
    // Far more than there are cores: it is never stopped.
    await using _relief = await system.processes.relieve(remedy("more-cpu", "service", 10_000));
    await until("it runs", () => stateOf(pid) !== "T");
    const states = new Set<string | undefined>();
    for (let look = 0; look < 40; look++) {
      states.add(stateOf(pid));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(states.has("T")).toBe(false);
  }
  await until("the limit bites again", () => stateOf(pid) === "T");
});

test("a replica that does not get ready leaves nothing", async () => {
  const claim = path.join(mkdtempSync(path.join(tmpdir(), "squall-claim-")), "claimed");
  await using system = await processRuntime().start(
    // The first start finds the file missing and fails as on a lost port: squall starts all again, and from then on it lives.
    startOptions(serviceSuite({ env: { AT_START: "port-taken", CLAIM: claim } })),
  );
  expect(existsSync(claim)).toBe(true);
  const before = childrenOf(process.pid).filter(isAlive);
  rmSync(claim);
  await expect(system.processes.relieve(remedy("replica"))).rejects.toMatchObject({
    code: "service-start-failed",
  });
  expect(childrenOf(process.pid).filter(isAlive)).toEqual(before);
  expect((await system.processes.usage()).map(({ name }) => name)).toEqual(["service"]);
  expect((await said(system)).pid).toBeGreaterThan(0);
});
