/** What a suite says of containers, as the engine and the service inside see it. */
import { expect, test } from "vitest";
import { runtimeEngine } from "../../../../src/adapters/engines/runtime.ts";
import type { DependencySpec } from "../../../../src/core/suite.ts";
import { identify } from "../../../../src/sidecar/cassettes/request-identity.ts";
import { tapeHead, tapeLine } from "../../../../src/sidecar/cassettes/tape.ts";
import { describeDocker, testEngine } from "../../../support/docker/engine.ts";
import { containerSuite } from "../../../support/services/container-suite.ts";
import { until } from "../../../support/services/living.ts";
import { serviceProcess } from "../../../support/services/service-suite.ts";
import { dockerSystem, look, NOTES, ownContainers, servant } from "./support/docker-system.ts";

const MIB = 1024 * 1024;

/** NAME of the tiny service that was asked, by the notes service. */
const named = (body: string): string => {
  const { body: answer } = JSON.parse(body) as { body: string };
  return (JSON.parse(answer) as { env: Record<string, string> }).env["NAME"] ?? "";
};

describeDocker("containers of a suite", () => {
  test("dependencies on one port each have their own edge", async () => {
    await using system = await dockerSystem({
      suite: containerSuite({
        source: NOTES,
        env: { VECTOR: "{{vector}}", CACHE: "{{cache}}", THIRD: "http://third:8000" },
        dependencies: [servant("vector"), servant("cache"), servant("third")],
      }),
    });
    for (const name of ["vector", "cache", "third"]) {
      const { body } = await look(`${system.clientUrl}/ask/${name.toUpperCase()}`);
      expect(named(body)).toBe(name);
      const edges = (await system.sidecar.takeRecords()).map(({ edge }) => edge).toSorted();
      expect(edges).toEqual(["client", name].toSorted());
    }
  }, 60_000);

  test("a random replica is killed and started again, and the other goes on", async () => {
    await using system = await dockerSystem({ suite: containerSuite({ replicas: 2 }) });
    const instanceOf = async (url: string): Promise<string> =>
      (JSON.parse((await look(`${url}/`)).body) as { instance: string }).instance;
    const before = await Promise.all(system.serviceUrls.map(instanceOf));
    const fault = {
      kind: "kill",
      on: "service",
      fraction: 1,
      attempts: "all",
      signal: "SIGKILL",
      restartAfterMs: 1,
      replica: "random",
    } as const;
    const injection = await runtimeEngine().inject(
      system,
      [{ id: "k", fault, marks: { type: "all" }, seed: 3 }],
      60_000,
    );
    const [kill] = injection.kills?.() ?? [];
    const struck = kill?.replica ?? -1;
    expect([0, 1]).toContain(struck);
    expect(await injection.receipts()).toMatchObject([{ faultId: "k", affected: 1 }]);
    const url = (index: number): string => system.serviceUrls[index] ?? "";
    expect(await instanceOf(url(1 - struck))).toBe(before[1 - struck]);
    await injection.clear();
    await until(
      "the struck one answers again",
      async () => (await look(`${url(struck)}/ready`, 1000)).status === 200,
      20_000,
    );
    expect(await instanceOf(url(struck))).not.toBe(before[struck]);
    expect(await instanceOf(url(1 - struck))).toBe(before[1 - struck]);
    expect(system.processes.exits()).toMatchObject([{ signal: "SIGKILL", injected: true }]);
  }, 60_000);

  test("a command runs in the service's image, and a cassette is replayed", async () => {
    const tape =
      tapeHead() +
      tapeLine({
        ...identify("GET", "/who", Buffer.alloc(0)),
        status: 200,
        headers: [["content-type", "text/plain"]],
        headMs: 1,
        chunks: [{ atMs: 1, bytes: Buffer.from("as it was recorded") }],
        endMs: 2,
        end: "complete",
      });
    const tool: DependencySpec = {
      name: "tool",
      protocol: "http",
      source: {
        type: "command",
        process: serviceProcess({
          command: ["/usr/local/bin/node", "/service.ts", "--near", "{{deck}}"],
          env: { NAME: "the tool", HOST: "0.0.0.0" },
        }),
      },
    };
    const deck: DependencySpec = {
      name: "deck",
      protocol: "http",
      source: { type: "cassette", path: "tapes/deck.jsonl" },
    };
    await using system = await dockerSystem({
      suite: containerSuite({
        source: NOTES,
        env: { TOOL: "{{tool}}", DECK: "{{deck}}" },
        dependencies: [tool, deck],
      }),
      files: { "tapes/deck.jsonl": tape },
    });
    const { body } = await look(`${system.clientUrl}/ask/TOOL`);
    expect(named(body)).toBe("the tool");
    expect(body).toContain("http://deck:");
    const replayed = await look(`${system.clientUrl}/ask/DECK`);
    expect(JSON.parse(replayed.body)).toEqual({ status: 200, body: "as it was recorded" });
    const edges = (await system.sidecar.takeRecords()).map(({ edge }) => edge).toSorted();
    expect(edges).toEqual(["client", "client", "deck", "tool"]);
  }, 60_000);

  test("files are in it before it starts, volumes outlive a kill, and the engine holds it to its share", async () => {
    await using system = await dockerSystem({
      suite: containerSuite({
        source: NOTES,
        env: { DATA: "/notes" },
        files: [
          { source: "model.bin", target: "/models/small.bin" },
          { source: "prompts", target: "/prompts" },
        ],
        volumes: ["/notes"],
        cpus: 0.5,
        memoryBytes: 200 * MIB,
        cpuset: "0",
      }),
      files: { "model.bin": "weights", "prompts/en/hello.txt": "hello" },
    });
    const read = async (path: string): Promise<unknown> =>
      JSON.parse((await look(`${system.clientUrl}/${path}`)).body);
    expect(await read("read/models/small.bin")).toBe("weights");
    expect(await read("read/prompts/en/hello.txt")).toBe("hello");
    expect((await look(`${system.clientUrl}/write/1000`)).status).toBe(200);

    const [service] = await ownContainers("service");
    expect(service?.HostConfig).toMatchObject({
      CpuQuota: 50_000,
      CpuPeriod: 100_000,
      CpusetCpus: "0",
      Memory: 200 * MIB,
      MemorySwap: 200 * MIB,
    });
    const [volume = ""] = service?.Mounts.map(({ Name = "" }) => Name) ?? [];

    await system.processes.limitCpu("service", 0.1);
    expect((await ownContainers("service"))[0]?.HostConfig.CpuQuota).toBe(10_000);
    await system.processes.limitCpu("service", null);
    expect((await ownContainers("service"))[0]?.HostConfig.CpuQuota).toBe(50_000);

    await system.processes.kill("service", "SIGKILL", 0);
    await system.processes.restart("service", 0);
    await until(
      "it answers",
      async () => (await look(`${system.clientUrl}/ready`, 1000)).status === 200,
      20_000,
    );
    expect(await read("list")).toEqual(["note"]);

    await system[Symbol.asyncDispose]();
    const { docker } = await testEngine();
    await expect(docker.getVolume(volume).inspect()).rejects.toMatchObject({ statusCode: 404 });
  }, 60_000);
});
