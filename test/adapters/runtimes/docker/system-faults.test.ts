/** Container faults through the whole runtime: what a client sees, the receipt, cleared, and all works again. */
import { expect, test } from "vitest";
import { runtimeEngine } from "../../../../src/adapters/engines/runtime.ts";
import type { Fault, FaultOf } from "../../../../src/core/fault.ts";
import type { Experiment } from "../../../../src/core/suite.ts";
import type { Injection, RunningSystem } from "../../../../src/run/ports.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import { containerSuite } from "../../../support/services/container-suite.ts";
import { until } from "../../../support/services/living.ts";
import { stub } from "../../../support/services/service-suite.ts";
import { dockerSystem, look, NOTES, servant } from "./support/docker-system.ts";

const MIB = 1024 * 1024;
const DEADLINE_MS = 120_000;
const base = { on: "service", fraction: 1, attempts: "all" } as const;

const start = (faults: readonly Fault[] = []): Promise<RunningSystem> =>
  dockerSystem({
    suite: {
      ...containerSuite({
        source: NOTES,
        env: { VECTOR: "{{vector}}", LLM: "{{llm}}", DATA: "/data" },
        volumes: ["/data"],
        dependencies: [servant("vector"), stub("llm")],
      }),
      experiments: faults.map((fault): Experiment => ({ name: fault.kind, faults: [fault], expect: [] })),
    },
  });

const inject = (system: RunningSystem, fault: Fault): Promise<Injection> =>
  runtimeEngine().inject(system, [{ id: "f", fault, marks: { type: "all" }, seed: 1 }], DEADLINE_MS);

const receipt = async (injection: Injection) => {
  const [only] = await injection.receipts();
  return { seen: only?.seen ?? 0, affected: only?.affected ?? 0 };
};

/** Its answer when it asks a dependency. */
const asked = async (system: RunningSystem, name: string): Promise<string> => {
  const { status, body } = await look(`${system.clientUrl}/ask/${name}`);
  return status === 200 ? String((JSON.parse(body) as { status: number }).status) : `${status} ${body}`;
};

describeDocker("faults on the containers of a run", () => {
  test("dns-fail: the service finds one dependency no more, the client finds the service all the same", async () => {
    const fault: FaultOf<"dns-fail"> = { ...base, kind: "dns-fail", names: ["vector"] };
    await using system = await start([fault]);
    expect(await asked(system, "VECTOR")).toBe("200");
    const injection = await inject(system, fault);
    expect(await receipt(injection)).toEqual({ seen: 1, affected: 1 });
    expect(await asked(system, "VECTOR")).toMatch(/^504 (ENOTFOUND|EAI_AGAIN)/);
    expect(await asked(system, "LLM")).toBe("404");
    expect((await look(`${system.serviceUrls[0]}/ready`)).status).toBe(200);
    await injection.clear();
    expect(await asked(system, "VECTOR")).toBe("200");
    const edges = (await system.sidecar.takeRecords()).map(({ edge }) => edge);
    expect(edges.filter((edge) => edge === "vector")).toHaveLength(2);
  }, 60_000);

  test("packet-loss in front of the service and before a dependency, and a dependency off the network", async () => {
    await using system = await start();
    for (const on of ["client", "vector"]) {
      const injection = await inject(system, { ...base, kind: "packet-loss", on, rate: 1 });
      const answer =
        on === "client"
          ? String((await look(`${system.clientUrl}/ready`, 1500)).status)
          : await asked(system, "VECTOR");
      expect(answer).toMatch(on === "client" ? /^0$/ : /^504/);
      const { seen, affected } = await receipt(injection);
      expect(affected).toBeGreaterThan(0);
      expect(seen).toBeGreaterThanOrEqual(affected);
      await injection.clear();
      expect(await asked(system, "VECTOR")).toBe("200");
    }

    const cut = await inject(system, { ...base, kind: "disconnect", on: "vector" });
    expect(await receipt(cut)).toEqual({ seen: 1, affected: 1 });
    expect(await asked(system, "VECTOR")).not.toBe("200");
    expect(await asked(system, "LLM")).toBe("404");
    await cut.clear();
    await until(
      "the dependency answers again",
      async () => (await asked(system, "VECTOR")) === "200",
      20_000,
    );
  }, 90_000);

  test("disconnect of the service: nobody finds it, and it is found again", async () => {
    await using system = await start();
    const injection = await inject(system, { ...base, kind: "disconnect" });
    expect(await receipt(injection)).toEqual({ seen: 1, affected: 1 });
    expect((await look(`${system.clientUrl}/ready`, 1500)).status).not.toBe(200);
    await injection.clear();
    await until("it answers again", async () => (await asked(system, "VECTOR")) === "200", 20_000);
    expect(system.processes.exits()).toEqual([]);
  }, 60_000);

  test("disk-full: writing fails with ENOSPC, reading goes on, and there is room afterwards", async () => {
    const fault: FaultOf<"disk-full"> = { ...base, kind: "disk-full", path: "/data", leaveBytes: 0 };
    await using system = await start([fault]);
    const write = (): Promise<{ status: number; body: string }> =>
      look(`${system.clientUrl}/write/${8 * MIB}`);
    expect((await write()).status).toBe(200);
    const injection = await inject(system, fault);
    const { seen, affected } = await receipt(injection);
    expect(affected).toBeGreaterThan(40 * MIB);
    expect(seen).toBeGreaterThanOrEqual(affected);
    // What it wrote before is there to be overwritten, and no byte more.
    expect(await look(`${system.clientUrl}/write/${16 * MIB}`)).toMatchObject({
      status: 507,
      body: "ENOSPC",
    });
    expect((await look(`${system.clientUrl}/list`)).body).toContain("note");
    await injection.clear();
    expect((await look(`${system.clientUrl}/write/${16 * MIB}`)).status).toBe(200);
    expect((await look(`${system.clientUrl}/list`)).body).toBe('["note"]');
  }, 60_000);

  test("disk-slow: what is written takes longer, and is counted", async () => {
    await using system = await start();
    const writeMs = async (): Promise<number> => (await look(`${system.clientUrl}/write/${MIB}`)).ms;
    await writeMs();
    const injection = await inject(system, { ...base, kind: "disk-slow", writeBytesPerSecond: MIB / 2 });
    expect(await receipt(injection)).toEqual({ seen: 0, affected: 0 });
    const slowMs = await writeMs();
    // 1 MiB at half a MiB a second; the kernel lets a little through at once.
    expect(slowMs).toBeGreaterThan(1500);
    const { seen, affected } = await receipt(injection);
    expect(affected).toBeGreaterThanOrEqual(MIB);
    expect(seen).toBeGreaterThanOrEqual(affected);
    await injection.clear();
    expect(await writeMs()).toBeLessThan(slowMs);
  }, 60_000);

  test("memory-limit: what takes more is ended by the kernel, and may take it when started without the limit", async () => {
    await using system = await start();
    const injection = await inject(system, { ...base, kind: "memory-limit", bytes: 160 * MIB });
    expect(await receipt(injection)).toEqual({ seen: 1, affected: 1 });
    expect((await look(`${system.clientUrl}/ready`)).status).toBe(200);
    expect((await look(`${system.clientUrl}/take/${400 * MIB}`)).status).not.toBe(200);
    await until("its end is seen", () => system.processes.exits().length > 0);
    expect(system.processes.exits()).toMatchObject([{ name: "service", signal: "SIGKILL", injected: false }]);
    await injection.clear();
    await system.processes.restart("service", 0);
    await until("it answers", async () => (await look(`${system.clientUrl}/ready`)).status === 200, 20_000);
    expect((await look(`${system.clientUrl}/take/${400 * MIB}`)).status).toBe(200);
  }, 60_000);
});
